import type { RunAct, Story } from '../story.ts';
import { ALWAYS, group, pairsOf, WHEN_DUE } from './common.ts';

const STAGING = '/repos/octo-org/octo-repo/environments/staging';

/**
 * When somebody creates the environment manually: after the check did not find its key, after it did not find the
 * environment either, or before the secret is created.
 */
const MOMENTS: Readonly<Record<string, string>> = {
  'during-check': `github.GET:${STAGING}/secrets/public-key#1.body`,
  'after-check': `github.GET:${STAGING}#1.body`,
  'before-secret': 'vantage.createSecret#1.arrived',
};

/** Somebody creates an environment with rules when the step is about to create it. The rules are kept. */
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
