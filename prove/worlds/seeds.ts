import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { SecretScope, Seed, SeedEnvironment, SeedItem } from '../../emulator/github/index.ts';
import type { VantageOptions } from '../../emulator/vantage/index.ts';
import { parseTarget } from '../../src/inputs/targets.ts';
import { markNonce, ownershipMark } from '../../src/model/mark.ts';
import type { PreparedTarget } from '../../src/model/prepared-target.ts';
import type { WorkflowRun } from '../../src/model/request.ts';
import { githubHost } from '../../src/model/url.ts';
import { destinationsOf } from '../../src/plan/destinations.ts';
import { ownerOf } from './actors.ts';
import { OTHER, OTHER_ID, OWN, OWN_ID, REPOSITORY, SECRET_NAME, spotOf } from './places.ts';
import type { Holding, SecretStory, Story } from './story.ts';

const DAY = 86_400_000;

type Maker = Exclude<SecretStory['by'], 'hand'>;

/** The API URL of a GitHub. */
interface GitHubAt {
  readonly apiUrl: string;
}

/** The initial state of both servers, and the value of each secret of the world by its name. */
export interface Seeds {
  /** Marks identify targets by the GitHub that they are on. */
  readonly clientsFor: (github: GitHubAt) => NonNullable<VantageOptions['clients']>;
  readonly github: Seed;
  readonly values: ReadonlyMap<string, string>;
  /** The repository that created each secret, by its value. Secrets that were created manually have none. */
  readonly owners: ReadonlyMap<string, string>;
}

/**
 * The initial state of a world. Marks of secrets in targets have GitHub's time, all others Vantage's.
 *
 * @param now in milliseconds since 1970, from the runner's clock.
 */
export function seedsOf({ clients = [], holdings = [], ...story }: Story, now: number): Seeds {
  const { vantage: ofVantage, github: ofGitHub } = story.clocks ?? { vantage: 0, github: 0 };
  const secrets = clients.flatMap(client => client.secrets ?? []);
  const values = new Map(secrets.map(({ name }) => [name, randomBytes(32).toString('base64')]));
  const madeAt = ({ madeAgo }: SecretStory) => now - madeAgo * DAY;
  const seed = (secret: SecretStory, github: GitHubAt) => ({
    value: values.get(secret.name) ?? '',
    description: descriptionOf(secret, madeAt(secret) + ofGitHub, github),
    startTime: new Date(madeAt(secret) + ofVantage).toISOString(),
    expiration: new Date(now + ofVantage + secret.left * DAY).toISOString(),
    ...(secret.id === undefined ? {} : { id: secret.id }),
  });
  const item = ({ line, secret, writtenAgo }: Holding): SeedItem[] => {
    const held = secrets.find(({ name }) => name === secret);
    if (secret === undefined) {
      return [];
    }
    // A second after its creation, because a run takes some time.
    const at = writtenAgo === undefined ? (held ? madeAt(held) : now) + 1000 : now - writtenAgo * DAY;
    return [
      {
        name: spotOf(line).name,
        value: values.get(secret) ?? secret,
        updatedAt: new Date(at + ofGitHub).toISOString(),
      },
    ];
  };
  return {
    clientsFor: github =>
      clients.map(({ clientId, settings, secrets = [] }) => ({
        clientId,
        ...settings,
        secrets: secrets.map(secret => seed(secret, github)),
      })),
    github: githubSeed(story, holdings, item),
    values,
    owners: new Map(
      secrets.flatMap(({ name, by }) =>
        by === 'hand' ? [] : [[values.get(name) ?? '', ownerOf(repositoryOf(by))] as const],
      ),
    ),
  };
}

function githubSeed(
  { environments = [], pullRequests = [] }: Pick<Story, 'environments' | 'pullRequests'>,
  holdings: readonly Holding[],
  item: (holding: Holding) => SeedItem[],
): Seed {
  // The variable was written together with the secret.
  const contents = (holding: Holding) => {
    const secrets = item(holding);
    const [{ updatedAt } = {}] = secrets;
    const variables = Object.entries(holding.variables ?? {}).map(([name, value]): SeedItem => {
      return { name, value, ...(updatedAt === undefined ? {} : { updatedAt }) };
    });
    return { secrets, variables };
  };
  const held = (scope: SecretScope) =>
    merge(holdings.filter(({ line }) => isDeepStrictEqual(spotOf(line).scope, scope)).map(contents));
  const named = holdings.flatMap((holding): SeedEnvironment[] => {
    const { scope } = spotOf(holding.line);
    return 'environment' in scope
      ? [{ name: scope.environment, protectionRules: { waitTimer: 30 }, ...contents(holding) }]
      : [];
  });
  const merge = (parts: readonly ReturnType<typeof contents>[]) => ({
    secrets: parts.flatMap(({ secrets }) => secrets),
    variables: parts.flatMap(({ variables }) => variables),
  });
  return {
    repositories: [
      {
        ...OWN,
        id: OWN_ID,
        ...held(OWN),
        environments: [...named, ...environments],
        pullRequests,
      },
      { ...OTHER, id: OTHER_ID, ...held(OTHER) },
    ],
    organizations: [{ login: OWN.owner, ...held({ org: OWN.owner }) }],
  };
}

function descriptionOf({ by, name }: SecretStory, madeAt: number, github: GitHubAt): string {
  if (by === 'hand') {
    return `made by hand: ${name}`;
  }
  const nonce = markNonce(new Date(madeAt), randomBytes(4).toString('hex'));
  const workflow = workflowOf(by, github);
  return ownershipMark(workflow, digestsOf('own' in by ? by.own : (by.for ?? []), workflow, github), nonce);
}

/** The workflow that created a secret. */
function workflowOf(by: Maker, { apiUrl }: GitHubAt): WorkflowRun {
  return { host: githubHost(apiUrl), ...repositoryOf(by), runId: '7', runAttempt: '1', step: '' };
}

function repositoryOf(by: Maker) {
  return 'own' in by
    ? { repository: REPOSITORY, repositoryId: OWN_ID }
    : { repository: by.repository, repositoryId: OTHER_ID };
}

function digestsOf(lines: readonly string[], workflow: WorkflowRun, github: GitHubAt): readonly string[] {
  const targets = lines.map((line): PreparedTarget => {
    const target = parseTarget(line, workflow.repository, SECRET_NAME);
    if (typeof target === 'string') {
      throw new Error(`${line}: ${target}`);
    }
    return { target, resolved: { scope: target.scope } };
  });
  return destinationsOf(targets, workflow, github).map(({ digest }) => digest);
}
