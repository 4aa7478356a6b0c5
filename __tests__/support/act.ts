import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { installCommands } from './commands/install.ts';
import { OWN, OWN_ID } from './github.ts';
import type { World } from './world.ts';

const run = promisify(execFile);
const ROOT = path.resolve(import.meta.dirname, '../..');

/**
 * What runs instead of the two scripts that an example leaves to its reader: says what it was given. It also prints the secret,
 * as a careless script might, because the runner has to mask it.
 */
const DEPLOY = `#!/usr/bin/env node
const { createHash } = require('node:crypto');
const { VANTAGE_CLIENT_ID, VANTAGE_CLIENT_SECRET = '' } = process.env;
const digest = createHash('sha256').update(VANTAGE_CLIENT_SECRET).digest('hex');
console.log('deployed', VANTAGE_CLIENT_ID, 'with', digest, 'of', VANTAGE_CLIENT_SECRET);
`;

/** Stands for the action that gets the token of a GitHub App: the private key is the token. */
const APP_TOKEN = `name: Token of a GitHub App
description: Stands for the action of this name
inputs:
  client-id:
    description: ID of the app
  private-key:
    description: The token
    required: true
outputs:
  token:
    description: The token
    value: \${{ steps.token.outputs.token }}
runs:
  using: composite
  steps:
    - id: token
      shell: bash
      env:
        TOKEN: \${{ inputs.private-key }}
      run: echo "token=$TOKEN" >> "$GITHUB_OUTPUT"
`;

/** Stands for the action that signs in to Azure. */
const AZURE_LOGIN = `name: Azure Login
description: Stands for the action of this name
inputs:
  client-id:
    description: ID of the application
  tenant-id:
    description: ID of the tenant
  subscription-id:
    description: ID of the subscription
runs:
  using: composite
  steps:
    - shell: bash
      run: touch "$COMMAND_STATE/azure-login"
`;

/** Stands for the action that keeps a file for later jobs. */
const UPLOAD_ARTIFACT = `name: Upload a file
description: Stands for the action of this name
inputs:
  name:
    description: Name of the artifact
  path:
    description: Path of the file
  retention-days:
    description: How long to keep it
runs:
  using: composite
  steps:
    - shell: bash
      env:
        NAME: \${{ inputs.name }}
        FILE: \${{ inputs.path }}
      run: mkdir -p "$COMMAND_STATE/artifacts/$NAME" && cp "$FILE" "$COMMAND_STATE/artifacts/$NAME"
`;

/** Stands for the action that gets these files. */
const DOWNLOAD_ARTIFACT = `name: Download files
description: Stands for the action of this name
inputs:
  pattern:
    description: Pattern of the names
  path:
    description: Path of the folder
runs:
  using: composite
  steps:
    - shell: bash
      env:
        PATTERN: \${{ inputs.pattern }}
        FOLDER: \${{ inputs.path }}
      run: mkdir -p "$FOLDER" && cp -R "$COMMAND_STATE"/artifacts/$PATTERN "$FOLDER"
`;

/** What stands for the actions of others, by their names. act handles actions/checkout by itself. */
const STAND_INS = {
  'actions/create-github-app-token': APP_TOKEN,
  'actions/download-artifact': DOWNLOAD_ARTIFACT,
  'actions/upload-artifact': UPLOAD_ARTIFACT,
  'azure/login': AZURE_LOGIN,
} as const;

/** What starts a workflow. */
export interface ActTrigger {
  readonly event: string;
  readonly payload?: Readonly<Record<string, unknown>>;
  /** Variables and secrets in addition to those that every example gets, or instead of them. */
  readonly vars?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, string>>;
  /** Called once act runs. */
  readonly onStart?: (act: ChildProcess) => void;
}

export interface ActRun {
  readonly exitCode: number | null;
  /** Everything that act prints. */
  readonly log: string;
}

/** A repository with the examples as its workflows, and act to run them with the emulators of a tenant. */
export class ActRepository implements AsyncDisposable {
  readonly #act: string;
  readonly #world: World;
  readonly #folder: string;

  private constructor(act: string, world: World, folder: string) {
    this.#act = act;
    this.#world = world;
    this.#folder = folder;
  }

  static async create(act: string, world: World): Promise<ActRepository> {
    const folder = await mkdtemp(path.join(tmpdir(), 'act-test-'));
    const inFolder = (file: string) => path.join(folder, file);
    await cp(path.join(ROOT, 'examples'), inFolder('repository/.github/workflows'), { recursive: true });
    await cp(path.join(ROOT, 'examples/vantage'), inFolder('repository/vantage'), { recursive: true });
    for (const script of ['deploy.sh', 'deploy-preview.sh']) {
      await writeFile(inFolder(`repository/${script}`), DEPLOY);
      await chmod(inFolder(`repository/${script}`), 0o755);
    }
    await mkdir(inFolder('action'));
    await cp(path.join(ROOT, 'action.yml'), inFolder('action/action.yml'));
    await cp(path.join(ROOT, 'dist'), inFolder('action/dist'), { recursive: true });
    for (const [action, definition] of Object.entries(STAND_INS)) {
      await mkdir(inFolder(action), { recursive: true });
      await writeFile(inFolder(`${action}/action.yml`), definition);
    }
    await installCommands(inFolder('bin'));
    await mkdir(inFolder('state'));
    // The token of a workflow, as `gh` knows it.
    await writeFile(inFolder('state/tokens.json'), JSON.stringify({ [world.token]: { issues: 'write' } }));

    // act reads the name of the repository from its remote, and the commit from its history.
    const git = (...args: string[]) => run('git', ['-C', inFolder('repository'), ...args]);
    const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', '-c', 'commit.gpgSign=false'];
    await git('init', '--quiet', '--initial-branch=main');
    await git('remote', 'add', 'origin', `https://github.com/${OWN.owner}/${OWN.repo}.git`);
    await git('add', '--all');
    await git(...identity, 'commit', '--quiet', '--message', 'Examples');
    return new ActRepository(act, world, folder);
  }

