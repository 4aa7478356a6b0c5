import { type ErrorCode, Failure, oneLine, withAdvice } from '../model/failure.ts';
import type { Log } from '../model/log.ts';
import { isLoopback } from '../model/url.ts';
import type { Deadline } from './deadline.ts';
import {
  type HttpRequest,
  type HttpResponse,
  isAmbiguous,
  parseJson,
  type RequestResult,
  requestLine,
} from './message.ts';
import { connectionAdvice, networkAdvice } from './network-advice.ts';
import { ServerPaused } from './request-queue.ts';
import { BodyTooLarge, describeCause, NotConnected } from './transport.ts';
import * as z from './zod.ts';

/** How the responses of one service map to failures, and what to do about each code, in whole sentences. */
export interface ErrorMapping {
  readonly name: 'Vantage' | 'GitHub';
  /** The code of an unexpected response, or undefined if its status has the usual meaning. */
  readonly codeOf: (response: HttpResponse) => ErrorCode | undefined;
  /** The code if the service does not respond, or reports an error of its own. */
  readonly unavailable: ErrorCode;
  /** The inputs that name the address of the service. */
  readonly address: string;
  readonly advice: Partial<Record<ErrorCode, string>>;
}

/** A request that did not get the response that its caller needs. */
export interface FailedRequest {
  readonly operation: string;
  readonly request: HttpRequest;
  readonly result: RequestResult;
  /** The code of the response, if the caller knows better than its status. */
  readonly code?: ErrorCode | undefined;
  /** Whether the request changes nothing, although it is not a GET. */
  readonly readOnly?: true;
  /** Advice that replaces that of the service, by code. */
  readonly advice?: Partial<Record<ErrorCode, string>>;
}

/** Maps the requests to one service that failed to failures of the step. */
export class FailureMapper {
  readonly #service: ErrorMapping;
  readonly #deadline: Deadline;
  readonly #log: Log;

  constructor(service: ErrorMapping, deadline: Deadline, log: Log) {
    this.#service = service;
    this.#deadline = deadline;
    this.#log = log;
  }

