import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from '@jest/globals';
import { parse } from 'yaml';
import type { Permissions } from '../../emulator/github/index.ts';
import { parseKeyValueFile } from '../../emulator/runner/command-files.ts';
import { RUNNER_ENVIRONMENT } from '../../emulator/runner/environment.ts';
import { evaluate, holds } from '../../emulator/runner/expressions.ts';
import { StepLog } from '../../emulator/runner/step-log.ts';
import { clockAt } from './clock.ts';
import type { Issue } from './commands/gh.ts';
import { installCommands } from './commands/install.ts';
import { OWN, OWN_ID } from './github.ts';
import { findLeaks } from './leaks.ts';
import { runPost } from './post.ts';
import { errorOf, type Step } from './step.ts';
import { canariesOf } from './vantage.ts';
import { World, type WorldOptions } from './world.ts';

type Texts = Readonly<Record<string, string>>;

/** A step of a workflow, as YAML has it. */
export interface StepYaml {
  readonly id?: string;
  readonly name?: string;
  readonly if?: unknown;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, unknown>>;
  readonly run?: string;
}

export interface JobYaml {
  readonly needs?: string | readonly string[];
  readonly if?: unknown;
  readonly environment?: string;
  /** A job for each value of its only variable. */
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly unknown[]>> };
  readonly permissions?: Texts;
  readonly outputs?: Texts;
  readonly steps: readonly StepYaml[];
}

export interface WorkflowYaml {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: Texts;
  readonly jobs: Readonly<Record<string, JobYaml>>;
}

/** What starts a run of a workflow. */
export interface Trigger {
  readonly event: 'push' | 'schedule' | 'workflow_dispatch' | 'pull_request';
  /** The payload of the event. */
  readonly payload?: Readonly<Record<string, unknown>>;
  /** Of a run that was started by hand. */
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly actor?: string;
  /** What all clocks show (RFC 3339). Default: the real time. */
  readonly at?: string;
}

/** A step that has run. */
export interface StepRun {
  readonly outcome: 'success' | 'failure';
  readonly outputs: Texts;
  /** As the web page shows it. */
  readonly log: string;
  /** Why it failed, if this action did. */
  readonly error: string;
  /** What a script added to the job summary. */
  readonly summary?: string;
  /** What Vantage and GitHub received, if this action ran. */
  readonly action?: Step;
}

/** A job of a run. */
export interface JobRun {
  readonly result: 'success' | 'failure' | 'skipped';
  readonly outputs: Texts;
  /** The steps that ran, by their id, or else by their name or the action that they use. */
  readonly steps: Readonly<Record<string, StepRun>>;
  /** The jobs of a matrix, of which this is the first. */
  readonly matrix?: readonly JobRun[];
}

const ROOT = path.resolve(import.meta.dirname, '..', '..');
export const REPOSITORY = `${OWN.owner}/${OWN.repo}`;
const STATUS_FUNCTION = /\b(success|failure|always|cancelled)\(\)/gu;

/** The variables and secrets that the documentation has a reader create in an environment, those of Vantage aside. */
const OTHER_SETTINGS = {
  variable: {
    SECRETS_APP_CLIENT_ID: 'Iv1.octo',
    AZURE_CLIENT_ID: 'azure-client',
    AZURE_TENANT_ID: 'azure-tenant',
    AZURE_SUBSCRIPTION_ID: 'azure-subscription',
    AZURE_KEY_VAULT: 'octo-vault',
  },
  secret: { SECRETS_APP_PRIVATE_KEY: 'canary-private-key-of-the-app' },
} as const;

/** The scripts that the examples leave to the reader: they keep the credentials that a deployment gets. */
const OWN_SCRIPT = `#!/bin/sh
printf '%s\\n' "$VANTAGE_CLIENT_ID" "$VANTAGE_CLIENT_SECRET" > "$COMMAND_STATE/deployed"
`;

/** The manifest of the examples, in a repository. */
const MANIFEST = 'vantage/clients.yml';

/** Reads a workflow of this repository. */
export async function readWorkflowYaml(file: string): Promise<WorkflowYaml> {
  return parse(await readFile(path.join(ROOT, file), 'utf8'));
}

/**
 * A repository that is set up as the documentation says, and a runner for its workflows. Steps that use this action run
 * `dist` against the emulators, and steps with a script run in Bash, with `gh` and `az` from `commands/`. Other actions are
 * known by what they leave behind. As on GitHub, a job reads only the secrets of its environment, and its token has only its
 * permissions.
 */
