import { CLIENT_ID, OWN_ID } from '../places.ts';
import type { Act, Actor, ClientStory, Deed, Story } from '../story.ts';
import { ALWAYS, group, holding, ownSecret, TARGETS, TO_ONE, TO_TWO, WHEN_DUE } from './common.ts';

const RENAMES: Readonly<Record<string, Extract<Deed, { renames: number }>['to']>> = {
  renamed: { repo: 'octo-renamed' },
  transferred: { owner: 'acme' },
  'renamed-and-transferred': { owner: 'acme', repo: 'octo-renamed' },
  're-cased': { owner: 'Octo-Org', repo: 'Octo-Repo' },
};

const ANEW = 1009;
const SUCCESSOR: Actor = { repositoryId: ANEW };
const RECREATED: Act = { others: { recreates: OWN_ID, as: ANEW } };
const ELSEWHERE: Actor = { on: 'the other GitHub' };

const SWEEP = { mode: 'sweep', 'client-id': '', 'client-id-pattern': 'invoices-pr-{pr}' };
const CLOSED = 'invoices-pr-7';
const PREVIEW: Pick<Story, 'clients' | 'pullRequests'> = {
  clients: [{ clientId: CLOSED, secrets: [ownSecret('of the preview', ['repository as PREVIEW'], 5, 100)] }],
  pullRequests: [{ number: 7, state: 'closed' }],
};

const QUIET = { green: true, changesNothing: true };
const PRUNE = { 'prune-after': '1d' };

/** Who owns something if names are misleading: a repository is identified by its ID on its GitHub. */
export const IDENTITY_STORIES = group('identity', [
  ...Object.entries(RENAMES).flatMap(([how, to]): Story[] => {
    const rename: Act = { others: { renames: OWN_ID, to } };
    return [
      ...([0, 1] as const).map(
        (tier): Story => ({
          id: `${how} not-due tier${tier}`,
          tier,
          clients: [used(TARGETS)],
          holdings: holding(TARGETS),
          inputs: { ...WHEN_DUE, ...TO_TWO },
          makes: 0,
          acts: [{ run: 'the run before', expects: QUIET }, rename, { run: 'the run after', expects: QUIET }],
        }),
      ),
      {
        id: `${how} prune`,
        tier: 1,
        clients: [used(TARGETS)],
        holdings: holding(TARGETS),
        inputs: { ...WHEN_DUE, ...TO_TWO, ...PRUNE },
        makes: 1,
        leaves: 2,
        acts: [
          rename,
          { run: 'the run after', expects: { green: true, prunes: ['older'] } },
          { others: { passes: 3 } },
          { run: 'a rotation', inputs: ALWAYS, expects: { green: true, delivers: true } },
          { others: { passes: 3 } },
          { run: 'the last run', expects: { green: true, prunes: ['held'] } },
        ],
      },
      {
        id: `${how} sweep`,
        tier: 1,
        ...PREVIEW,
        mayGo: [CLOSED],
        inputs: SWEEP,
        acts: [rename, { run: 'the sweep', expects: { green: true, deletes: [CLOSED] } }],
      },
    ];
  }),
  {
    // The secret of the organization still works, whoever created it.
    id: 'recreated shared-target',
    tier: 1,
    clients: [used(['organization octo-org'])],
    holdings: holding(['organization octo-org']),
    inputs: { ...WHEN_DUE, ...PRUNE, 'write-to': 'organization octo-org' },
    makes: 1,
    leaves: 4,
    acts: [
      RECREATED,
      { run: 'the first run', by: SUCCESSOR, expects: QUIET },
      { run: 'a rotation', by: SUCCESSOR, inputs: ALWAYS, expects: { green: true, delivers: true } },
      { others: { passes: 3 } },
      { run: 'the last run', by: SUCCESSOR, expects: QUIET },
    ],
  },
  {
    id: 'recreated own-target',
    tier: 1,
    clients: [used()],
    holdings: holding(),
    inputs: { ...WHEN_DUE, ...PRUNE, ...TO_ONE },
    makes: 1,
    leaves: 4,
    acts: [
      RECREATED,
      { run: 'the first run', by: SUCCESSOR, expects: { green: true, delivers: true } },
      { others: { passes: 3 } },
      { run: 'the second run', by: SUCCESSOR, expects: QUIET },
    ],
  },
  {
    id: 'recreated sweep',
    tier: 1,
    ...PREVIEW,
    inputs: SWEEP,
    acts: [
      RECREATED,
      { others: { closes: 7, of: ANEW } },
      { run: 'the sweep', by: SUCCESSOR, expects: { green: true, says: /1 client is kept/u } },
    ],
  },
  ...([0, 1] as const).map(
    (tier): Story => ({
      id: `elsewhere deliver tier${tier}`,
      tier,
      hasOtherGitHub: true,
      inputs: { ...WHEN_DUE, ...TO_ONE },
      makes: 2,
      acts: [
        { run: 'our run', expects: { green: true, delivers: true } },
        { run: 'their run', by: ELSEWHERE, expects: { green: true, delivers: true } },
        { run: 'our second run', expects: QUIET },
        { run: 'their second run', by: ELSEWHERE, expects: QUIET },
      ],
    }),
  ),
  {
    id: 'elsewhere prune',
    tier: 1,
    hasOtherGitHub: true,
    clients: [used()],
    holdings: holding(),
    inputs: { ...WHEN_DUE, ...TO_ONE, ...PRUNE },
    makes: 2,
    leaves: 4,
    acts: [
      { run: 'their first run', by: ELSEWHERE, expects: { green: true, delivers: true } },
      { others: { passes: 3 } },
      { run: 'their rotation', by: ELSEWHERE, inputs: ALWAYS, expects: { green: true, delivers: true } },
      { others: { passes: 3 } },
      { run: 'their last run', by: ELSEWHERE, expects: { green: true } },
    ],
  },
  {
    id: 'elsewhere sweep',
    tier: 1,
    hasOtherGitHub: true,
    ...PREVIEW,
    inputs: SWEEP,
    acts: [{ run: 'their sweep', by: ELSEWHERE, expects: { green: true, says: /1 client is kept/u } }],
  },
]);

/** A client whose secret the workflow's repository rotated once, and that somebody else uses as well. */
function used(lines?: readonly string[]): ClientStory {
  const own = lines ?? ['repository'];
  return {
    clientId: CLIENT_ID,
    secrets: [
      { name: 'by hand', by: 'hand', madeAgo: 200, left: 100 },
      ownSecret('older', own, 60, 100),
      ownSecret('held', own, 30, 150),
    ],
  };
}
