import { type ErrorCode, Failure } from '../model/failure.ts';
import type { Log } from '../model/log.ts';
import type { Deadline } from './deadline.ts';
import { describeCause, isTooLarge, isUntrustedCertificate, proxyRefusal, type RequestResult } from './http.ts';
import { type HttpRequest, type HttpResponse, isAmbiguous, requestLine } from './message.ts';
import { describeAnswer } from './problem.ts';
import { HeldBack } from './server.ts';
import { mayBeProxied } from './transport.ts';

/** What a service means by its answers. */
export interface ErrorMapping {
  readonly name: 'Vantage' | 'GitHub';
  /** The code of an answer that is not the one asked for. */
  readonly codeOf: (response: HttpResponse) => ErrorCode;
  /** The code where it does not answer. */
  readonly unavailable: ErrorCode;
  /** The inputs that say where it is. */
  readonly address: string;
  /** What to do about each code, in whole sentences. */
  readonly advice: Partial<Record<ErrorCode, string>>;
}

/** A request that did not get what it asked for. */
export interface FailedRequest {
  /** What was to be done, as a noun phrase: `creating client "invoices"`. */
  readonly operation: string;
  readonly request: HttpRequest;
  readonly result: RequestResult;
  /** The code of an answer whose status alone would tell another. */
  readonly code?: ErrorCode;
  /** A POST that changes nothing, as a token request is. */
  readonly harmless?: true;
  /** Advice that knows more than the general one. */
  readonly advice?: Partial<Record<ErrorCode, string>>;
}

/** Makes failures of the requests to one service. */
export class FailureMapper {
  readonly #service: ErrorMapping;
  readonly #deadline: Deadline;
  readonly #log: Log;

  constructor(service: ErrorMapping, deadline: Deadline, log: Log) {
    this.#service = service;
    this.#deadline = deadline;
    this.#log = log;
  }

  /** What an answer says of itself, with what is secret hidden. */
  describe(response: HttpResponse): string {
    return describeAnswer(response, text => this.#log.redact(text));
  }

  /** The failure that a request ends with which did not get what it asked for. */
  of({ operation, request, result, code: told, harmless, advice }: FailedRequest): Failure {
    const adviceFor = (code: ErrorCode) => advice?.[code] ?? this.#service.advice[code] ?? '';
    const at = requestLine(request);
    const { outcome, attempts } = result;
    const outcomeUnknown = request.method !== 'GET' && !harmless && isOutcomeUnknown(result);
    const { stopCode } = this.#deadline;
    if (stopCode === 'cancelled' || (stopCode === 'timeout' && outcome.kind !== 'answered')) {
      return this.#deadline.failure(operation, { request: at, outcomeUnknown, service: this.#service.name });
    }
    const tries = attempts > 1 ? `, ${attempts} times` : '';
    if (outcome.kind === 'answered') {
      const code = told ?? this.#service.codeOf(outcome);
      const why = `it ${this.describe(outcome)}${tries}`;
      return new Failure(code, { operation, request: at, reason: why, advice: adviceFor(code), outcomeUnknown });
    }
    const code = codeOf(outcome.cause) ?? this.#service.unavailable;
    const why = `${describeCause(outcome.cause)}${tries}`;
    return new Failure(
      code,
      {
        operation,
        request: at,
        reason: why,
        advice: this.#networkAdvice(outcome.cause, request, adviceFor(code)),
        outcomeUnknown,
      },
      outcome,
    );
  }

  #networkAdvice(cause: Error, { url }: HttpRequest, otherwise: string): string {
    const said = describeCause(cause);
    if (said.includes('ERR_TLS_CERT_ALTNAME_INVALID')) {
      return `The certificate is for another host: check ${this.#service.address}, and that no proxy answers in its place.`;
    }
    if (isUntrustedCertificate(cause)) {
      return 'If its certificate is from a CA of your own, name a file with it in the NODE_EXTRA_CA_CERTS environment variable of the step.';
    }
    switch (proxyRefusal(cause)) {
      case 407:
        return 'Check the user name and password in HTTPS_PROXY.';
      case 403:
        return `Ask for the proxy in HTTPS_PROXY to let ${url.host} through, or name that host in NO_PROXY.`;
    }
    if (/ENOTFOUND|EAI_AGAIN/u.test(said)) {
      return `Check ${this.#service.address}, and HTTPS_PROXY if the runner needs a proxy.`;
    }
    return /ECONNREFUSED|ECONNRESET/u.test(said) && mayBeProxied(url)
      ? `Unless NO_PROXY names ${url.host}, the proxy in HTTPS_PROXY is asked: check its address there, and that it runs. Else: ${otherwise}`
      : otherwise;
  }
}

/** The code of a cause that does not mean that the service is away. */
function codeOf(cause: Error): ErrorCode | undefined {
  if (isTooLarge(cause)) {
    return 'unexpected-response';
  }
  return cause instanceof HeldBack ? 'rate-limited' : undefined;
}

/** Whether a request that did not end well may have been carried out: by a server whose answer was lost or was odd. */
function isOutcomeUnknown({ outcome, maybeApplied }: RequestResult): boolean {
  if (maybeApplied || outcome.kind !== 'answered') {
    return maybeApplied || outcome.kind === 'unknown';
  }
  return outcome.status < 300 || isAmbiguous(outcome);
}
