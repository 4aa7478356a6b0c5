import type { Shapes } from '../../../emulator/vantage/index.ts';
import { CLIENT_ID } from '../places.ts';
import type { ClientStory, Story } from '../story.ts';
import { ALWAYS, group, holding, ownSecret, pairsOf, REPOSITORY_LINE, TO_ONE, usedClient, WHEN_DUE } from './common.ts';

/** A server that always returns the first hundred items of a list. */
export const CUT: Readonly<Record<string, Partial<Shapes>>> = {
  array: { list: 'array', paging: 'ignored', pageSize: 100 },
  uncounted: { list: 'envelope-without-count', paging: 'ignored', pageSize: 100 },
};

/** The first of these secrets can be pruned. The second is in use. The third superseded it and was lost. */
const PRUNABLE: ClientStory = {
  clientId: CLIENT_ID,
  secrets: [
    { name: 'by hand', by: 'hand', madeAgo: 60, left: 100 },
    ownSecret('old', [REPOSITORY_LINE], 40, 100),
    ownSecret('held', [REPOSITORY_LINE], 20, 100),
  ],
};

const PRUNE = { ...ALWAYS, ...TO_ONE, 'prune-after': '1d' };

/** More than a page of other clients before the client of the world. */
export function crowd(size: number): readonly ClientStory[] {
  return Array.from({ length: size }, (_, index) => ({ clientId: `crowd-${String(index).padStart(3, '0')}` }));
}

/** Lists whose items leave out fields, whose IDs are unusual, or that are incomplete. */
export const LIST_STORIES = group('lists', [
  ...pairsOf(['hidden', 'null'] as const, [ALWAYS, WHEN_DUE]).map(
    ([descriptions, how]): Story => ({
      id: `descriptions=${descriptions} ${how.rotate}`,
      tier: 1,
      shape: { descriptions },
      clients: [PRUNABLE],
      holdings: holding(),
      inputs: { ...TO_ONE, ...how, 'prune-after': '1d' },
      acts: [{ run: 'the first run' }, { run: 'the second run' }],
    }),
  ),
  // Parsed as a number, an odd ID above 2^53 becomes an even one: that of no secret, or of the manually created one.
  ...(['9007199254750900', '9007199254750992'] as const).map(
    (byHand, index): Story => ({
      id: `ids=numbers prune${index === 0 ? '' : ' beside-foreign'}`,
      tier: 1,
      shape: { secretIds: 'number' },
      clients: [
        {
          clientId: CLIENT_ID,
          secrets: [
            { name: 'by hand', by: 'hand', madeAgo: 60, left: 100, id: byHand },
            { ...ownSecret('old', [REPOSITORY_LINE], 40, 100), id: '9007199254750993' },
            { ...ownSecret('held', [REPOSITORY_LINE], 20, 100), id: '9007199254750998' },
          ],
        },
      ],
      holdings: holding(),
      inputs: PRUNE,
      acts: [{ run: 'the run', expects: { green: true, delivers: true, prunes: ['old'] } }],
    }),
  ),
  {
    id: 'ids=numbers revoke',
    tier: 1,
    shape: { secretIds: 'number' },
    clients: [{ clientId: CLIENT_ID, secrets: [{ name: 'by hand', by: 'hand', madeAgo: 60, left: 100 }] }],
    inputs: { 'revoke-at-job-end': 'true' },
    acts: [
      { run: 'the run', expects: { green: true, delivers: true } },
      { endOf: 'the run', revokes: true },
    ],
  },
  ...['..', '.', '%2e%2e', '../../payroll'].map(
    (id): Story => ({
      id: `ids=${id} prune`,
      tier: 1,
      clients: [
        { clientId: 'payroll', secrets: [{ name: 'pay', by: 'hand', madeAgo: 10, left: 100 }] },
        {
          clientId: CLIENT_ID,
          secrets: [
            { ...ownSecret('old', [REPOSITORY_LINE], 40, 100), id },
            ownSecret('held', [REPOSITORY_LINE], 20, 100),
          ],
        },
      ],
      holdings: holding(),
      inputs: PRUNE,
      acts: [{ run: 'the run', expects: { green: true, delivers: true } }],
    }),
  ),
  ...Object.entries(CUT).map(
    ([how, shape]): Story => ({
      id: `secrets-cut=${how} prune`,
      tier: 1,
      shape: { ...shape, pageSize: 2 },
      clients: [PRUNABLE],
      holdings: holding(),
      inputs: { ...TO_ONE, ...WHEN_DUE, 'prune-after': '1d' },
      acts: [{ run: 'the first run' }, { run: 'the second run', inputs: ALWAYS }],
    }),
  ),
  ...pairsOf(Object.entries(CUT), ['delete', 'audit', 'sweep']).map(([[how, shape], mode]): Story => {
    const size = 120;
    return {
      id: `clients-cut=${how} ${mode}`,
      tier: 1,
      shape,
      clients: [...crowd(size), ...(mode === 'sweep' ? [pullRequestClient(7)] : [usedClient()])],
      pullRequests: [{ number: 7, state: 'closed' }],
      mayGo: mode === 'audit' ? [] : [mode === 'sweep' ? 'invoices-pr-7' : CLIENT_ID],
      inputs: {
        mode,
        ...(mode === 'delete' ? {} : { 'client-id': '' }),
        ...(mode === 'sweep' ? { 'client-id-pattern': 'invoices-pr-{pr}' } : {}),
      },
      acts: [
        {
          run: 'the run',
          // If Vantage does not answer requests for one client, only the list shows whether the client exists.
          ...(mode === 'delete'
            ? { vantage: [{ on: 'readClient' as const, mishap: { kind: 'answer' as const, status: 405 } }] }
            : {}),
          ...(mode === 'delete' ? { expects: { green: true, deletes: [CLIENT_ID] } } : {}),
          // The administrator's client exists in addition.
          ...(mode === 'audit' ? { expects: { green: true, seesOrSays: size + 2 } } : {}),
          ...(mode === 'sweep' ? { expects: { green: true, seesOrSays: 1 } } : {}),
        },
      ],
    };
  }),
]);

function pullRequestClient(number: number): ClientStory {
  return {
    clientId: `invoices-pr-${number}`,
    secrets: [ownSecret(`of pull request ${number}`, [], 5, 100)],
  };
}
