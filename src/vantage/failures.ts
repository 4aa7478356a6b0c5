import type { ErrorMapping } from '../http/failures.ts';
import type { HttpResponse } from '../http/message.ts';
import type { ErrorCode } from '../model/failure.ts';

/** What Vantage means by its answers: the codes are inferred from ASP.NET's ways, as no error is documented. */
export const VANTAGE: ErrorMapping = {
  name: 'Vantage',
  codeOf,
  unavailable: 'vantage-unavailable',
  address: '`base-url` (or `region`)',
  advice: {
    'invalid-input': 'Change the inputs that it names.',
    'authentication-failed': 'Check the credentials, or that the access token has not expired and is of this Vantage.',
    forbidden: 'Sign in as a Tenant Administrator of this tenant.',
    'not-found': 'Check `base-url` (or `region`), `tenant-id` and `client-id`.',
    conflict: 'Look at the client in Vantage, then run the step again.',
    unsupported: 'This Vantage offers no such operation: do it in its user interface.',
    'rate-limited': 'Run the step later, or raise `timeout`.',
    'vantage-unavailable': 'Run the step again when Vantage is well.',
    'unexpected-response': 'Check that `base-url` is Vantage itself and that no proxy answers in its place.',
  },
};

/** The same for a step that was given its access token. */
export const VANTAGE_BY_TOKEN: ErrorMapping = {
  ...VANTAGE,
  advice: {
    ...VANTAGE.advice,
    'authentication-failed':
      'Check the credentials, or that the access token has not expired and is of this Vantage. The step cannot renew a token that it was given: for a long run, sign in with auth-client-id and auth-client-secret.',
  },
};

/** The code of an answer that is not the one asked for. */
function codeOf({ status }: HttpResponse): ErrorCode {
  switch (status) {
    case 400:
    case 422:
      return 'invalid-input';
    case 401:
      return 'authentication-failed';
    case 403:
      return 'forbidden';
    case 404:
      return 'not-found';
    case 405:
    case 501:
      return 'unsupported';
    case 409:
      return 'conflict';
    case 429:
      return 'rate-limited';
    case 408:
      return 'vantage-unavailable';
    default:
      return status >= 500 ? 'vantage-unavailable' : 'unexpected-response';
  }
}