export class ExampleRepository implements AsyncDisposable {
  readonly world: World;
  readonly #directory: string;

  private constructor(world: World, directory: string) {
    this.world = world;
    this.#directory = directory;
  }

  static async open(options: WorldOptions = {}): Promise<ExampleRepository> {
    const world = await World.open({ github: {}, ...options });
    const directory = await realpath(await mkdtemp(path.join(tmpdir(), 'examples-')));
    const { vantage, github } = world;
    for (const environment of ['vantage-administration', 'vantage-plan', 'previews']) {
      const scope = { ...OWN, environment };
      const variables = {
        VANTAGE_BASE_URL: vantage.baseUrl,
        VANTAGE_TENANT_ID: vantage.tenantId,
        VANTAGE_ADMIN_CLIENT_ID: vantage.administrator.clientId,
      };
      github.addEnvironment(OWN.owner, OWN.repo, environment);
      github.put(scope, 'secret', 'VANTAGE_ADMIN_CLIENT_SECRET', vantage.administrator.clientSecret);
      const others = environment === 'previews' ? { variable: {}, secret: {} } : OTHER_SETTINGS;
      for (const [name, value] of Object.entries({ ...variables, ...others.variable })) {
        github.put(scope, 'variable', name, value);
      }
      for (const [name, value] of Object.entries(others.secret)) {
        github.put(scope, 'secret', name, value);
      }
    }
    const repository = new ExampleRepository(world, directory);
    await mkdir(path.join(directory, 'state'));
    await installCommands(path.join(directory, 'bin'));
    return repository;
  }

  /** The secret that an environment stores. */
  storedSecret(environment: string, name: string): string | undefined {
    return this.world.github.secret({ ...OWN, environment }, name)?.value;
  }

