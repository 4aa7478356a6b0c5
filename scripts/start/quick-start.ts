import { isDeepStrictEqual } from 'node:util';
import type { StartOptions } from './options.ts';
import { ACTION, runAndShow } from './run.ts';
import { showClients, showSection, showStep, showTitle } from './show.ts';
import type { Site } from './site.ts';
import { fillIn, readWorkflow, stepUsing } from './workflow.ts';

/** A step that creates a secret for its own job, and then runs again with nothing left to do. */
export async function quickStart(site: Site, options: StartOptions, interrupted: AbortSignal): Promise<void> {
  const workflow = await readWorkflow('examples/quick-start.yml');
  const step = stepUsing(workflow, ACTION);
  const inputs = { ...fillIn(step.with, site), ...site.inputs, ...options.inputs };
  const secrets = Object.values(site.secrets);
  const held = () => site.embedded?.vantage.clients();

  showTitle(`1. A client and a new secret, from ${site.title}`);
  showStep(workflow.file, step);
  await runAndShow(site, step, inputs, secrets);
  const before = held();
  if (before) showClients(before);
  if (interrupted.aborted) return;

  showTitle('2. The same step again, with rotate: never');
  await runAndShow(site, step, { ...inputs, rotate: 'never' }, secrets);
  const after = held();
  if (after && isDeepStrictEqual(before, after)) showSection('What Vantage now holds', 'The same as before.');
  else if (after) showClients(after);
}
