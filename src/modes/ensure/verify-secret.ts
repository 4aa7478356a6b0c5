import { pause } from '../../http/deadline.ts';
import type { ClientSettings } from '../../model/client.ts';
import { Failure } from '../../model/failure.ts';
import type { ReadableClient } from '../../model/vantage.ts';
import type { StepContext } from '../step-context.ts';
import type { PendingSecret } from './pending-secret.ts';

/** Milliseconds to wait before the first retry, doubled for each further one up to the longest. */
const RETRY_DELAY = { first: 500, longest: 5000 };

/** The client of the secret. */
export interface ClientToVerify {
  readonly clientId: string;
  /** As far as they are known. */
  readonly settings: ReadableClient | ClientSettings;
  /** When the secret becomes valid. Absent: at once. */
  readonly secretStart: Date | undefined;
}

/**
 * Verifies a new secret at the token endpoint. The endpoint may learn of the secret late, so a refusal is retried until
 * the time for the work ends. Leaves the secret unverified if an answer would not mean anything: the secret is not valid
 * yet, or the client does not need one.
 *
 * @throws Failure `secret-unverified` if the endpoint refuses the secret until the end.
 */
export async function verifySecret(
  { clientId, settings, secretStart }: ClientToVerify,
  pending: PendingSecret,
  { tokens, deadline, now, log }: StepContext,
): Promise<void> {
  if (settings.requireClientSecret === false) {
    log.info('The client does not require a secret, so the token endpoint cannot verify the new one.');
    return;
  }
  if (secretStart && secretStart > now().vantage) {
    log.info(`The new secret is valid from ${secretStart.toISOString()}, so it is not verified now.`);
    return;
  }
  const operation = `verifying the new secret of client "${clientId}"`;
  const probe = { operation, clientId, secret: pending.created.value, redirectUri: redirectUriToProbe(settings) };
  for (let delay = RETRY_DELAY.first; ; delay = Math.min(delay * 2, RETRY_DELAY.longest)) {
    const answer = await tokens.probe(probe);
    if (answer.kind === 'accepted') {
      pending.setVerified('true');
      log.info('Verified the new secret at the token endpoint.');
      return;
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
function redirectUriToProbe({ allowedGrantTypes, redirectUris }: ClientToVerify['settings']): string | undefined {
  return strings(allowedGrantTypes).includes('client_credentials')
    ? undefined
    : (strings(redirectUris)[0] ?? 'https://localhost/');
}

function strings(list: unknown): readonly string[] {
  return Array.isArray(list) ? list.filter(item => typeof item === 'string') : [];
}
