import type { ErrorMapping } from '../http/failures.ts';
import type { HttpResponse } from '../http/message.ts';
import { type ErrorCode, Failure } from '../model/failure.ts';
import type { Unreadable } from '../model/vantage.ts';

/** Where a tenant administrator deletes a client by hand, as ABBYY documents it. */
export const BY_HAND = 'in Vantage under Configuration → Public API Client';

const CHECK_CREDENTIALS =
  'Check the credentials, or that the access token has not expired and belongs to this Vantage.';

/** How Vantage's responses map to failures. No error is documented, so the codes follow the conventions of ASP.NET. */
export const VANTAGE: ErrorMapping = {
  name: 'Vantage',
  codeOf,
  unavailable: 'vantage-unavailable',
  address: '`base-url` (or `region`)',
  advice: {
    'invalid-input': 'Change the inputs that it names.',
    'authentication-failed': CHECK_CREDENTIALS,
    forbidden: 'Sign in as a Tenant Administrator of this tenant.',
    'not-found': 'Check `base-url` (or `region`), `tenant-id` and `client-id`.',
    conflict: 'Look at the client in Vantage, then run the step again.',
    unsupported: 'This Vantage does not offer the operation: use its user interface.',
    'rate-limited': 'Run the step later, or raise `timeout`.',
    'vantage-unavailable': 'Run the step again when Vantage is available.',
    'unexpected-response': 'Check that `base-url` is Vantage itself and that no proxy answers in its place.',
  },
};

/** The advice for a step that got its access token from the workflow. */
export const GIVEN_TOKEN_ADVICE: ErrorMapping['advice'] = {
  'authentication-failed': `${CHECK_CREDENTIALS} The step cannot renew an access token from the workflow: for a long run, sign in with auth-client-id and auth-client-secret.`,
};

function codeOf({ status }: HttpResponse): ErrorCode | undefined {
  switch (status) {
    case 401:
      return 'authentication-failed';
    case 403:
      return 'forbidden';
    case 404:
      return 'not-found';
    case 405:
    case 501:
      return 'unsupported';
    default:
      return undefined;
  }
}

/** The failure of an operation that needs a read that is not possible. */
export function unreadableFailure(operation: string, { reason, code }: Unreadable, advice?: string): Failure {
  const advices = {
    forbidden: 'Sign in as a Tenant Administrator of this tenant.',
    unsupported: `This Vantage does not offer it. Do it by hand, ${BY_HAND}.`,
    'unexpected-response': 'Run the step again when nobody else changes the clients.',
  };
  return new Failure(code, { operation, reason, advice: advice ?? advices[code] });
}
