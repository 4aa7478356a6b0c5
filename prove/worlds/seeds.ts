import { randomBytes } from 'node:crypto';
import type { Seed, SeedEnvironment, SeedItem } from '../../emulator/github/index.ts';
import type { VantageOptions } from '../../emulator/vantage/index.ts';
import { markNonce, ownershipMark, targetDigest } from '../../src/plan/mark.ts';
import { parseTarget, type Target, targetKey } from '../../src/request/targets.ts';
import { OTHER, OTHER_ID, OWN, OWN_ID, REPOSITORY, SECRET_NAME, spotOf } from './places.ts';
import type { Holding, SecretStory, Story } from './story.ts';

const DAY = 86_400_000;

/** What both servers begin with, and the value of each secret of the world by its name. */
export interface Seeds {
  readonly clients: NonNullable<VantageOptions['clients']>;
  readonly github: Seed;
  readonly values: ReadonlyMap<string, string>;
}

/**
 * What a world begins with. The marks of secrets that targets hold tell GitHub's time, all others Vantage's.
 *
 * @param now milliseconds since 1970, by the runner's clock.
 */
export function seedsOf({ clients = [], holdings = [], ...story }: Story, now: number): Seeds {
  const { vantage: ofVantage, github: ofGitHub } = story.clocks ?? { vantage: 0, github: 0 };
  const secrets = clients.flatMap(client => client.secrets ?? []);
  const values = new Map(secrets.map(({ name }) => [name, randomBytes(32).toString('base64')]));
  const madeAt = ({ madeAgo }: SecretStory) => now - madeAgo * DAY;
  const seed = (secret: SecretStory) => ({
    value: values.get(secret.name) ?? '',
    description: descriptionOf(secret, madeAt(secret) + ofGitHub),
    startTime: new Date(madeAt(secret) + ofVantage).toISOString(),
    expiration: new Date(now + ofVantage + secret.left * DAY).toISOString(),
    ...(secret.id === undefined ? {} : { id: secret.id }),
  });
  const item = ({ line, secret, writtenAgo }: Holding): SeedItem[] => {
    const held = secrets.find(({ name }) => name === secret);
    if (secret === undefined) {
      return [];
    }
    // A second after it was made, as a run takes some time.
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
    clients: clients.map(({ clientId, settings, secrets = [] }) => ({
      clientId,
      ...settings,
      secrets: secrets.map(seed),
    })),
    github: githubSeed(story, holdings, item),
    values,
  };
}

function githubSeed(
  { environments = [], pullRequests = [] }: Pick<Story, 'environments' | 'pullRequests'>,
  holdings: readonly Holding[],
  item: (holding: Holding) => SeedItem[],
): Seed {
  const contents = (holding: Holding) => ({
    secrets: item(holding),
    variables: Object.entries(holding.variables ?? {}).map(([name, value]) => ({ name, value })),
  });
  const held = (prefix: string) => holdings.filter(({ line }) => line.startsWith(prefix)).map(contents);
  const named = holdings.flatMap((holding): SeedEnvironment[] => {
    const { place } = spotOf(holding.line);
    return 'environment' in place
      ? [{ name: place.environment, protectionRules: { waitTimer: 30 }, ...contents(holding) }]
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
        ...merge(held('repository')),
        environments: [...named, ...environments],
        pullRequests,
      },
      { ...OTHER, id: OTHER_ID },
    ],
    organizations: [{ login: OWN.owner, ...merge(held('organization')) }],
  };
}

function descriptionOf({ by, name }: SecretStory, madeAt: number): string {
  if (by === 'hand') {
    return `made by hand: ${name}`;
  }
  const nonce = markNonce(new Date(madeAt), randomBytes(4).toString('hex'));
  const [repository, lines] = 'own' in by ? [REPOSITORY, by.own] : [by.repository, []];
  return ownershipMark({ repository, runId: '7', runAttempt: '1' }, digestOf(lines), nonce);
}

function digestOf(lines: readonly string[]): string {
  const targets = lines.map((line): Target => {
    const target = parseTarget(line, REPOSITORY, SECRET_NAME);
    if (typeof target === 'string') {
      throw new Error(`${line}: ${target}`);
    }
    return target;
  });
  return targetDigest(targets.map(targetKey));
}