  /** The id and the secret of the client that the last deployment got. */
  async deployed(): Promise<{ readonly clientId: string; readonly clientSecret: string }> {
    const [clientId = '', clientSecret = ''] = (await this.#read('deployed')).split('\n');
    return { clientId, clientSecret };
  }

  /** What the vault stores. */
  async vault(): Promise<Record<string, { value: string; tags: Record<string, string> }>> {
    return JSON.parse((await this.#read('vault.json')) || '{}');
  }

  async putInVault(name: string, value: string, tags: Texts = {}): Promise<void> {
    await this.#write('vault.json', JSON.stringify({ ...(await this.vault()), [name]: { value, tags } }));
  }

  /** From now on, the vault lets nobody read it. */
  async forbidVault(): Promise<void> {
    await this.#write('vault-forbidden', '');
  }

  async issues(): Promise<readonly Issue[]> {
    return JSON.parse((await this.#read('issues.json')) || '{"issues":[]}').issues;
  }

  async closeIssue(closed: number): Promise<void> {
    const store = JSON.parse(await this.#read('issues.json'));
    const issues = (store.issues as Issue[]).map(one => (one.number === closed ? { ...one, state: 'closed' } : one));
    await this.#write('issues.json', JSON.stringify({ ...store, issues }));
  }

  /** Runs a workflow as it stands. No secret shows in a log, and none is ever an argument of a command. */
  async run(file: string, trigger: Trigger): Promise<Readonly<Record<string, JobRun>>> {
    const workflow = await readWorkflowYaml(file);
    expect(Object.keys(workflow.on)).toContain(trigger.event);
    const { github, vantage } = this.world;
    if (trigger.at) {
      github.clock.set(Date.parse(trigger.at));
      vantage.clock.set(Date.parse(trigger.at));
    }
    const jobs: Record<string, JobRun> = {};
    for (const [name, job] of Object.entries(workflow.jobs)) {
      const source = JSON.stringify(job);
      const runs: JobRun[] = [];
      for (const matrix of combinationsOf(job)) {
        const toRun = { file, name, job, workflow, source, trigger, matrix };
        const directories = { commands: path.join(this.#directory, 'bin'), state: path.join(this.#directory, 'state') };
        runs.push(await new RunningJob(this.world, toRun, jobs, directories).run());
      }
      jobs[name] = together(runs);
    }
    const given = (await this.#read('arguments')).replaceAll('\0', '\n');
    expect(findLeaks({ stdout: given, stderr: '', files: {} }, canariesOf(this.world.vantage))).toEqual([]);
    return jobs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.world[Symbol.asyncDispose]();
    await rm(this.#directory, { recursive: true });
  }

  #read(name: string): Promise<string> {
    return readFile(path.join(this.#directory, 'state', name), 'utf8').catch(() => '');
  }

  #write(name: string, text: string): Promise<void> {
    return writeFile(path.join(this.#directory, 'state', name), text);
  }
}

/** The values of the matrix for each of its jobs. A job without a matrix has one, without values. */
function combinationsOf({ strategy }: JobYaml): readonly (Readonly<Record<string, unknown>> | undefined)[] {
  const [variable, ...others] = Object.entries(strategy?.matrix ?? {});
  expect(others).toEqual([]);
  return variable ? variable[1].map(value => ({ [variable[0]]: value })) : [undefined];
}

/** The jobs of a matrix as the jobs that need them see them. */
function together(runs: readonly JobRun[]): JobRun {
  const [first = { result: 'skipped', outputs: {}, steps: {} }] = runs;
  const failed = runs.find(({ result }) => result === 'failure');
  return { ...first, result: failed?.result ?? first.result, ...(runs.length > 1 ? { matrix: runs } : {}) };
}

interface JobToRun {
  readonly file: string;
  readonly name: string;
  readonly job: JobYaml;
  readonly workflow: WorkflowYaml;
  /** The job as text. */
  readonly source: string;
  readonly trigger: Trigger;
  readonly matrix: Readonly<Record<string, unknown>> | undefined;
}

/** One job of a run, step by step. */
class RunningJob {
  readonly #world: World;
  readonly #given: JobToRun;
  readonly #earlier: Readonly<Record<string, JobRun>>;
  readonly #directories: { readonly commands: string; readonly state: string };
  readonly #steps: Record<string, StepRun> = {};
  readonly #posts: (() => Promise<unknown>)[] = [];
  readonly #masks: string[] = [];
  #contexts: Record<string, unknown> = {};
  #workspace = '';
  /** The files of the repository that the action reads, once they are checked out. */
  #checkedOut: Record<string, string> = {};
  #failed = false;

  constructor(
    world: World,
    given: JobToRun,
    earlier: Readonly<Record<string, JobRun>>,
    directories: { readonly commands: string; readonly state: string },
  ) {
    this.#world = world;
    this.#given = given;
    this.#earlier = earlier;
    this.#directories = directories;
  }

  async run(): Promise<JobRun> {
    const { job, name } = this.#given;
    const needs = [job.needs ?? []].flat();
    await this.#openContexts(needs);
    const results = needs.map(need => this.#earlier[need]?.result);
    const status = {
      success: results.every(result => result === 'success'),
      failure: results.includes('failure'),
    };
    if (!this.#holds(job.if, status)) {
      return { result: 'skipped', outputs: {}, steps: {} };
    }
    Object.assign(this.#contexts, this.#settings(job.environment));
    this.#masks.push(...Object.values(this.#settings(job.environment).secrets));
    this.#workspace = await mkdtemp(path.join(this.#directories.state, `${name}-`));
    for (const step of job.steps) {
      if (this.#holds(step.if, { success: !this.#failed, failure: this.#failed })) {
        await this.#runStep(step);
      }
    }
    for (const post of this.#posts.toReversed()) {
      await post();
    }
    return { result: this.#failed ? 'failure' : 'success', outputs: this.#jobOutputs(), steps: this.#steps };
  }

  /** What the expressions of the job may read. */
  async #openContexts(needs: readonly string[]): Promise<void> {
    const { trigger, job, workflow, file, matrix } = this.#given;
    const { github } = this.#world;
    const permissions = job.permissions ?? workflow.permissions ?? {};
    const token = github.issueToken({ kind: 'workflow', permissions: underscored(permissions) });
    const tokens = path.join(this.#directories.state, 'tokens.json');
    const known = JSON.parse(await readFile(tokens, 'utf8').catch(() => '{}'));
    await writeFile(tokens, JSON.stringify({ ...known, [token]: permissions }));
    this.#masks.push(token);
    this.#contexts = {
      // The condition of a job is evaluated before the job has its environment.
      vars: this.#settings().vars,
      inputs: trigger.inputs ?? {},
      ...(matrix ? { matrix } : {}),
      needs: Object.fromEntries(needs.map(need => [need, this.#earlier[need]])),
      github: {
        token,
        repository: REPOSITORY,
        event_name: trigger.event,
        event: trigger.payload ?? {},
        actor: trigger.actor ?? 'octocat',
        server_url: 'https://github.com',
        run_id: RUNNER_ENVIRONMENT.GITHUB_RUN_ID,
        workflow_ref: `${REPOSITORY}/.github/workflows/${path.basename(file)}@refs/heads/main`,
      },
    };
  }

  /** The variables and secrets that the job names, of the repository and of an environment. */
  #settings(environment?: string): { readonly vars: Texts; readonly secrets: Texts } {
    const { github } = this.#world;
    const scopes = [...(environment === undefined ? [] : [{ ...OWN, environment }]), { ...OWN }];
    const lookUp = (context: 'vars' | 'secrets') => {
      const find = context === 'vars' ? github.variable : github.secret;
      const names = [...this.#given.source.matchAll(new RegExp(`\\b${context}\\.(\\w+)`, 'gu'))];
      const found = names.map(([, name = '']) => [name, scopes.map(scope => find(scope, name)?.value).find(Boolean)]);
      return Object.fromEntries(found.filter(([, value]) => value !== undefined)) as Texts;
    };
    return { vars: lookUp('vars'), secrets: lookUp('secrets') };
  }

  /** Whether a condition of a job or of a step holds. One without a status function holds only after successes. */
  #holds(condition: unknown, { success, failure }: { readonly success: boolean; readonly failure: boolean }): boolean {
    const text = String(condition ?? 'success()');
    const status = { success, failure, always: true, cancelled: false };
    const filled = text.replace(STATUS_FUNCTION, (_, name: keyof typeof status) => String(status[name]));
    return (filled !== text || success) && holds(filled, this.#read());
  }

  /** Fills in the expressions of a text. An output that its step did not set is empty. */
  #fill(text: unknown): string {
    return evaluate(String(text), this.#read());
  }

  #fillAll(texts: Readonly<Record<string, unknown>> = {}): Record<string, string> {
    return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, this.#fill(text)]));
  }

  #read(): Record<string, unknown> {
    const named = [...this.#given.source.matchAll(/steps\.([\w-]+)\.outputs\.([\w-]+)/gu)];
    const outputs = (id: string) => ({
      ...Object.fromEntries(named.filter(([, of]) => of === id).map(([, , output]) => [output, ''])),
      ...this.#steps[id]?.outputs,
    });
    const steps = Object.keys(this.#steps).map(id => [id, { outputs: outputs(id) }]);
    return { ...this.#contexts, steps: Object.fromEntries(steps) };
  }

  async #runStep(step: StepYaml): Promise<void> {
    const { uses = '', run = '' } = step;
    const [action = ''] = uses.split('@');
    const inputs = this.#fillAll(step.with);
    const done =
      action === 'OWNER/vantage-client-action'
        ? await this.#runThisAction(step, inputs)
        : action === ''
          ? await this.#runScript(run, this.#fillAll(step.env))
          : await this.#runOtherAction(action, inputs);
    this.#steps[step.id ?? step.name ?? uses] = done;
    this.#failed ||= done.outcome === 'failure';
  }

  async #runThisAction({ id }: StepYaml, inputs: Texts): Promise<StepRun> {
    const { trigger, name, file, matrix = null } = this.#given;
    const env: Record<string, string> = {
      GITHUB_EVENT_NAME: trigger.event,
      GITHUB_ACTOR: trigger.actor ?? 'octocat',
      GITHUB_JOB: name,
      GITHUB_ACTION: id ?? '__octo-org_vantage-client-action',
      GITHUB_REPOSITORY_ID: String(OWN_ID),
      GITHUB_WORKFLOW_REF: `${REPOSITORY}/.github/workflows/${path.basename(file)}@refs/heads/main`,
      ...(trigger.at ? { NODE_OPTIONS: clockAt(Date.parse(trigger.at)) } : {}),
    };
    const given = { 'client-id': '', 'github-token': '', timeout: '1m', ...inputs };
    const action = await this.#world.step(given, { env, matrix, workspace: this.#checkedOut });
    this.#posts.push(() => runPost({ vantage: this.#world.vantage }, action, given, { env }));
    this.#masks.push(...action.masks);
    const { conclusion: outcome, outputs, log } = action;
    return { outcome, outputs, log, error: errorOf(action), action };
  }

  get #artifacts(): string {
    return path.join(this.#directories.state, 'artifacts');
  }

  /** Another action: what the steps after it find. */
  async #runOtherAction(action: string, inputs: Texts): Promise<StepRun> {
    const { job, workflow } = this.#given;
    const permissions = job.permissions ?? workflow.permissions ?? {};
    const done = { outcome: 'success', outputs: {}, log: '', error: '' } as const;
    switch (action) {
      case 'actions/checkout': {
        expect(permissions.contents).toBe('read');
        for (const script of ['deploy.sh', 'deploy-preview.sh']) {
          await writeFile(path.join(this.#workspace, script), OWN_SCRIPT, { mode: 0o755 });
        }
        await cp(path.join(ROOT, 'examples', 'vantage'), path.join(this.#workspace, 'vantage'), { recursive: true });
        this.#checkedOut = { [MANIFEST]: await readFile(path.join(this.#workspace, MANIFEST), 'utf8') };
        return done;
      }
      case 'actions/upload-artifact': {
        const { name = '', path: file = '' } = inputs;
        await cp(path.join(this.#workspace, file), path.join(this.#artifacts, name, file));
        return done;
      }
      case 'actions/download-artifact': {
        const { pattern = '', path: folder = '' } = inputs;
        const wanted = (await readdir(this.#artifacts)).filter(name => path.matchesGlob(name, pattern));
        for (const name of wanted) {
          await cp(path.join(this.#artifacts, name), path.join(this.#workspace, folder, name), { recursive: true });
        }
        return done;
      }
      case 'actions/create-github-app-token': {
        const { 'client-id': clientId, 'private-key': privateKey, ...wanted } = inputs;
        expect([clientId, privateKey]).toEqual([
          OTHER_SETTINGS.variable.SECRETS_APP_CLIENT_ID,
          OTHER_SETTINGS.secret.SECRETS_APP_PRIVATE_KEY,
        ]);
        const allowed = Object.entries(wanted).map(([name, level]) => [name.replace(/^permission-/u, ''), level]);
        const token = this.#world.github.issueToken({
          kind: 'app',
          permissions: underscored(Object.fromEntries(allowed)),
          repositories: [REPOSITORY],
        });
        this.#masks.push(token);
        return { ...done, outputs: { token } };
      }
      case 'azure/login': {
        expect(permissions['id-token']).toBe('write');
        expect(Object.keys(inputs)).toEqual(['client-id', 'tenant-id', 'subscription-id']);
        await writeFile(path.join(this.#directories.state, 'azure-login'), '');
        return done;
      }
      default:
        throw new Error(`These tests do not know what ${action} does.`);
    }
  }

  /** A script, by the shell that GitHub uses if a step names none. */
  async #runScript(script: string, env: Texts): Promise<StepRun> {
    const { commands, state } = this.#directories;
    const temp = await mkdtemp(path.join(state, 'step-'));
    const files = { GITHUB_OUTPUT: path.join(temp, 'output'), GITHUB_STEP_SUMMARY: path.join(temp, 'summary') };
    await Promise.all(Object.values(files).map(file => writeFile(file, '')));
    const scriptFile = path.join(temp, 'script.sh');
    await writeFile(scriptFile, script);
    const child = spawn('bash', ['-e', scriptFile], {
      cwd: this.#workspace,
      env: {
        ...RUNNER_ENVIRONMENT,
        PATH: `${commands}:${process.env.PATH}`,
        HOME: temp,
        RUNNER_TEMP: temp,
        COMMAND_STATE: state,
        ...files,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const printed = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (chunk: string) => {
        printed[stream] += chunk;
      });
    }
    const [exitCode]: (number | null)[] = await once(child, 'close');
    const log = new StepLog(this.#masks, false);
    for (const line of `${printed.stdout}${printed.stderr}`.split('\n')) {
      log.take(line);
    }
    this.#masks.push(...log.masks);
    const written = await readFile(files.GITHUB_OUTPUT, 'utf8');
    const canaries = canariesOf(this.#world.vantage);
    const left = { ...printed, files: { GITHUB_OUTPUT: written } };
    expect(findLeaks(left, canaries, { output: 'client-secret' })).toEqual([]);
    const outcome = exitCode === 0 && !log.failed ? 'success' : 'failure';
    const summary = await readFile(files.GITHUB_STEP_SUMMARY, 'utf8');
    return { outcome, outputs: parseKeyValueFile(written), log: log.text, error: '', summary };
  }

  /** GitHub drops an output of a job if it contains a masked value. */
  #jobOutputs(): Texts {
    const outputs = Object.entries(this.#fillAll(this.#given.job.outputs));
    return Object.fromEntries(outputs.filter(([, value]) => !this.#masks.some(mask => mask && value.includes(mask))));
  }
}

/** The names of permissions, as the API writes them. */
function underscored(permissions: Texts): Permissions {
  return Object.fromEntries(Object.entries(permissions).map(([name, level]) => [name.replaceAll('-', '_'), level]));
}
