import { randomBytes } from 'node:crypto';
import type { SecretScope, Seed } from '../../emulator/github/index.ts';
import type { SeedSecret, VantageOptions } from '../../emulator/vantage/index.ts';
import { parseTarget } from '../../src/inputs/targets.ts';
import { markNonce, ownershipMark } from '../../src/model/mark.ts';
import type { PreparedTarget } from '../../src/model/prepared-target.ts';
import type { WorkflowRun } from '../../src/model/request.ts';
import type { Target } from '../../src/model/target.ts';
import { destinationsOf } from '../../src/plan/destinations.ts';

const DAY = 86_400_000;

/** The repository of the workflow, as the runner names it. */
export const OWN = { owner: 'octo-org', repo: 'octo-repo' } as const;
export const OWN_ID = 1001;
const REPOSITORY = `${OWN.owner}/${OWN.repo}`;
const WORKFLOW: WorkflowRun = {
  ...{ host: 'github.com', repository: REPOSITORY, repositoryId: OWN_ID, runId: '7', runAttempt: '1' },
  step: '["ci.yml","deploy","vantage",null]',
};
const NEIGHBOR: WorkflowRun = { ...WORKFLOW, repository: `${OWN.owner}/website`, repositoryId: 1002 };
const ORG: SecretScope = { org: OWN.owner };
const PRODUCTION: SecretScope = { ...OWN, environment: 'production' };
const WEBSITE: SecretScope = { owner: OWN.owner, repo: 'website' };

export const CLIENT_ID = 'invoices';
export const SECRET_NAME = 'VANTAGE_CLIENT_SECRET';
const OTHER = 'OTHER_SECRET';

/** What the action must never touch in GitHub, in every scenario. */
export const FOREIGN_ITEMS: readonly { readonly scope: SecretScope; readonly name: string; readonly kind: Kind }[] = [
  { scope: OWN, name: OTHER, kind: 'secret' },
  { scope: PRODUCTION, name: OTHER, kind: 'secret' },
  { scope: WEBSITE, name: SECRET_NAME, kind: 'secret' },
  { scope: ORG, name: OTHER, kind: 'secret' },
  { scope: OWN, name: OTHER, kind: 'variable' },
  { scope: ORG, name: OTHER, kind: 'variable' },
];
type Kind = 'secret' | 'variable';

/** The initial state of a scenario. */
export interface Beginning {
  /** Marks identify targets by the GitHub that they are on. */
  readonly clientsFor: (github: { readonly apiUrl: string }) => NonNullable<VantageOptions['clients']>;
  readonly github: Seed;
  /** For each value, its name in an end state. */
  readonly names: ReadonlyMap<string, string>;
  /** The values of the secrets that pruning should delete. */
  readonly prunable: readonly string[];
}

export type ScenarioName = 'first' | 'due' | 'three';

/** A kind of run to break. */
export interface Scenario {
  readonly name: ScenarioName;
  readonly story: string;
  readonly writeTo: readonly string[];
  readonly inputs: Readonly<Record<string, string>>;
  /** The inputs of a run that ends in an outage, if it needs other ones to get to its last request. */
  readonly inOutage?: Readonly<Record<string, string>>;
  /** The variables next to each target, if any. */
  readonly variables?: { readonly clientId: string; readonly expiration: string };
  /** Whether the secret is also an output of the step. */
  readonly output: boolean;
  readonly begin: (now: number) => Beginning;
}

const VARIABLES = { clientId: 'VANTAGE_CLIENT_ID', expiration: 'VANTAGE_CLIENT_SECRET_EXPIRATION' };

const VARIABLE_INPUTS = { 'client-id-variable': VARIABLES.clientId, 'expiration-variable': VARIABLES.expiration };

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'first',
    story: 'no client yet; one environment that is to be created, and the output; rotate: always',
    writeTo: ['environment staging'],
    inputs: { rotate: 'always', 'create-environments': 'true', 'output-secret': 'true' },
    output: true,
    begin: () => ({
      clientsFor: () => [strangerClient()],
      github: github({}),
      names: new Map(),
      prunable: [],
    }),
  },
  {
    name: 'due',
    story:
      'an own secret that ends in 10 days, an older one to prune; one repository, with two variables; rotate: when-due',
    writeTo: ['repository'],
    inputs: { ...VARIABLE_INPUTS, rotate: 'when-due', 'prune-after': '7d' },
    variables: VARIABLES,
    output: false,
    begin: now => {
      const { held, older, secretsFor, names } = usedClient(['repository'], now);
      return {
        clientsFor: github => [strangerClient(), { clientId: CLIENT_ID, secrets: secretsFor(github) }],
        github: github({ repository: held }),
        names,
        prunable: [older.value],
      };
    },
  },
  {
    name: 'three',
    story: 'three targets that hold one own secret, and two variables next to each; rotate: always',
    writeTo: ['repository', 'environment production', 'organization octo-org'],
    inputs: { ...VARIABLE_INPUTS, rotate: 'always' },
    // After the writes it waits 2 s, and reads once more who can read the organization's secret.
    inOutage: { timeout: '12s' },
    variables: VARIABLES,
    output: false,
    begin: now => {
      const { held, secretsFor, names } = usedClient(
        ['repository', 'environment production', 'organization octo-org'],
        now,
      );
      return {
        clientsFor: github => [strangerClient(), { clientId: CLIENT_ID, secrets: secretsFor(github) }],
        github: github({ repository: held, production: held, organization: held }),
        names,
        prunable: [],
      };
    },
  },
];

