import { findLeaks } from '../../__tests__/support/leaks.ts';
import { canariesOf, vantageInputs } from '../../__tests__/support/vantage.ts';
import { type GitHub, startGitHub } from '../../emulator/github/index.ts';
import type { Mishap } from '../../emulator/http/faults.ts';
import { type ActionRun, type ActionRunOptions, runAction } from '../../emulator/runner.ts';
import { type StoredSecret, startVantage, type Vantage } from '../../emulator/vantage/index.ts';
import { readPendingState } from '../../src/inputs/saved-step.ts';
import { parseTarget } from '../../src/inputs/targets.ts';
import { markNonce, ownershipMark } from '../../src/model/mark.ts';
import type { WorkflowRun } from '../../src/model/request.ts';
import { destinationsOf } from '../../src/plan/destinations.ts';
import { DAY, HOUR } from '../properties/time.ts';
import { accepts, PERMISSIONS } from '../servers.ts';
import type { Tier } from '../tier.ts';

const OWN = { owner: 'octo-org', repo: 'octo-repo' } as const;
const OWN_ID = 1001;
const WORKFLOW: WorkflowRun = {
  host: 'github.com',
  repository: `${OWN.owner}/${OWN.repo}`,
  runId: '1',
  runAttempt: '1',
  repositoryId: OWN_ID,
  step: '',
};
const MANIFEST = 'clients.yml';
const VARIABLE = 'VANTAGE_CLIENT_ID';
/** The maximum difference of the expiration in a log and in Vantage, in milliseconds: the duration of a run. */
const NEAR = 10 * 60_000;

/** What a client is at the start. */
type Beginning = 'missing' | 'without a secret' | 'fresh' | 'due' | 'with a secret of somebody else';
const BEGINNINGS: readonly Beginning[] = [
  'missing',
  'without a secret',
  'fresh',
  'due',
  'with a secret of somebody else',
];

/** A client of the manifest. */
interface Client {
  readonly clientId: string;
  readonly environment: string;
  readonly beginning: Beginning;
}

/** How to run the action once. */
export interface Step {
  readonly title: string;
  readonly runId: string;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly entry?: string;
  readonly state?: Readonly<Record<string, string>>;
  readonly onStart?: ActionRunOptions['onStart'];
  /** Whether it is to be broken. */
  readonly isBroken?: boolean;
}

/** The requests that have arrived at both servers. */
interface Arrivals {
  count: number;
  /** Called with the number of each request. The request continues after it. */
  at: (count: number) => Promise<void> | undefined;
}

/** A run that has ended. */
export interface FleetRun extends ActionRun {
  readonly title: string;
  /** The requests that could have changed something. */
  readonly writes: readonly string[];
}

/** A tenant and a GitHub with what a manifest needs of both, and the runs of the action that use them. */
export class FleetWorld implements AsyncDisposable {
  readonly vantage: Vantage;
  readonly github: GitHub;
  readonly clients: readonly Client[];
  readonly #arrivals: Arrivals;
  readonly #token: string;
  readonly #before: ReadonlySet<string>;
  readonly #foreign: string;
  readonly #entry: string | undefined;
  readonly #run: NonNullable<WorldOptions['run']>;
  readonly #runBroken: NonNullable<WorldOptions['run']>;

  private constructor(
    vantage: Vantage,
    github: GitHub,
    clients: readonly Client[],
    arrivals: Arrivals,
    options: WorldOptions,
  ) {
    this.#arrivals = arrivals;
    this.vantage = vantage;
    this.github = github;
    this.clients = clients;
    this.#token = github.issueToken({ kind: 'fine-grained', permissions: PERMISSIONS });
    this.#before = new Set(vantage.createdSecrets);
    this.#foreign = this.#describeForeign();
    this.#entry = options.entry;
    this.#run = options.run ?? runAction;
    this.#runBroken = options.runBroken ?? runAction;
  }

