import { CLIENT_CREDENTIALS, DOCUMENTED_SCOPES } from '../../model/client.ts';
import { Failure } from '../../model/failure.ts';
import type { EnsureRequest } from '../../model/request.ts';
import { textsOf } from '../../model/vantage.ts';
import type { IssuedToken, Probe } from '../../vantage/token-answers.ts';
import { CLIENT_CREDENTIALS_SCOPE, type ProbeRequest } from '../../vantage/token-endpoint.ts';
import type { StepContext } from '../step-context.ts';
import type { EnsuredClient } from './client.ts';
import type { EnsureRun } from './observe.ts';

type Settings = EnsuredClient['settings'];

const ADVICE =
  'Allow the client that grant (`allowed-grant-types`, or in Vantage **Allow Client Credentials Flow**), or remove `output-access-token`.';

/**
 * Checks that the client may get an access token, as far as its settings show it.
 *
 * @throws Failure `invalid-input`. Nothing has changed.
 */
export function assertMayGetToken({ client, delivery }: EnsureRequest, { allowedGrantTypes }: Settings): void {
  const grants = textsOf(allowedGrantTypes);
  if (delivery.outputAccessToken && grants.length > 0 && !grants.includes(CLIENT_CREDENTIALS)) {
    throw new Failure('invalid-input', {
      operation: operationOf(client.clientId),
      reason: 'the client may not use the client credentials grant',
      advice: `${ADVICE} Nothing was changed.`,
    });
  }
}

/**
 * Probes a secret as `TokenEndpoint.probe` does, and requests a token with the scopes that the client may use. If the
 * endpoint rejects them, it requests the scope that ABBYY documents.
 */
export async function probeForToken(
  { tokens }: Pick<StepContext, 'tokens'>,
  probe: Omit<ProbeRequest, 'scope' | 'redirectUri'>,
  { allowedScopes }: Settings,
): Promise<Probe> {
  const own = textsOf(allowedScopes);
  const scope = (own.length > 0 ? own : DOCUMENTED_SCOPES).join(' ');
  const answer = await tokens.probe({ ...probe, scope });
  return answer.kind === 'accepted' && answer.error === 'invalid_scope' && scope !== CLIENT_CREDENTIALS_SCOPE
    ? tokens.probe({ ...probe, scope: CLIENT_CREDENTIALS_SCOPE })
    : answer;
}

/**
 * The token that the token endpoint issued when it accepted the secret.
 *
 * @param fate what became of the secret, in a whole sentence.
 * @throws Failure if it issued none.
 */
export function tokenOf(
  { token, error, request, reason }: Extract<Probe, { kind: 'accepted' }>,
  clientId: string,
  fate: string,
): IssuedToken {
  if (token) {
    return token;
  }
  const operation = operationOf(clientId);
  throw error === undefined
    ? new Failure('unexpected-response', {
        operation,
        request,
        reason: `it accepts the secret, but ${reason}, which holds no bearer token`,
        advice: `Check that \`base-url\` is Vantage itself, or remove \`output-access-token\`. ${fate}`,
      })
    : new Failure('invalid-input', {
        operation,
        request,
        reason: `it accepts the secret, but gives the client no token: it ${reason}`,
        advice: `${error === 'invalid_scope' ? 'Set `allowed-scopes` and `if-exists: update`, or remove `output-access-token`.' : ADVICE} ${fate}`,
      });
}

/**
 * Outputs a token for the secret that is in use, because no other one is due.
 *
 * @throws Failure if the token endpoint issues none.
 */
export async function outputCurrentToken(
  { request, observed, context }: EnsureRun,
  { settings }: Pick<EnsuredClient, 'settings'>,
): Promise<void> {
  const { client, delivery, secret } = request;
  if (!delivery.outputAccessToken) {
    return;
  }
  if (!secret.currentSecret) {
    context.log.warning(
      'The `client-access-token` output is empty: this run created no secret. To get a token in every run, pass the stored secret as `current-secret`.',
      'outputs',
    );
    return;
  }
  if (observed.currentToken) {
    context.outputAccessToken(observed.currentToken);
    return;
  }
  // The client may have got the grant or the scopes in this run.
  const { clientId } = client;
  const operation = operationOf(clientId);
  const answer = await probeForToken(context, { operation, clientId, secret: secret.currentSecret }, settings);
  if (answer.kind === 'refused') {
    const { request, reason } = answer;
    throw new Failure('secret-unverified', {
      operation,
      request,
      reason: `it accepted current-secret before, but now it ${reason}`,
      advice: 'Run the step again: it creates a secret if current-secret no longer works.',
    });
  }
  context.outputAccessToken(tokenOf(answer, clientId, 'No secret was due.'));
}

function operationOf(clientId: string): string {
  return `getting an access token for client "${clientId}"`;
}