export function scenarioOf(name: ScenarioName): Scenario {
  const found = SCENARIOS.find(scenario => scenario.name === name);
  if (!found) {
    throw new Error(`there is no scenario ${name}`);
  }
  return found;
}

/** The targets of lines of `write-to`. */
export function targetsOf(writeTo: readonly string[]): readonly Target[] {
  return writeTo.map(line => {
    const target = parseTarget(line, REPOSITORY, SECRET_NAME);
    if (typeof target === 'string') {
      throw new Error(`${line}: ${target}`);
    }
    return target;
  });
}

interface OwnSeed {
  readonly value: string;
  /** In milliseconds since 1970. */
  readonly createdAt: number;
}

/** A client that the action has rotated for some time, and that others use as well. Their secrets are older. */
function usedClient(writeTo: readonly string[], now: number) {
  const seed = (name: string, agoDays: number, leftDays: number, describe: Describe) => {
    const createdAt = now - agoDays * DAY;
    return {
      ...{ name, value: newValue(), createdAt, describe },
      startTime: new Date(createdAt).toISOString(),
      expiration: new Date(now + leftDays * DAY).toISOString(),
    };
  };
  const own = marked(WORKFLOW, writeTo);
  const older = seed('older own', 300, 65, own);
  const held = seed('held own', 170, 10, own);
  const all = [
    seed('by hand', 400, 300, () => 'made by hand, for the scanner in Porto'),
    seed('of another repository', 390, 300, marked(NEIGHBOR, writeTo)),
    seed('of an output', 380, 300, marked(WORKFLOW, [])),
    seed('of more targets', 370, 300, marked(WORKFLOW, [...writeTo, 'repository octo-org/website as ANOTHER'])),
    older,
    held,
  ];
  return {
    held,
    older,
    secretsFor: (github: { readonly apiUrl: string }): SeedSecret[] =>
      all.map(({ name: _name, createdAt, describe, ...secret }) => ({
        ...secret,
        description: describe(createdAt, github),
      })),
    names: new Map(all.map(({ value, name }) => [value, name])),
  };
}

type Describe = (createdAt: number, github: { readonly apiUrl: string }) => string;

/** A mark of a workflow that names targets, or the output of its step if there are none. */
function marked(workflow: WorkflowRun, writeTo: readonly string[]): Describe {
  const targets = targetsOf(writeTo).map((target): PreparedTarget => ({ target, resolved: { scope: target.scope } }));
  return (at, github) => {
    const digests = destinationsOf(targets, workflow, github).map(({ digest }) => digest);
    return ownershipMark(workflow, digests, markNonce(new Date(at), newNonce()));
  };
}

function strangerClient() {
  const secrets: SeedSecret[] = [{ value: newValue(), description: 'of the payroll' }];
  return { clientId: 'payroll', secrets };
}

/** A GitHub with items of others. Each of the places holds a secret of the action, as old as its creation. */
function github(own: { repository?: OwnSeed; production?: OwnSeed; organization?: OwnSeed }): Seed {
  const item = (name: string, value: string, at?: number) => ({
    name,
    value,
    ...(at === undefined ? {} : { updatedAt: new Date(at).toISOString() }),
  });
  const held = (seed: OwnSeed | undefined) => (seed ? [item(SECRET_NAME, seed.value, seed.createdAt + 2000)] : []);
  const other = () => item(OTHER, newValue());
  const selected = { visibility: 'selected' as const, repositories: [`${OWN.owner}/website`] };
  return {
    repositories: [
      {
        ...OWN,
        id: OWN_ID,
        secrets: [other(), ...held(own.repository)],
        variables: [other()],
        environments: [
          {
            name: 'production',
            protectionRules: { waitTimer: 30, preventSelfReview: true },
            secrets: [other(), ...held(own.production)],
          },
        ],
      },
      { owner: OWN.owner, repo: 'website', id: 1002, secrets: [item(SECRET_NAME, newValue())] },
    ],
    organizations: [
      {
        login: OWN.owner,
        secrets: [other(), ...held(own.organization).map(secret => ({ ...secret, ...selected }))],
        variables: [other()],
      },
    ],
  };
}

function newValue(): string {
  return randomBytes(32).toString('base64');
}

function newNonce(): string {
  return randomBytes(4).toString('hex');
}
