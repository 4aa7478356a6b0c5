import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { RouteFault as GitHubFault } from '../../emulator/github/index.ts';
import type { RouteFault, Shapes } from '../../emulator/vantage/index.ts';
import { CLIENT_ID, END_VARIABLE, ID_VARIABLE, SECRET_NAME } from './places.ts';
import type { Act, ClientStory, Deed, RunAct, Story } from './story.ts';

const MINUTE = 60_000;
const LINES = ['repository', 'environment production'];

/** Worlds with many unusual conditions at once. They have no expectations of their own. */
export function randomStories(count: number, seed: string): readonly Story[] {
  const number = createHash('sha256').update(seed).digest().readInt32BE();
  return fc.sample(aStory, { numRuns: count, seed: number }).map((story, index) => ({
    ...story,
    id: `random ${seed}.${index} tier${story.tier}`,
  }));
}

const anOffset = fc.constantFrom(0, 0, -60 * MINUTE, -10 * MINUTE, 10 * MINUTE, 60 * MINUTE);

const aShape: fc.Arbitrary<Partial<Shapes>> = fc.record({
  descriptions: fc.constantFrom('told', 'told', 'told', 'hidden', 'null'),
  secretIds: fc.constantFrom('guid', 'number'),
  list: fc.constantFrom('envelope', 'array', 'envelope-without-count'),
  paging: fc.constantFrom('honoured', 'honoured', 'ignored'),
  pageSize: fc.constantFrom(1000, 1000, 2),
  taken: fc.constantFrom(...([409, 400, 422, 'text'] as const)),
  secretBody: fc.constantFrom('full', 'documented-only'),
  timestamps: fc.constantFrom('milliseconds', 'ticks', 'offset'),
  listedLifetimes: fc.constantFrom('seconds', 'timespan', 'ticks', 'iso'),
});

const aClient: fc.Arbitrary<ClientStory> = fc
  .record({ left: fc.constantFrom(5, 100), older: fc.boolean(), foreign: fc.boolean() })
  .map(({ left, older, foreign }) => ({
    clientId: CLIENT_ID,
    secrets: [
      ...(foreign ? [{ name: 'by hand', by: 'hand' as const, madeAgo: 60, left: 100 }] : []),
      ...(older ? [{ name: 'older', by: { own: LINES }, madeAgo: 40, left: 60 }] : []),
      { name: 'held', by: { own: LINES }, madeAgo: 20, left },
    ],
  }));

/** What Vantage does to the requests of one run. */
const aVantageFault: fc.Arbitrary<RouteFault> = fc.record({
  on: fc.constantFrom('readClient', 'readSecrets', 'createClient', 'createSecret', 'deleteSecret'),
  times: fc.constantFrom(1, 1, 9),
  mishap: fc.constantFrom(
    { kind: 'answer', status: 403 } as const,
    { kind: 'answer', status: 404 } as const,
    { kind: 'answer', status: 409 } as const,
    { kind: 'answer', status: 500 } as const,
    { kind: 'answer', status: 503, apply: true } as const,
    { kind: 'html' } as const,
    { kind: 'reset', apply: true } as const,
    { kind: 'truncate' } as const,
  ),
});

const aGitHubFault: fc.Arbitrary<GitHubFault> = fc.record({
  on: fc.constantFrom('writeSecret', 'readSecret', 'readVariable', 'createVariable'),
  skip: fc.constantFrom(0, 1),
  times: fc.constantFrom(1, 9),
  mishap: fc.constantFrom(
    { kind: 'answer', status: 403, body: { message: 'No' } } as const,
    { kind: 'answer', status: 500 } as const,
    { kind: 'reset', apply: true } as const,
  ),
});

const aRun: fc.Arbitrary<RunAct> = fc.record({
  run: fc.constant('a run'),
  inputs: fc
    .record({
      rotate: fc.constantFrom('always', 'when-due', 'when-due'),
      'if-exists': fc.constantFrom('adopt', 'adopt', 'fail'),
      'prune-after': fc.constantFrom('', '1d'),
      'client-id-variable': fc.constantFrom('', ID_VARIABLE),
      'expiration-variable': fc.constantFrom('', END_VARIABLE),
    })
    .map(inputs => ({ ...inputs, 'write-to': LINES.join('\n') })),
  vantage: fc.array(aVantageFault, { maxLength: 2 }),
  github: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(aGitHubFault, { maxLength: 1 }) },
  ),
});

/** Manual deletions of a client have their own group: on tier 0, nothing shows that a secret was deleted. */
const aDeed: fc.Arbitrary<Deed> = fc.constantFrom(
  { removes: 'secret', line: 'environment production', name: SECRET_NAME },
  { writes: 'variable', line: 'repository', name: ID_VARIABLE, value: 'payroll' },
);

const aStory: fc.Arbitrary<Omit<Story, 'id'> & Pick<Story, 'tier'>> = fc
  .record({
    tier: fc.constantFrom(0, 1, 1),
    shape: aShape,
    clocks: fc.record({ vantage: anOffset, github: anOffset }),
    clients: fc.oneof(
      fc.constant([]),
      aClient.map(client => [client]),
    ),
    runs: fc.array(aRun, { minLength: 2, maxLength: 3 }),
    deed: fc.option(aDeed, { nil: undefined }),
  })
  .map(({ tier, shape, clocks, clients, runs, deed }) => {
    const used = clients.length > 0;
    const [first, ...rest] = runs.map((run, index): Act => ({ ...run, run: `run ${index + 1}` }));
    return {
      ...{ tier, shape, clocks, clients },
      holdings: used ? LINES.map(line => ({ line, secret: 'held' })) : [],
      environments: used ? [] : ['production'],
      acts: [...(first ? [first] : []), ...(used && deed ? [{ others: deed }] : []), ...rest],
    };
  });
