import { CLIENT_ID, END_VARIABLE, ID_VARIABLE } from '../places.ts';
import type { RunAct, Story } from '../story.ts';
import { group, TO_ONE, WHEN_DUE } from './common.ts';

const RIVAL = 'payroll';
const VARIABLES = { 'client-id-variable': ID_VARIABLE, 'expiration-variable': END_VARIABLE };

/** Two steps deliver to one target for two clients. The action reports it, and writes secret and variables together. */
export const RIVAL_STORIES = group('rivals', [
  ...([0, 1] as const).map(
    (tier): Story => ({
      id: `variable tier${tier}`,
      tier,
      inputs: { ...WHEN_DUE, ...TO_ONE, ...VARIABLES },
      makes: 3,
      acts: [
        step('the first step', CLIENT_ID),
        step('the second step', RIVAL, /another client: "invoices"/u),
        step('the first step again', CLIENT_ID, /another client: "payroll"/u),
      ],
    }),
  ),
  {
    id: 'marks',
    tier: 1,
    inputs: { ...WHEN_DUE, ...TO_ONE },
    makes: 2,
    acts: [step('the first step', CLIENT_ID), step('the second step', RIVAL, /a secret of client "invoices"/u)],
  },
]);

function step(run: string, clientId: string, says?: RegExp): RunAct {
  return {
    run,
    inputs: { 'client-id': clientId },
    expects: { green: true, delivers: true, ...(says ? { says } : {}) },
  };
}
