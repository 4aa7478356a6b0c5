import type { Mishap, RouteFault, RouteName } from '../../../emulator/vantage/index.ts';
import type { RunAct, Story } from '../story.ts';
import { ALWAYS, group, holding, pairsOf, REPOSITORY_LINE, TO_ONE, usedClient, WHEN_DUE } from './common.ts';

const STATUSES = [308, 400, 401, 403, 404, 406, 409, 410, 415, 422, 429, 500, 503];

/** Possible responses to an undocumented read, if any. */
const ANSWERS: Readonly<Record<string, Mishap>> = {
  ...Object.fromEntries(
    STATUSES.map(status => [
      String(status),
      status === 308
        ? { kind: 'redirect', status, location: 'https://vantage.example/signin' }
        : { kind: 'answer', status, body: { title: 'Not for you', status } },
    ]),
  ),
  html: { kind: 'html' },
  'bad-item': { kind: 'wrong-shape', body: { items: [{ id: null }], totalItemCount: 1 } },
  'wrong-shape': { kind: 'wrong-shape' },
  reset: { kind: 'reset' },
  hang: { kind: 'stall' },
};

const READS: Readonly<Record<string, readonly RouteName[]>> = {
  client: ['readClient'],
  secrets: ['readSecrets'],
  both: ['readClient', 'readSecrets'],
};

/** The purpose of the run. All of them get the same responses in turn. */
const PURPOSES: readonly { readonly name: string; readonly story: Omit<Story, 'id' | 'acts' | 'tier'> }[] = [
  { name: 'new', story: { inputs: { ...ALWAYS, ...TO_ONE } } },
  { name: 'adopt', story: { inputs: { ...ALWAYS, ...TO_ONE }, clients: [usedClient()], holdings: holding() } },
  {
    name: 'output',
    story: { inputs: { ...ALWAYS, 'if-exists': 'update' }, clients: [usedClient()], mayUpdate: true },
  },
  {
    name: 'due',
    story: {
      inputs: { ...WHEN_DUE, ...TO_ONE },
      clients: [usedClient([REPOSITORY_LINE], 5)],
      holdings: [{ line: REPOSITORY_LINE, secret: 'held', writtenAgo: 180 }],
    },
  },
];

/** Reads get a part of `timeout`, so a short one keeps the worlds fast. */
const HURRY = { timeout: '12s' };

/** Undocumented reads return anything or nothing. The documented operations decide, and the secret is delivered. */
export const READ_STORIES = group('reads', [
  ...pairsOf(Object.keys(ANSWERS), Object.keys(READS)).map(([answer, which], index): Story => {
    const { name, story } = PURPOSES[index % PURPOSES.length] ?? { name: 'new', story: {} };
    const vantage = faultsOf(READS[which] ?? [], answer);
    const inputs = { ...story.inputs, ...HURRY };
    const run: RunAct = { run: 'the run', vantage, expects: { green: true, delivers: true } };
    return { id: `${which}=${answer} ${name}`, tier: 1, ...story, inputs, acts: [run] };
  }),
  ...Object.keys(ANSWERS).map(
    (answer): Story => ({
      id: `both=${answer} not-due`,
      tier: 1,
      inputs: { ...WHEN_DUE, ...TO_ONE, ...HURRY },
      clients: [usedClient()],
      holdings: holding(),
      acts: [
        {
          run: 'the run',
          vantage: faultsOf(READS.both ?? [], answer),
          expects: { green: true, changesNothing: true },
        },
      ],
    }),
  ),
  // A dry run sends more reads than a real run because it must not use a POST request to find out.
  ...Object.keys(ANSWERS).map(
    (answer): Story => ({
      id: `list-of-clients=${answer} dry-run`,
      tier: 1,
      inputs: { ...WHEN_DUE, ...TO_ONE, ...HURRY, 'dry-run': 'true' },
      clients: [usedClient()],
      holdings: holding(),
      acts: [
        {
          run: 'the run',
          vantage: [...faultsOf(READS.both ?? [], '404'), ...faultsOf(['listClients'], answer)],
          expects: { green: true, changesNothing: true },
        },
      ],
    }),
  ),
]);

function faultsOf(routes: readonly RouteName[], answer: string): readonly RouteFault[] {
  const mishap = ANSWERS[answer];
  return mishap ? routes.map(on => ({ on, mishap })) : [];
}
