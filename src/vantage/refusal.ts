import { type ErrorCode, Failure } from '../failure.ts';
import { type Answer, type HttpRequest, requestLine } from '../http/answer.ts';
import type { Deadline } from '../http/deadline.ts';
import { describeCause, type Exchange, isLasting, isUntrustedCertificate } from '../http/http.ts';
import { describeAnswer } from './problem.ts';

/** A request that did not get what it asked for. */
export interface Refusal {
  /** What was to be done, as a noun phrase: `creating client "invoices"`. */
  readonly what: string;
  readonly request: HttpRequest;
  readonly exchange: Exchange;
  /** The code of an answer whose status alone would tell another. */
  readonly code?: ErrorCode;
  /** Advice that knows more than the general one. */
  readonly todo?: Partial<Record<ErrorCode, string>>;
}

const ADVICE: Partial<Record<ErrorCode, string>> = {
  'invalid-input': 'Change the inputs that it names.',
  'authentication-failed': 'Check the credentials, or that the access token has not expired and is of this Vantage.',
  forbidden: 'Sign in as a Tenant Administrator of this tenant.',
  'not-found': 'Check `base-url` (or `region`), `tenant-id` and `client-id`.',
  conflict: 'Look at the client in Vantage, then run the step again.',
  unsupported: 'This Vantage offers no such operation: do it in its user interface.',
  'rate-limited': 'Run the step later, or raise `timeout`.',
  'vantage-unavailable': 'Run the step again when Vantage is well.',
  'unexpected-response': 'Check that `base-url` is Vantage itself and that no proxy answers in its place.',
};

/** The failure that a request ends with which did not get what it asked for. */
export function refusalOf({ what, request, exchange, code: told, todo }: Refusal, deadline: Deadline): Failure {
  const at = requestLine(request);
  const { outcome, attempts } = exchange;
  const unsettled = isWrite(request) && isUnsettled(exchange);
  if (deadline.stopCode === 'cancelled' || (deadline.stopCode === 'timeout' && outcome.kind !== 'answered')) {
    return deadline.failure(what, at, unsettled);
  }
  const tries = attempts > 1 ? `, ${attempts} times` : '';
  if (outcome.kind === 'answered') {
    const code = told ?? codeOf(outcome);
    const why = `it ${describeAnswer(outcome)}${tries}`;
    return new Failure(code, { what, at, why, todo: advice(code, todo), unsettled });
  }
  const code =
    isLasting(outcome.cause) && !isUntrustedCertificate(outcome.cause) ? 'unexpected-response' : 'vantage-unavailable';
  const why = `${describeCause(outcome.cause)}${tries}`;
  const remedy = networkAdvice(outcome.cause) ?? advice(code, todo);
  return new Failure(code, { what, at, why, todo: remedy, unsettled }, outcome);
}

/** Whether a request asks the admin API to change something; a token request changes nothing. */
function isWrite({ method, url }: HttpRequest): boolean {
  return method !== 'GET' && !url.pathname.endsWith('/connect/token');
}

/** Whether a request that did not end well may have been carried out: by a server whose answer was lost or was odd. */
function isUnsettled({ outcome, maybeApplied }: Exchange): boolean {
  if (maybeApplied || outcome.kind !== 'answered') {
    return maybeApplied || outcome.kind === 'unknown';
  }
  const { status } = outcome;
  return status < 300 || status === 408 || (status >= 500 && status !== 501);
}

/** The code of an answer that is not the one asked for. */
export function codeOf({ status }: Answer): ErrorCode {
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

function advice(code: ErrorCode, todo: Refusal['todo']): string {
  return todo?.[code] ?? ADVICE[code] ?? '';
}

function networkAdvice(cause: Error): string | undefined {
  if (isUntrustedCertificate(cause)) {
    return 'If its certificate is from a CA of your own, name a file with it in the NODE_EXTRA_CA_CERTS environment variable of the step.';
  }
  return /ENOTFOUND|EAI_AGAIN/u.test(describeCause(cause))
    ? 'Check `base-url` (or `region`), and HTTPS_PROXY if the runner needs one.'
    : undefined;
}
