import { readClient } from '../../inputs/client.ts';
import { readDelivery } from '../../inputs/delivery.ts';
import { recordStep } from '../../inputs/saved-step.ts';
import { readSecret } from '../../inputs/secret.ts';
import { CLIENT_CREDENTIALS } from '../../model/client.ts';
import type { EnsureRequest } from '../../model/request.ts';
import { resolveMoment } from '../../model/time.ts';
import { defineMode, type FieldsOf, type InputReading } from '../mode.ts';

/** `mode: ensure`: ensures a client, and delivers a secret of it. */
export const ensureMode = defineMode(readEnsure, async request => {
  // Loaded only now, because what the record reports of the plan is more code than all that reads inputs.
  const { newEnsureRecord, reportEnsure } = await import('./record.ts');
  const record = newEnsureRecord(request.client.clientId);
  return {
    ...reportEnsure(record),
    request,
    github: request.delivery.github,
    savedStep: environment => recordStep(request, environment, request.client.clientId),
    execute: async context => (await import('./run.ts')).ensure(request, context, record, { withOffers: true }),
    loadSummary: async () => {
      const { summarizeEnsure } = await import('./summary.ts');
      return (markdown, failure) => summarizeEnsure({ request, record, markdown, failure });
    },
  };
});

function readEnsure({ input, workflow, now, apiVersion, warn }: InputReading): FieldsOf<EnsureRequest> {
  const client = readClient(input, apiVersion, warn);
  const secret = readSecret(input, now);
  const delivery = readDelivery(input, workflow);
  if (!delivery.outputSecret && !input.isSet('write-to') && secret.rotate !== 'never') {
    input.reject(
      'output-secret',
      'a new secret must be delivered: set this input to true, name a target in write-to, or set rotate to never',
    );
  }
  if (secret.pruneAfter && delivery.outputSecret && !secret.currentSecret) {
    input.reject(
      'prune-after',
      'nothing shows who uses a secret that was an output: pass the stored secret as current-secret, which is then kept. Otherwise, leave this input out, and set secret-expiration or revoke-at-job-end',
    );
  }
  const noToken = delivery.outputAccessToken ? whyNoToken(client, secret, now) : undefined;
  if (noToken !== undefined) {
    input.reject('output-access-token', noToken);
  }
  return { client, secret, delivery };
}

/** Why the step could not get an access token of the client, or undefined if it may. */
function whyNoToken(
  { initial }: EnsureRequest['client'],
  { rotate, verify, startTime }: EnsureRequest['secret'],
  now: Date,
): string | undefined {
  if (!initial.allowedGrantTypes?.includes(CLIENT_CREDENTIALS)) {
    return 'expected `allowed-grant-types` with client_credentials, because the client gets the token with that grant (with `redirect-uris`, the default is only authorization_code)';
  }
  if (!verify) {
    return 'expected `verify` to be true, because the step gets the token when it verifies the secret';
  }
  if (rotate === 'never') {
    return 'expected `rotate` to be always or when-due, because a step that uses no secret gets no token';
  }
  return startTime && resolveMoment(startTime, now) > now
    ? 'expected no `secret-start-time` in the future, because the secret gets no token before that time'
    : undefined;
}
