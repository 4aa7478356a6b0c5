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
  const { outputs } = await runAndShow(setup, step, inputs, secrets);
  if (setup.embedded && outputs['secret-created'] === 'true') await showUse(setup.embedded.vantage.baseUrl, outputs);
  const before = held();
  if (before) showClients(before);
  if (interrupted.aborted) return;

  showTitle('2. The same step again, with rotate: never');
  await runAndShow(setup, step, { ...inputs, rotate: 'never' }, secrets);
  const after = held();
  if (after && isDeepStrictEqual(before, after)) showSection('What Vantage now holds', 'The same as before.');
  else if (after) showClients(after);
}

/** Shows that the secret works: requests an access token as the new client, as the last step of the example does. */
async function showUse(baseUrl: string, outputs: Readonly<Record<string, string>>): Promise<void> {
  const { 'client-id': clientId = '', 'client-secret': secret = '' } = outputs;
  const { ok, status } = await fetch(`${baseUrl}/auth2/connect/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: secret,
      scope: 'openid permissions publicapi.all',
    }),
  });
  const result = ok
    ? `Vantage gave ${clientId} an access token.`
    : `Vantage refused ${clientId} with status ${status}.`;
  showSection('The next step of the job, which calls Vantage as the new client', result);
  if (!ok) process.exitCode = 1;
}
