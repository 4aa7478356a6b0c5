import type { RunAct, Story } from '../story.ts';
import { ALWAYS, group, pairsOf, WHEN_DUE } from './common.ts';

const STAGING = '/repos/octo-org/octo-repo/environments/staging';

/** When somebody makes the environment by hand: once the check has found it missing, or before the secret is made. */
const MOMENTS: Readonly<Record<string, string>> = {
  'after-check': `github.GET:${STAGING}#1.body`,
  'before-secret': 'vantage.mintSecret#1.arrived',
};

/** An environment that somebody makes, with rules, while the step is to create it: the rules stay. */
export const ENVIRONMENT_STORIES = group(
  'environments',
  pairsOf(pairsOf(Object.entries(MOMENTS), [ALWAYS, WHEN_DUE]), [0, 1] as const).map(
    ([[[moment, event], how], tier]): Story => {
      const run: RunAct = {
        run: 'the run',
        at: { event, comes: { makesEnvironment: 'staging' } },
        expects: { green: true, delivers: true },
      };
      return {
        id: `${moment} ${how.rotate} tier${tier}`,
        tier,
        inputs: { ...how, 'write-to': 'environment staging', 'create-environments': 'true' },
        acts: [run],
      };
    },
  ),
);
