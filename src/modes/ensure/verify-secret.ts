import { pause } from '../../http/deadline.ts';
import { CLIENT_CREDENTIALS } from '../../model/client.ts';
import { Failure } from '../../model/failure.ts';
import { isToCome } from '../../model/time.ts';
import { textsOf } from '../../model/vantage.ts';
import type { IssuedToken } from '../../vantage/token-answers.ts';
import { probeForToken, tokenOf } from './access-token.ts';
import type { EnsuredClient } from './client.ts';
import type { EnsureRun } from './observe.ts';
import type { PendingSecret } from './pending-secret.ts';

/** Milliseconds to wait before the first retry, doubled for each further one up to the longest. */
const RETRY_DELAY = { first: 500, longest: 5000 };

/**
 * Verifies a new secret at the token endpoint. The endpoint may learn of the secret late, so a refusal is retried until
 * the time for the work ends. Leaves the secret unverified if an answer would not mean anything: the secret is not valid
 * yet, or the client does not need one.
 *
 * @param settings those of its client, as far as they are known.
 * @param start when it becomes valid. Undefined: at once.
 * @returns an access token of the client, if the workflow wants one.
 * @throws Failure `secret-unverified` if the endpoint refuses the secret until the end. Other codes: it did not answer, or
 * it issued no token that the workflow wants.
 */
export async function verifySecret(
  { request, context, record: { clientId } }: EnsureRun,
  pending: PendingSecret,
  settings: EnsuredClient['settings'],
  start: Date | undefined,
): Promise<IssuedToken | undefined> {
  const { outputAccessToken: wantsToken } = request.delivery;
  const { deadline, now, log } = context;
  const needsNoSecret = settings.requireClientSecret === false;
  if (needsNoSecret) {
    log.info('The client does not require a secret, so the token endpoint cannot verify the new one.');
  } else if (isToCome(start, now().vantage) && !wantsToken) {
    log.info(`The new secret is valid from ${start.toISOString()}, so it is not verified now.`);
    return undefined;
  }
  if (needsNoSecret && !wantsToken) {
    return undefined;
  }
  const operation = `verifying the new secret of client "${clientId}"`;
  const probe = { operation, clientId, secret: pending.created.value };
  const ask = () =>
    wantsToken
      ? probeForToken(context, probe, settings)
      : context.tokens.probe({ ...probe, redirectUri: redirectUriToProbe(settings) });
  for (let delay = RETRY_DELAY.first; ; delay = Math.min(delay * 2, RETRY_DELAY.longest)) {
    const answer = await ask();
    if (answer.kind === 'accepted') {
      if (!needsNoSecret) {
        pending.setVerified('true');
        log.info('Verified the new secret at the token endpoint.');
      }
      return wantsToken ? tokenOf(answer, clientId, 'The new secret was not delivered.') : undefined;
    }
    if (delay >= deadline.work.remaining()) {
      pending.setVerified('false');
      throw new Failure('secret-unverified', {
        operation,
        request: answer.request,
        reason: `it ${answer.reason} until the time ran out`,
        advice:
          'Check the grant types and redirect URIs of the client: the token endpoint does not know a client with invalid settings. If Vantage is only slow, raise `timeout` or run the step again.',
      });
    }
    log.info(`The token endpoint does not accept the new secret yet. Retrying in ${delay / 1000} s.`);
    if (!(await pause(delay, deadline.work))) {
      throw deadline.failure(operation);
    }
  }
}

/** A client that cannot use client_credentials is probed with an authorization code, which needs a redirect URI. */
function redirectUriToProbe({ allowedGrantTypes, redirectUris }: EnsuredClient['settings']): string | undefined {
  return textsOf(allowedGrantTypes).includes(CLIENT_CREDENTIALS)
    ? undefined
    : (textsOf(redirectUris)[0] ?? 'https://localhost/');
}
