import { pause } from '../../http/deadline.ts';
import { Failure } from '../../model/failure.ts';
import type { StepContext } from '../step-context.ts';
import type { CreatedSecret } from './create-secret.ts';

/** Milliseconds between two askings: the first pause, doubled for each further one up to the last. */
const PAUSE = { first: 500, most: 5000 };

/** What is known of the client that the secret belongs to. */
export interface ClientToVerify {
  readonly clientId: string;
  readonly requireClientSecret: boolean;
  readonly grantTypes: readonly string[];
  readonly redirectUris: readonly string[];
  /** When the secret was asked to begin; absent for at once. */
  readonly secretStart: Date | undefined;
}

/**
 * Proves that the token endpoint takes a new secret. It may learn of it late, so it is asked for as long as there is time.
 *
 * @returns `skipped` where an answer would prove nothing: the secret begins later, or the client needs none.
 * @throws Failure `secret-unverified` where it is refused to the end.
 */
export async function verifySecret(
  client: ClientToVerify,
  minted: CreatedSecret,
  { tokens, deadline, now, log }: StepContext,
): Promise<'true' | 'skipped'> {
  if (!client.requireClientSecret) {
    log.info('The client needs no secret, so the token endpoint can prove none.');
    return 'skipped';
  }
  if (client.secretStart && client.secretStart > now().vantage) {
    log.info(`The secret begins at ${client.secretStart.toISOString()}, so it is not tried now.`);
    return 'skipped';
  }
  const redirectUri = client.grantTypes.includes('client_credentials')
    ? undefined
    : (client.redirectUris[0] ?? 'https://localhost/');
  const operation = `proving the new secret of client "${client.clientId}"`;
  for (let wait = PAUSE.first; ; wait = Math.min(wait * 2, PAUSE.most)) {
    const probe = await tokens.probe({ operation, clientId: client.clientId, secret: minted.value, redirectUri });
    if (probe.kind === 'accepted') {
      log.info('The token endpoint takes the new secret.');
      return 'true';
    }
    if (wait >= deadline.work.remaining()) {
      throw new Failure('secret-unverified', {
        operation,
        request: probe.request,
        reason: `it ${probe.reason} to the end`,
        advice:
          'Check the grant types and redirect URIs of the client: Vantage does not know a client there whose settings are illegal. If it is only slow to learn of secrets, raise `timeout` or run the step again.',
      });
    }
    log.info(`The token endpoint does not know the new secret yet. Asking again in ${wait / 1000} s.`);
    if (!(await pause(wait, deadline.work))) {
      throw deadline.failure(operation);
    }
  }
}
