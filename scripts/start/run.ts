import { type ActionRun, runAction } from '../../emulator/runner.ts';
import type { Setup } from './setup.ts';
import { showRequests, showRun } from './show.ts';
import type { Step } from './workflow.ts';

/** The name of this action in the examples. */
export const ACTION = /\/vantage-client-action@/;

/**
 * Runs the step and shows its result. If it fails, `npm start` fails.
 *
 * @param secrets the values that the runner masks from the start.
 */
export async function runAndShow(
  { env, embedded }: Setup,
  step: Step,
  inputs: Readonly<Record<string, string>>,
  secrets: readonly string[],
): Promise<ActionRun> {
  const earlier = { vantage: embedded?.vantage.requests.length, github: embedded?.github.requests.length };
  const run = await runAction({ inputs, secrets, env });
  showRun(step, inputs, secrets, run);
  if (run.conclusion === 'failure') process.exitCode = 1;
  if (!embedded) return run;

  showRequests('Vantage', embedded.vantage.requests.slice(earlier.vantage));
  const toGitHub = embedded.github.requests.slice(earlier.github);
  if (toGitHub.length > 0) showRequests('GitHub', toGitHub);
  if (toGitHub.some(({ contractViolation }) => contractViolation !== undefined)) process.exitCode = 1;
  return run;
}