  /** What a command keeps in a file. */
  async kept(file: string): Promise<string> {
    return await readFile(path.join(this.#folder, 'state', file), 'utf8').catch(() => '');
  }

  /** Runs an example, unchanged. */
  async run(example: string, trigger: ActTrigger): Promise<ActRun> {
    const source = await readFile(path.join(ROOT, 'examples', example), 'utf8');
    const workDirectory = path.join(this.#folder, 'repository');
    await this.#writeEvent(trigger.payload ?? {});
    await this.#writeValues('vars', namesIn(source, 'vars'), { ...this.#vars(), ...trigger.vars });
    await this.#writeValues('secrets', namesIn(source, 'secrets'), { ...this.#secrets(), ...trigger.secrets });
    const args = [
      ...[trigger.event, '--workflows', `.github/workflows/${example}`, '--platform', 'ubuntu-latest=-self-hosted'],
      ...['--actor', 'octocat', '--no-cache-server', '--action-offline-mode'],
      ...['--eventpath', '../event.json', '--var-file', '../vars', '--secret-file', '../secrets', '--env-file', ''],
      ...['--env', `GITHUB_REPOSITORY_ID=${OWN_ID}`, '--env', `GITHUB_API_URL=${this.#world.github.apiUrl}`],
      ...['--env', `COMMAND_STATE=${path.join(this.#folder, 'state')}`],
      ...localActions(source, this.#folder),
    ];
    // Its caches and settings go with the folder. Node comes first on the PATH of npm's scripts.
    const env = {
      PATH: `${path.join(this.#folder, 'bin')}:${process.env.PATH}`,
      HOME: this.#folder,
      XDG_CACHE_HOME: path.join(this.#folder, 'cache'),
    };
    const act = spawn(this.#act, args, { cwd: workDirectory, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let log = '';
    for (const stream of [act.stdout, act.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        log += text;
      });
    }
    trigger.onStart?.(act);
    await once(act, 'close');
    return { exitCode: act.exitCode, log };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  #vars(): Readonly<Record<string, string>> {
    const { vantage } = this.#world;
    return {
      AZURE_KEY_VAULT: 'octo-vault', // the one that `az` knows
      VANTAGE_BASE_URL: vantage.baseUrl,
      VANTAGE_TENANT_ID: vantage.tenantId,
      VANTAGE_ADMIN_CLIENT_ID: vantage.administrator.clientId,
    };
  }

  #secrets(): Readonly<Record<string, string>> {
    const { vantage, token } = this.#world;
    return { VANTAGE_ADMIN_CLIENT_SECRET: vantage.administrator.clientSecret, GITHUB_TOKEN: token };
  }

  async #writeEvent(payload: Readonly<Record<string, unknown>>): Promise<void> {
    const repository = { id: OWN_ID, full_name: `${OWN.owner}/${OWN.repo}` };
    await writeFile(path.join(this.#folder, 'event.json'), JSON.stringify({ repository, ...payload }));
  }

  /** Gives each name its value. An app has some ID, and the token as its private key. */
  async #writeValues(file: string, names: readonly string[], values: Readonly<Record<string, string>>): Promise<void> {
    const known = Object.fromEntries(
      names.map(name => [name, name.endsWith('_PRIVATE_KEY') ? this.#world.token : 'some-id']),
    );
    const lines = Object.entries({ ...known, ...values }).map(([name, value]) => `${name}=${value}\n`);
    await writeFile(path.join(this.#folder, file), lines.join(''));
  }
}

/** The names of the variables or secrets that a workflow reads, but for those that only a later job of it can know. */
function namesIn(source: string, context: 'vars' | 'secrets'): readonly string[] {
  const names = [...source.matchAll(new RegExp(`\\b${context}\\.(\\w+)`, 'gu'))].map(([, name = '']) => name);
  return [...new Set(names)].filter(name => name.includes('_APP_') || name.startsWith('AZURE_'));
}

/** Where act finds each action that a workflow uses, whatever its ref. */
function localActions(source: string, folder: string): readonly string[] {
  const uses = [...source.matchAll(/uses: (\S+)/gu)].map(([, action = '']) => action);
  return uses.flatMap(action => {
    const [name = ''] = action.split('@');
    const local = name.startsWith('OWNER/') ? 'action' : name;
    return local === 'action' || local in STAND_INS
      ? ['--local-repository', `${action}=${path.join(folder, local)}`]
      : [];
  });
}
