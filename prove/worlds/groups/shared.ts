import { CLIENT_ID, OTHER_ID } from '../places.ts';
import type { Actor, Holding, RunAct, SecretStory, Story } from '../story.ts';
import { ALWAYS, group, ownSecret, WHEN_DUE } from './common.ts';

const ORGANIZATION = 'organization octo-org';
const THEIRS: Actor = { repositoryId: OTHER_ID };
const WEBSITE = 'repository octo-org/website';

/** A target that both repositories write, from the view of each. */
const SHARED: Readonly<Record<string, { readonly ours: string; readonly theirs: string }>> = {
  organization: { ours: ORGANIZATION, theirs: ORGANIZATION },
  repository: { ours: WEBSITE, theirs: 'repository' },
};

/** Several repositories write the same targets. They share the secret, and each deletes only what it created. */
export const SHARED_STORIES = group('shared', [
  ...Object.entries(SHARED).flatMap(([what, { ours, theirs }]) => {
    const us = (more: Omit<RunAct, 'run'> = {}): RunAct => turn('our run', {}, ours, more);
    const them = (more: Omit<RunAct, 'run'> = {}): RunAct => turn('their run', THEIRS, theirs, more);
    const quiet = { expects: { green: true, changesNothing: true } };
    const delivering = { expects: { green: true, delivers: true } };
    return [
      ...([0, 1] as const).flatMap((tier): Story[] => [
        {
          id: `${what} first-come tier${tier}`,
          tier,
          makes: 1,
          acts: [us(delivering), them(quiet), us(quiet), them(quiet)],
        },
        {
          // A secret for 65 days that is 60 days old.
          id: `${what} due tier${tier}`,
          tier,
          clients: [{ clientId: CLIENT_ID, secrets: [ownSecret('held', [ours], 60, 5)] }],
          holdings: [{ line: ours, secret: 'held' }],
          inputs: { 'secret-expiration': '65d' },
          makes: 1,
          acts: [them(delivering), us(quiet), them(quiet)],
        },
      ]),
      {
        id: `${what} prune`,
        tier: 1,
        clients: [
          {
            clientId: CLIENT_ID,
            secrets: [
              ownSecret('our first', [ours], 60, 100),
              theirSecret('their first', [theirs], 50),
              theirSecret('their second', [theirs], 40),
              ownSecret('our second', [ours], 30, 100),
            ],
          },
        ],
        holdings: [{ line: ours, secret: 'our second' }],
        inputs: { 'prune-after': '1d' },
        makes: 0,
        leaves: 1,
        acts: [
          us({ expects: { green: true, prunes: ['our first'] } }),
          them({ expects: { green: true, prunes: ['their first', 'their second'] } }),
        ],
      } satisfies Story,
    ];
  }),
  ...([0, 1] as const).map((tier): Story => {
    const us = (more: Omit<RunAct, 'run'>): RunAct => turn('our run', {}, `repository\n${ORGANIZATION}`, more);
    const them = (more: Omit<RunAct, 'run'>): RunAct => turn('their run', THEIRS, `${ORGANIZATION}\nrepository`, more);
    const rotation = { inputs: { ...ALWAYS, 'prune-after': '1d' }, expects: { green: true, delivers: true } };
    const quiet = { expects: { green: true, changesNothing: true } };
    return {
      id: `overlapping tier${tier}`,
      tier,
      makes: 6,
      acts: [
        us({ expects: { green: true, delivers: true } }),
        them({ expects: { green: true } }),
        us(quiet),
        them(quiet),
        { others: { passes: 3 } },
        us(rotation),
        them(rotation),
        { others: { passes: 3 } },
        them(rotation),
        us(rotation),
      ],
    };
  }),
  holdsTwo(),
]);

function turn(run: string, by: Actor, writeTo: string, { inputs, ...more }: Omit<RunAct, 'run'>): RunAct {
  return { run, by, ...more, inputs: { ...WHEN_DUE, 'write-to': writeTo, ...inputs } };
}

function theirSecret(name: string, lines: readonly string[], madeAgo: number): SecretStory {
  return { name, by: { repository: 'octo-org/website', for: lines }, madeAgo, left: 100 };
}

/** Another repository has created the secret in one of two targets since. The secret in the other target is kept. */
function holdsTwo(): Story {
  const lines = ['repository', ORGANIZATION];
  const holdings: readonly Holding[] = [
    { line: 'repository', secret: 'ours' },
    { line: ORGANIZATION, secret: 'theirs' },
  ];
  return {
    id: 'one-of-two-overwritten',
    tier: 1,
    clients: [
      {
        clientId: CLIENT_ID,
        secrets: [ownSecret('ours', lines, 30, 100), theirSecret('theirs', [ORGANIZATION], 20)],
      },
    ],
    holdings,
    inputs: { 'prune-after': '1d' },
    makes: 0,
    leaves: 2,
    acts: [
      turn('our run', {}, lines.join('\n'), { expects: { green: true, changesNothing: true } }),
      turn('their run', THEIRS, ORGANIZATION, { expects: { green: true, changesNothing: true } }),
    ],
  };
}
