import { isDeepStrictEqual } from 'node:util';
import type { StartOptions } from './options.ts';
import { ACTION, runAndShow } from './run.ts';
import type { Setup } from './setup.ts';
import { showClients, showSection, showStep, showTitle } from './show.ts';
import { fillIn, readWorkflow, stepUsing } from './workflow.ts';

/** A step that creates a secret for its own job, and then runs again with nothing left to do. */
export async function quickStart(setup: Setup, options: StartOptions, interrupted: AbortSignal): Promise<void> {
  const workflow = await readWorkflow('examples/quick-start.yml');
  const step = stepUsing(workflow, ACTION);
  const inputs = { ...fillIn(step.with, setup), ...setup.inputs, ...options.inputs };
  const secrets = Object.values(setup.secrets);
  const held = () => setup.embedded?.vantage.clients();

  showTitle(`1. A client and a new secret, from ${setup.title}`);
  showStep(workflow.file, step);
  await runAndShow(setup, step, inputs, secrets);
  const before = held();
  if (before) showClients(before);
  if (interrupted.aborted) return;

  showTitle('2. The same step again, with rotate: never');
  await runAndShow(setup, step, { ...inputs, rotate: 'never' }, secrets);
  const after = held();
  if (after && isDeepStrictEqual(before, after)) showSection('What Vantage now holds', 'The same as before.');
  else if (after) showClients(after);
}
