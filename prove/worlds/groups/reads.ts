import type { Mishap, RouteFault, RouteName } from '../../../emulator/vantage/index.ts';
import type { RunAct, Story } from '../story.ts';
import { ALWAYS, group, holding, pairsOf, REPOSITORY_LINE, TO_ONE, usedClient, WHEN_DUE } from './common.ts';

const STATUSES = [308, 400, 401, 403, 404, 406, 409, 410, 415, 422, 429, 500, 503];

/** What a question that nobody documented may be answered, if at all. */
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

/** What the run is for: the same answers meet all of them in turn. */
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

/** So that the questions, which get a part of the time, cost little. */
const HURRY = { timeout: '12s' };

/** Undocumented reads answer anything or nothing: the documented operations decide, and the secret is delivered. */
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
]);

function faultsOf(routes: readonly RouteName[], answer: string): readonly RouteFault[] {
  const mishap = ANSWERS[answer];
  return mishap ? routes.map(on => ({ on, mishap })) : [];
}
