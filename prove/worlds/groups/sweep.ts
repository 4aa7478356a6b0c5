import type { RouteFault } from '../../../emulator/vantage/index.ts';
import type { SecretStory, Story } from '../story.ts';
import { group, ownSecret, pairsOf } from './common.ts';
import { CUT } from './lists.ts';

const SWEEP = { mode: 'sweep', 'client-id': '', 'client-id-pattern': 'invoices-pr-{pr}' };
const CLOSED = 'invoices-pr-7';
const OPEN = 'invoices-pr-8';

/** The owner of the secrets of a client of a closed pull request. Only the first is provably this repository. */
const MARKS: Readonly<Record<string, readonly SecretStory[]>> = {
  own: [ownSecret('own', [], 5, 100)],
  none: [],
  'by-hand': [{ name: 'by hand', by: 'hand', madeAgo: 5, left: 100 }],
  another: [{ name: 'of another', by: { repository: 'octo-org/website' }, madeAgo: 5, left: 100 }],
  mixed: [
    ownSecret('own', [], 5, 100),
    { name: 'of another', by: { repository: 'octo-org/website' }, madeAgo: 5, left: 100 },
  ],
};

/** The response to the list of its secrets. */
const LISTS: Readonly<Record<string, Pick<Story, 'shape'> & { readonly fault?: RouteFault['mishap'] }>> = {
  told: {},
  hidden: { shape: { descriptions: 'hidden' } },
  403: { fault: { kind: 'answer', status: 403 } },
  404: { fault: { kind: 'answer', status: 404 } },
  500: { fault: { kind: 'answer', status: 500 } },
  html: { fault: { kind: 'html' } },
  'bad-item': { fault: { kind: 'wrong-shape', body: { items: [{ id: null, description: 7 }], totalItemCount: 1 } } },
  'spoilt-item': {
    fault: { kind: 'wrong-shape', body: { items: [{ id: 'a', description: null }, 'spoilt'], totalItemCount: 2 } },
  },
};

/** `mode: sweep`: deletes only what provably belongs to the repository, and only after its pull request is closed. */
export const SWEEP_STORIES = group('sweep', [
  ...pairsOf(Object.entries(MARKS), Object.entries(LISTS)).map(
    ([[marks, secrets], [list, { shape, fault }]]): Story => {
      const isProvable = marks === 'own' && list === 'told';
      return {
        id: `marks=${marks} list=${list}`,
        tier: 1,
        ...(shape ? { shape } : {}),
        clients: [
          { clientId: CLOSED, secrets },
          { clientId: OPEN, secrets: [ownSecret('of the open one', [], 5, 100)] },
        ],
        pullRequests: [
          { number: 7, state: 'closed' },
          { number: 8, state: 'open' },
        ],
        mayGo: isProvable ? [CLOSED] : [],
        inputs: SWEEP,
        acts: [
          {
            run: 'the run',
            ...(fault ? { vantage: [{ on: 'readSecrets', mishap: fault }] } : {}),
            expects: { green: true, ...(isProvable ? { deletes: [CLOSED] } : {}) },
          },
        ],
      };
    },
  ),
  {
    id: 'pull-request unreadable',
    tier: 1,
    clients: [{ clientId: CLOSED, secrets: [ownSecret('own', [], 5, 100)] }],
    pullRequests: [{ number: 7, state: 'closed' }],
    inputs: SWEEP,
    acts: [{ run: 'the run', github: [{ on: 'readPullRequest', mishap: { kind: 'answer', status: 404 } }] }],
  },
  ...Object.entries(CUT).map(
    ([how, shape]): Story => ({
      // The first two secrets belong to the action. The third, missing from the list, belongs to another repository.
      id: `secrets-cut=${how}`,
      tier: 1,
      shape: { ...shape, pageSize: 2 },
      clients: [
        {
          clientId: CLOSED,
          secrets: [
            ownSecret('first', [], 9, 100),
            ownSecret('second', [], 5, 100),
            { name: 'third', by: { repository: 'octo-org/website' }, madeAgo: 5, left: 100 },
          ],
        },
      ],
      pullRequests: [{ number: 7, state: 'closed' }],
      inputs: SWEEP,
      acts: [{ run: 'the run', expects: { green: true } }],
    }),
  ),
]);
