import { END_VARIABLE, ID_VARIABLE } from '../places.ts';
import type { ClientStory, Story } from '../story.ts';
import { group, ownSecret, pairsOf, REPOSITORY_LINE, TO_ONE } from './common.ts';

const SEVEN = 'invoices-pr-7';
const EIGHT = 'invoices-pr-8';
const WITH_VARIABLES = { 'client-id-variable': ID_VARIABLE };

/** What the target belongs to when the client of pull request 7 is deleted. */
const SERVES: Readonly<Record<string, { readonly secret: string; readonly client: string }>> = {
  'the-other': { secret: 'eighth', client: EIGHT },
  'its-own': { secret: 'seventh', client: SEVEN },
};

const CLIENTS: readonly ClientStory[] = [
  { clientId: SEVEN, secrets: [ownSecret('seventh', [REPOSITORY_LINE], 9, 100)] },
  { clientId: EIGHT, secrets: [ownSecret('eighth', [REPOSITORY_LINE], 2, 100)] },
];

/** `mode: delete`: the client is deleted, and in GitHub only what belongs to it. */
export const DELETE_STORIES = group('delete', [
  ...pairsOf(Object.entries(SERVES), ['variable', 'no-variable', 'with-end']).map(
    ([[whom, { secret, client }], what]): Story => ({
      id: `target-serves-${whom} ${what}`,
      tier: 1,
      clients: CLIENTS,
      holdings: [
        {
          line: REPOSITORY_LINE,
          secret,
          ...(what === 'no-variable'
            ? {}
            : {
                variables: {
                  [ID_VARIABLE]: client,
                  ...(what === 'with-end' ? { [END_VARIABLE]: '2027-06-01T00:00:00Z' } : {}),
                },
              }),
        },
      ],
      mayGo: [SEVEN],
      inputs: {
        mode: 'delete',
        'client-id': SEVEN,
        ...TO_ONE,
        ...(what === 'no-variable' ? {} : WITH_VARIABLES),
        ...(what === 'with-end' ? { 'expiration-variable': END_VARIABLE } : {}),
      },
      acts: [
        { run: 'the run', expects: { green: true, deletes: [SEVEN] } },
        { run: 'the run again', expects: { green: true, changesNothing: false } },
      ],
    }),
  ),
  {
    id: 'own-client by access token',
    tier: 1,
    clients: CLIENTS,
    inputs: { mode: 'delete', 'client-id': '{administrator}' },
    acts: [{ run: 'the run', withTokenOf: 'the administrator', expects: { green: false } }],
  },
  {
    id: 'own-client by client credentials',
    tier: 1,
    clients: CLIENTS,
    inputs: { mode: 'delete', 'client-id': '{administrator}' },
    acts: [{ run: 'the run', expects: { green: false } }],
  },
  ...(['delete', 'sweep'] as const).map(
    (mode): Story => ({
      id: `dry-run ${mode}`,
      tier: 1,
      clients: CLIENTS,
      holdings: [{ line: REPOSITORY_LINE, secret: 'seventh' }],
      pullRequests: [
        { number: 7, state: 'closed' },
        { number: 8, state: 'open' },
      ],
      inputs:
        mode === 'delete'
          ? { mode, 'client-id': SEVEN, ...TO_ONE, 'dry-run': 'true' }
          : { mode, 'client-id': '', 'client-id-pattern': 'invoices-pr-{pr}', 'dry-run': 'true' },
      acts: [{ run: 'the run', expects: { green: true, changesNothing: true } }],
    }),
  ),
]);