  /** As `describeResponse`, with known secrets hidden. */
  describe(response: HttpResponse): string {
    return describeResponse(response, text => this.#log.redact(text));
  }

  /** The code of a response that is not the expected one. */
  codeOf(response: HttpResponse): ErrorCode {
    return this.#service.codeOf(response) ?? codeOfStatus(response.status, this.#service.unavailable);
  }

  of({ operation, request, result, code, readOnly, advice }: FailedRequest): Failure {
    const { outcome, attempts } = result;
    const outcomeUnknown = request.method !== 'GET' && !readOnly && mayHaveTakenEffect(result);
    const known = { operation, request: requestLine(request), outcomeUnknown };
    const { stopCode } = this.#deadline;
    if (stopCode === 'cancelled' || (stopCode === 'timeout' && outcome.kind !== 'answered')) {
      const failure = this.#deadline.failure(operation, { ...known, service: this.#service.name });
      const isBlocked = stopCode === 'timeout' && outcome.kind === 'not-sent' && outcome.cause instanceof NotConnected;
      return isBlocked && !isLoopback(request.url.hostname)
        ? withAdvice(failure, connectionAdvice(request.url))
        : failure;
    }
    const adviceFor = (failed: ErrorCode) => advice?.[failed] ?? this.#service.advice[failed] ?? '';
    const times = attempts > 1 ? `, ${attempts} times` : '';
    if (outcome.kind === 'answered') {
      const reason = `it ${this.describe(outcome)}${times}`;
      const failed = code ?? this.codeOf(outcome);
      return new Failure(failed, { ...known, reason, advice: adviceFor(failed) });
    }
    const { cause } = outcome;
    const failed = this.#codeOfCause(cause);
    const reason = `${describeCause(cause)}${times}`;
    const cure = networkAdvice(cause, request.url, this.#service.address, adviceFor(failed));
    return new Failure(failed, { ...known, reason, advice: cure }, { cause });
  }

  #codeOfCause(cause: Error): ErrorCode {
    if (cause instanceof BodyTooLarge) {
      return 'unexpected-response';
    }
    return cause instanceof ServerPaused ? 'rate-limited' : this.#service.unavailable;
  }
}

function codeOfStatus(status: number, unavailable: ErrorCode): ErrorCode {
  const codes: Partial<Record<number, ErrorCode>> = {
    400: 'invalid-input',
    408: unavailable,
    409: 'conflict',
    422: 'invalid-input',
    429: 'rate-limited',
  };
  return codes[status] ?? (status >= 500 ? unavailable : 'unexpected-response');
}

/** Whether a request may have taken effect: an attempt was lost, or its response does not say that it had no effect. */
function mayHaveTakenEffect({ outcome, maybeApplied }: RequestResult): boolean {
  return outcome.kind === 'answered'
    ? maybeApplied || outcome.status < 300 || isAmbiguous(outcome)
    : maybeApplied || outcome.kind === 'unknown';
}

const MOST_PROBLEM_CHARACTERS = 300;

/** Reads no further than the next `<`, so that a page of opening tags takes linear time. */
const TITLE = /<title(?:\s[^<>]*)?>([^<]*)<\/title/iu;

const text = z.catch(z.optional(z.string()), undefined);

/** The errors by field in the ProblemDetails of ASP.NET. */
const FieldErrors = z.record(z.string(), z.union([z.string(), z.array(z.string())]));

/** The errors of GitHub: strings, or objects (schemas `validation-error-simple` and `validation-error`). */
const ListedErrors = z.array(
  z.union([z.string(), z.looseObject({ resource: text, field: text, code: text, message: text })]),
);

/** The members of ASP.NET's ProblemDetails, of OAuth errors and of GitHub's errors. Each may be missing or of another type. */
const Problem = z.looseObject({
  title: text,
  detail: text,
  message: text,
  error: text,
  error_description: text,
  errors: z.catch(z.optional(z.union([FieldErrors, ListedErrors, z.string()])), undefined),
});

/**
 * Describes a response as part of a sentence: its status, and the problem that it reports as JSON (of any content type),
 * text or HTML. The body of a success is not quoted, because it may contain a secret that could not be read.
 *
 * @param redact hides known secrets. It runs before the text is folded or cut, when it can still find them.
 */
export function describeResponse(response: HttpResponse, redact: (text: string) => string): string {
  const { status, body } = response;
  if (body.trim() === '') {
    return `answered ${status} with an empty body`;
  }
  if (status < 300) {
    return `answered ${status} with ${isHtml(response) ? 'an HTML page' : 'an unexpected body'}`;
  }
  // Again after folding, which may join the parts of a secret that line breaks or control characters separated.
  const problem = redact(oneLine(redact(readProblem(response)))).slice(0, MOST_PROBLEM_CHARACTERS);
  return `answered ${status}${problem ? ` (${problem})` : ''}`;
}

/** The text of the problem that a response reports, or '' if it reports none. */
export function readProblem(response: HttpResponse): string {
  const { body } = response;
  const problem = Problem.safeParse(parseJson(body));
  if (problem.success) {
    const { title, detail, message, error, error_description, errors } = problem.data;
    return [title, detail, message, error, error_description, ...readErrors(errors)].filter(Boolean).join('; ');
  }
  if (isHtml(response)) {
    const title = TITLE.exec(body)?.[1];
    return title ? `an HTML page titled "${title}"` : 'an HTML page';
  }
  return body;
}

function readErrors(errors: z.infer<typeof Problem>['errors'] = []): readonly string[] {
  if (typeof errors === 'string') {
    return [errors];
  }
  return Array.isArray(errors)
    ? errors.map(error => (typeof error === 'string' ? error : readListed(error)))
    : Object.entries(errors).map(([field, messages]) => `${field}: ${[messages].flat().join(' ')}`);
}

/** With the code `custom`, GitHub describes the error in the message only. */
function readListed({ resource, field, code, message }: Exclude<z.infer<typeof ListedErrors>[number], string>): string {
  const where = [resource, field].filter(Boolean).join('.');
  const what = message && code && code !== 'custom' ? `${message} (${code})` : (message ?? code);
  return [where, what].filter(Boolean).join(': ');
}

/** Whether the body of a response is a web page. */
export function isHtml({ headers, body }: HttpResponse): boolean {
  return /html/iu.test(headers['content-type'] ?? '') || /^\s*<(?:!doctype|html)/iu.test(body);
}