  static async open(options: WorldOptions): Promise<FleetWorld> {
    const clients = Array.from(
      { length: options.clients },
      (_, index): Client => ({
        clientId: `client-${index}`,
        environment: `stage-${index}`,
        beginning: BEGINNINGS[index % BEGINNINGS.length] ?? 'missing',
      }),
    );
    const now = Date.now();
    const values = new Map(clients.map(({ clientId }) => [clientId, `canary-${clientId}+of/a=known~secret`]));
    const holds = ({ beginning }: Client) => beginning === 'fresh' || beginning === 'due';
    // With a life of 180 days, so that a Vantage without lists shows the same.
    const madeAt = ({ beginning }: Client) => now - (beginning === 'due' ? 170 : 20) * DAY;
    const arrivals = { count: 0, at: (_count: number): Promise<void> | undefined => undefined };
    const watch = async (moment: string) => {
      if (moment === 'arrived') {
        arrivals.count += 1;
        await arrivals.at(arrivals.count);
      }
    };
    const github = await startGitHub({
      watch,
      seed: {
        repositories: [
          {
            ...OWN,
            id: OWN_ID,
            environments: clients.map(client => ({
              name: client.environment,
              secrets: holds(client)
                ? [
                    {
                      name: 'VANTAGE_CLIENT_SECRET',
                      value: values.get(client.clientId) ?? '',
                      updatedAt: new Date(madeAt(client)).toISOString(),
                    },
                  ]
                : [],
            })),
            secrets: [{ name: 'FOREIGN', value: 'of somebody else' }],
          },
        ],
      },
    });
    const secretsOf = (client: Client) => {
      const value = values.get(client.clientId) ?? '';
      const times = {
        startTime: new Date(madeAt(client)).toISOString(),
        expiration: new Date(madeAt(client) + 180 * DAY).toISOString(),
      };
      return holds(client)
        ? [{ value, description: markFor(client, github.apiUrl, madeAt(client) - HOUR), ...times }]
        : client.beginning === 'with a secret of somebody else'
          ? [{ value, description: 'Made by hand', ...times }]
          : [];
    };
    const vantage = await startVantage({
      watch,
      tier: options.tier,
      clients: [
        ...clients
          .filter(({ beginning }) => beginning !== 'missing')
          .map(client => ({ clientId: client.clientId, clientName: client.clientId, secrets: secretsOf(client) })),
        { clientId: 'foreign', secrets: [{ value: 'canary-of-a-foreign-client' }] },
      ],
    });
    return new FleetWorld(vantage, github, clients, arrivals, options);
  }

  /** Runs the action once, and forgets the faults of the servers after it. */
  async run({ title, runId, inputs = {}, entry, state = {}, onStart, isBroken = false }: Step): Promise<FleetRun> {
    const { vantage, github } = this;
    const seen = { vantage: vantage.requests.length, github: github.requests.length };
    const script = entry ?? this.#entry;
    const run = await (isBroken ? this.#runBroken : this.#run)({
      ...(script === undefined ? {} : { entry: script }),
      timeoutMs: 120_000,
      workspace: { [MANIFEST]: this.#manifest() },
      inputs: vantageInputs(vantage, {
        'client-id': '',
        manifest: MANIFEST,
        'github-token': this.#token,
        'github-api-url': github.apiUrl,
        timeout: '90s',
        ...inputs,
      }),
      env: { GITHUB_REPOSITORY_ID: String(OWN_ID), GITHUB_RUN_ID: runId },
      state,
      ...(onStart ? { onStart } : {}),
    });
    this.#arrivals.at = () => undefined;
    vantage.faults.clear();
    github.faults.clear();
    const requests = [...vantage.requests.slice(seen.vantage), ...github.requests.slice(seen.github)];
    return {
      ...run,
      title,
      writes: requests
        .filter(({ method, route }) => method !== 'GET' && route !== 'token')
        .map(({ method, path }) => `${method} ${path}`),
    };
  }

