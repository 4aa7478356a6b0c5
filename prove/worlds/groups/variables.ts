import { CLIENT_ID, END_VARIABLE, ID_VARIABLE } from '../places.ts';
import type { Act, RunAct, Story } from '../story.ts';
import { ALWAYS, group, holding, pairsOf, REPOSITORY_LINE, TO_ONE, usedClient, WHEN_DUE } from './common.ts';

const WITH_ID = { 'client-id-variable': ID_VARIABLE };
const WITH_BOTH = { ...WITH_ID, 'expiration-variable': END_VARIABLE };
const FIRST: RunAct = { run: 'the first run', expects: { green: true } };
const REPAIRED: RunAct = { run: 'the second run', expects: { green: true } };
const QUIET: RunAct = { run: 'a run with nothing to do', expects: { green: true, changesNothing: true } };

/** What somebody does manually to the variables between two runs. */
const BETWEEN: Readonly<Record<string, Act>> = {
  'id removed': { others: { removes: 'variable', line: REPOSITORY_LINE, name: ID_VARIABLE } },
  'id of another client': {
    others: { writes: 'variable', line: REPOSITORY_LINE, name: ID_VARIABLE, value: 'payroll' },
  },
  'end removed': { others: { removes: 'variable', line: REPOSITORY_LINE, name: END_VARIABLE } },
  'end wrong': {
    others: { writes: 'variable', line: REPOSITORY_LINE, name: END_VARIABLE, value: '2031-01-01T00:00:00Z' },
  },
};

const SECRET_WRITTEN = 'github.PUT:/repos/octo-org/octo-repo/actions/secrets/VANTAGE_CLIENT_SECRET#1.body';

/** Why the variables are missing. */
const BEGINNINGS: Readonly<Record<'missing' | 'added-later' | 'killed', readonly Act[]>> = {
  missing: [],
  'added-later': [{ ...FIRST, inputs: { ...ALWAYS, 'client-id-variable': '', 'expiration-variable': '' } }],
  killed: [
    { run: 'the killed run', inputs: ALWAYS, at: { event: SECRET_WRITTEN, comes: 'SIGKILL' } },
    { endOf: 'the killed run' },
  ],
};

/** A run also ensures the variables next to a target. */
export const VARIABLE_STORIES = group(
  'variables',
  ([0, 1] as const).flatMap((tier): Story[] => [
    ...pairsOf(Object.entries({ id: WITH_ID, both: WITH_BOTH }), ['missing', 'added-later', 'killed']).map(
      ([[which, inputs], how]): Story => ({
        id: `${which} ${how} tier${tier}`,
        tier,
        clients: [usedClient()],
        inputs: { ...WHEN_DUE, ...TO_ONE, ...inputs },
        ...(how === 'missing' ? { holdings: holding() } : {}),
        acts: [...BEGINNINGS[how as keyof typeof BEGINNINGS], REPAIRED, QUIET],
      }),
    ),
    ...Object.entries(BETWEEN)
      // On tier 0, only the variable shows when a secret expires.
      .filter(([what]) => !(tier === 0 && what.startsWith('end')))
      .map(
        ([what, between]): Story => ({
          id: `${what} tier${tier}`,
          tier,
          inputs: { ...WHEN_DUE, ...TO_ONE, ...WITH_BOTH },
          acts: [FIRST, QUIET, between, REPAIRED, QUIET],
        }),
      ),
    {
      // The secret expires in a month. From now on, the workflow requests a year.
      id: `longer-life tier${tier}`,
      tier,
      clients: [usedClient([REPOSITORY_LINE], 5)],
      holdings: [
        {
          line: REPOSITORY_LINE,
          secret: 'held',
          variables: { [ID_VARIABLE]: CLIENT_ID, [END_VARIABLE]: new Date(Date.now() + 5 * 86_400_000).toISOString() },
        },
      ],
      inputs: { ...WHEN_DUE, ...TO_ONE, ...WITH_BOTH, 'secret-expiration': 'P1Y' },
      acts: [{ run: 'the run', expects: { green: true, delivers: true } }],
    },
  ]),
);
