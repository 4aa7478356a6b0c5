import { CLIENT_ID, SECRET_NAME } from '../places.ts';
import type { Act, Deed, RunAct, Story } from '../story.ts';
import { group, holding, pairsOf, TARGETS, TO_TWO, usedClient, WHEN_DUE } from './common.ts';

/** What somebody deleted manually. */
const DEEDS: Readonly<Record<string, Deed>> = {
  client: { deletesClient: CLIENT_ID },
  secret: { deletesSecretOf: 'repository', client: CLIENT_ID },
  target: { removes: 'secret', line: 'environment production', name: SECRET_NAME },
};

/** How the next run fails. */
const FAILURES: Readonly<Record<string, Pick<RunAct, 'vantage' | 'github' | 'at'>>> = {
  'secret-refused': {
    vantage: [{ on: 'createSecret', mishap: { kind: 'answer', status: 400, body: { title: 'No.' } } }],
  },
  'killed-before-secret': { at: { event: 'vantage.createSecret#1.arrived', comes: 'SIGKILL' } },
  'killed-after-secret': { at: { event: 'vantage.createSecret#1.body', comes: 'SIGKILL' } },
  'first-write-refused': {
    github: [{ on: 'writeSecret', mishap: { kind: 'answer', status: 403, body: { message: 'No' } } }],
  },
  'second-write-refused': {
    github: [{ on: 'writeSecret', skip: 1, mishap: { kind: 'answer', status: 403, body: { message: 'No' } } }],
  },
  'outage-after-first-write': {
    github: [{ on: 'writeSecret', skip: 1, mishap: { kind: 'reset' } }],
  },
};

/** After a manual deletion and a failed run, no further run may succeed while a target holds a deleted secret. */
export const GONE_STORIES = group(
  'gone',
  pairsOf(pairsOf(Object.entries(DEEDS), Object.entries(FAILURES)), pairsOf([0, 1] as const, [false, true])).flatMap(
    ([[[what, deed], [how, failure]], [tier, showsSecret]]): Story[] => {
      // On tier 0, only the token endpoint shows that somebody deleted a secret.
      const isHopeless = what === 'secret' && tier === 0 && !showsSecret;
      const isKill = 'at' in failure;
      const current = showsSecret ? { currentFrom: 'repository' } : {};
      // The workflow reads the secret from the target before the run, as a job reads `secrets`.
      const acts: Act[] = [
        { others: deed },
        { run: 'the run that fails', ...current, ...failure },
        ...(isKill ? [{ endOf: 'the run that fails' }] : []),
        { run: 'the second run', ...current },
        { run: 'the third run', ...current },
      ];
      return isHopeless || (what === 'target' && showsSecret)
        ? []
        : [
            {
              id: `${what} ${how} tier${tier}${showsSecret ? ' current-secret' : ''}`,
              tier,
              clients: [usedClient(TARGETS)],
              holdings: holding(TARGETS).map(held => ({ ...held, writtenAgo: 10 })),
              inputs: { ...WHEN_DUE, ...TO_TWO },
              acts,
            },
          ];
    },
  ),
);