  /** Does something when the request with this number arrives, from now on. The request and all later ones continue after it. */
  atRequest(number: number, act: () => Promise<void>): void {
    const from = this.#arrivals.count;
    let held: Promise<void> | undefined;
    this.#arrivals.at = count => {
      held ??= count - from === number ? act() : undefined;
      return held;
    };
  }

  /** Makes the requests with these numbers fail, in the order of their arrival at each server. */
  fail(
    faults: readonly { readonly server: 'vantage' | 'github'; readonly skip: number; readonly mishap: Mishap }[],
  ): void {
    for (const { server, skip, mishap } of faults) {
      this[server].faults.add({ skip, times: 1, mishap });
    }
  }

  /** What broke after some runs: I1, I2 and I3. */
  async violations(runs: readonly FleetRun[]): Promise<readonly string[]> {
    const lines = runs.flatMap(({ log }) => log.split('\n'));
    const found: string[] = [];
    for (const client of this.clients) {
      const held = this.#held(client);
      if (held !== undefined && !(await accepts(this.vantage, client.clientId, held))) {
        found.push(`I1: ${client.environment} holds a secret that is refused`);
      }
      for (const secret of this.#secretsOf(client)) {
        if (!this.#before.has(secret.value) && secret.value !== held && !isNamed(secret, lines)) {
          found.push(`I2: nobody holds ${secret.description} of ${client.clientId}, and no log names it`);
        }
      }
    }
    if (this.#describeForeign() !== this.#foreign) {
      found.push('I3: something that belongs to others has changed');
    }
    return found;
  }

  /** I4: the secrets of this world that appear, in any form, in the output and files of a run. */
  leaks(runs: readonly FleetRun[]): readonly string[] {
    const { vantage } = this;
    const canaries = {
      ...canariesOf(vantage),
      'GitHub token': this.#token,
    };
    return runs
      .flatMap(run => findLeaks(run, canaries))
      .map(({ canary, form, where }) => `I4: ${canary} as ${form} in ${where}`);
  }

  /** I5: after an undisturbed run, every target holds a secret of its client that works for long, and the variable is right. */
  unfinished(): readonly string[] {
    return this.clients.flatMap(client => {
      const held = this.#held(client);
      const secret = this.#secretsOf(client).find(({ value }) => value === held);
      const end = Date.parse(secret?.expiration ?? '');
      const variable = this.github.variable({ ...OWN, environment: client.environment }, VARIABLE)?.value;
      return [
        ...(end > Date.now() + 30 * DAY ? [] : [`I5: ${client.environment} holds no secret that works for long`]),
        ...(variable === client.clientId ? [] : [`I5: the variable of ${client.environment} is ${variable}`]),
      ];
    });
  }

  /** On tier 1: the secrets that a step left to its post step, and that exist after it. */
  leftBehind({ state }: Pick<FleetRun, 'state'>): readonly string[] {
    const pending = readPendingState(name => state[name] ?? '');
    const clients = pending.kind === 'fleet' ? pending.clients : [];
    return clients.flatMap(({ clientId, marks }) => {
      const descriptions = this.vantage.client(clientId)?.secrets.map(({ description }) => description) ?? [];
      return marks.filter(mark => descriptions.some(description => description?.endsWith(mark)));
    });
  }

  /** How many requests both servers have received. */
  requests(): number {
    return this.vantage.requests.length + this.github.requests.length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.vantage.close(), this.github.close()]);
  }

  #manifest(): string {
    const defaults = `secret: { rotate: when-due, expiration: 180d }\n  clientIdVariable: ${VARIABLE}`;
    const clients = this.clients.map(
      ({ clientId, environment }) =>
        `  - clientId: ${clientId}\n    clientName: ${clientId}\n    writeTo: [environment ${environment}]`,
    );
    return `defaults:\n  ${defaults}\nclients:\n${clients.join('\n')}\n`;
  }

  #held({ environment }: Client): string | undefined {
    return this.github.secret({ ...OWN, environment }, 'VANTAGE_CLIENT_SECRET')?.value;
  }

  #secretsOf({ clientId }: Client): readonly StoredSecret[] {
    return this.vantage.client(clientId)?.secrets ?? [];
  }

  #describeForeign(): string {
    const known = this.#before ?? new Set(this.vantage.createdSecrets);
    const own = this.clients.map(client => this.#secretsOf(client).filter(({ value }) => known.has(value)));
    return JSON.stringify([
      this.vantage.client('foreign'),
      this.vantage.client(this.vantage.administrator.clientId),
      own,
      this.github.secret(OWN, 'FOREIGN'),
    ]);
  }
}

/** How to open a world. */
export interface WorldOptions {
  readonly clients: number;
  readonly tier: Tier;
  /** The script of the action. Default: that of `dist`. */
  readonly entry?: string | undefined;
  /** Runs the steps that are not broken. Default: in a process. */
  readonly run?: (options: ActionRunOptions) => Promise<ActionRun>;
  /** Runs the steps that are broken. Default: in a process. */
  readonly runBroken?: (options: ActionRunOptions) => Promise<ActionRun>;
}

function markFor({ environment }: Client, apiUrl: string, at: number): string {
  const target = parseTarget(`environment ${environment}`, WORKFLOW.repository, 'VANTAGE_CLIENT_SECRET');
  if (typeof target === 'string') {
    throw new Error(target);
  }
  const prepared = { target, resolved: { scope: target.scope } };
  const digests = destinationsOf([prepared], WORKFLOW, { apiUrl }).map(({ digest }) => digest);
  return ownershipMark(WORKFLOW, digests, markNonce(new Date(at), 'c0ffee00'));
}

function isNamed({ description, expiration }: StoredSecret, lines: readonly string[]): boolean {
  const mark = /\[vantage-client [^\]]+\]$/u.exec(description ?? '')?.[0] ?? 'no mark';
  const isEnd = (text: string) => Math.abs(Date.parse(text) - Date.parse(expiration)) < NEAR;
  return lines.some(
    line => line.includes(mark) && [...line.matchAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/gu)].some(([text]) => isEnd(text)),
  );
}
