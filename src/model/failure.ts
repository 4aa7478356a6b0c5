/** Every error code of the action, with its meaning. The table in docs/inputs-and-outputs.md is generated from this one. */
export const ERROR_CODES = {
  'invalid-input': 'An input is missing or wrong, or Vantage or GitHub rejected a value from the inputs.',
  'authentication-failed': 'Vantage did not accept the credentials or the access token.',
  forbidden: 'The signed-in account lacks a permission: it needs the Tenant Administrator role.',
  'not-found': 'The inputs name a tenant, a client or a Vantage that does not exist.',
  conflict: 'The client already exists and `if-exists` is `fail`, or Vantage reports a conflict.',
  unsupported: 'This Vantage does not offer the operation.',
  'rate-limited': 'Vantage or GitHub asked to wait for longer than the time that is left.',
  'vantage-unavailable': 'Vantage could not be reached or failed, after several attempts.',
  'unexpected-response':
    'The response is not one of Vantage or GitHub. Often a proxy or a wrong `base-url` is the cause.',
  'secret-unverified': 'The token endpoint did not accept the new secret. The secret was not delivered.',
  'secret-unaccounted': 'A secret may exist whose value is lost. The log shows its ownership mark.',
  'github-permission':
    'The token may not write a target, or cannot see it. The error gives the reason, or names the permission.',
  'github-unavailable': 'GitHub could not be reached or failed, after several attempts.',
  'partial-hand-off': 'Some targets hold the new secret and some do not. The error lists both; the secret is kept.',
  'too-many-deletes':
    'A sweep would delete more clients than `max-deletes` allows. It deleted none. The error lists them.',
  'audit-findings':
    'The audit found what `fail-on` names. The error counts the findings; the job summary and `results` list them.',
  timeout: 'The `timeout` ran out.',
  cancelled: 'The workflow was cancelled.',
  'internal-error': 'The runner (for example, a full disk) or the action itself failed.',
} as const satisfies Record<string, string>;

/** A value of the `error-code` output. */
export type ErrorCode = keyof typeof ERROR_CODES;

export interface FailureParts {
  /** What failed, as a noun phrase: `creating client "invoices"`. */
  readonly operation: string;
  /** The request that failed, as `POST https://…`. Absent if no request was involved. */
  readonly request?: string | undefined;
  readonly reason: string;
  /** What to do, in whole sentences. */
  readonly advice?: string | undefined;
  /** Whether the operation may have taken effect. The error line then says so. */
  readonly outcomeUnknown?: boolean;
  /** The failures that this one reports together. Its reason contains their lines. */
  readonly failures?: readonly Failure[];
}

const DOUBT = 'It may have taken effect.';

/** An error that ends the step, with its code and its line for the log. Its `cause` is for the debug log. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: ErrorCode;
  readonly parts: FailureParts;
  readonly outcomeUnknown: boolean;

  constructor(code: ErrorCode, parts: FailureParts, options?: ErrorOptions) {
    super(lineOf(parts), options);
    this.code = code;
    this.parts = parts;
    this.outcomeUnknown = parts.outcomeUnknown ?? false;
  }
}

function lineOf({ operation, request, reason, outcomeUnknown, advice }: FailureParts): string {
  const head = `${operation} failed${request ? ` at ${request}` : ''}: ${sentence(reason)}`;
  return oneLine([head, outcomeUnknown ? DOUBT : '', advice].filter(Boolean).join(' '));
}

/** Why it failed, and whether it may have taken effect. */
export function reasonOf({ parts: { reason }, outcomeUnknown }: Failure): string {
  return outcomeUnknown ? `${sentence(reason)} ${DOUBT}` : reason;
}

/** What to do about the failures that a failure reports together, and then about itself. Each advice once. */
export function adviceOf({ parts: { failures = [], advice } }: Failure): readonly string[] {
  return [...new Set([...failures.flatMap(adviceOf), ...(advice ? [advice] : [])])];
}

/** The line of a failure without what to do. */
export function lineWithoutAdvice(failure: Failure): string {
  // Its own advice first, which can begin with that of the failures it reports together.
  return adviceOf(failure).reduceRight((line, advice) => line.replaceAll(` ${oneLine(advice)}`, ''), failure.message);
}

/** The same failure with further advice at the end of its line. */
export function withAdvice(failure: Failure, further: string): Failure {
  const advice = [failure.parts.advice, further].filter(Boolean).join(' ');
  return new Failure(failure.code, { ...failure.parts, advice }, { cause: failure.cause });
}

/** Control characters, such as the start of an ANSI escape, and characters that change the direction of text. */
const CONTROLS = /[[\p{Cc}\p{Bidi_Control}]--[\t\n\v\f\r\u0085]]/gv;

const BLANKS = /[\s\u0085]+/gu;

const BREAK = /[\t\n\v\f\r\u0085\u2028\u2029]/u;

/**
 * Folds line breaks and tabs, so that a text cannot leave its line of the log, and removes control characters. Keeps
 * spaces. Takes linear time, because servers choose the text.
 */
export function oneLine(text: string): string {
  return text
    .replace(CONTROLS, '')
    .replace(BLANKS, blank => (BREAK.test(blank) ? ' ' : blank))
    .trim();
}

/** A value in double quotes, cut to a readable length, with control characters escaped. */
export function quoted(value: string, longest = 80): string {
  return JSON.stringify(value.length > longest ? `${value.slice(0, longest)}…` : value);
}

/** The start of a text that a server chose. `redact` hides known secrets before the cut, when it still finds them. */
export function excerpt(text: string, redact: (text: string) => string, longest = 300): string {
  const safe = redact(text);
  return safe.length > longest ? `${safe.slice(0, longest - 1).toWellFormed()}…` : safe;
}

/** A text with a period at its end, unless it ends as a sentence already. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?]$/u.test(trimmed) ? trimmed : `${trimmed}.`;
}

/** A text as the beginning of a sentence. */
export function capitalized(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** A text as part of a sentence: without the period at its end. */
export function clause(text: string): string {
  return text.replace(/\.$/u, '');
}

/** The message of an error of any type. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Any error as a failure of the step. An unexpected error is an `internal-error`. */
export function asFailure(error: unknown): Failure {
  if (error instanceof Failure) {
    return error;
  }
  const isDiskFull = ['ENOSPC', 'EDQUOT'].includes(String(codeOf(error)));
  const advice = isDiskFull ? 'Free space on the disk of the runner.' : 'Please report it.';
  return new Failure('internal-error', { operation: 'the step', reason: messageOf(error), advice }, { cause: error });
}

/** The code of an error of Node, such as `ENOSPC`. */
export function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** The codes that determine the code of several failures, the most serious one first. */
const MOST_SERIOUS: readonly ErrorCode[] = ['cancelled', 'timeout', 'github-permission', 'not-found'];

/** Several failures as one, with the lines of all. What to do is said once if it is the same for all of them. */
export function together(operation: string, failures: readonly Failure[]): Failure {
  const [first] = failures;
  const distinct = [...new Map(failures.map(failure => [failure.message, failure])).values()];
  const [advice, ...otherAdvice] = new Set(distinct.map(({ parts }) => parts.advice));
  const shared = advice && otherAdvice.length === 0 ? { advice } : {};
  const lines = distinct.map(failure => ('advice' in shared ? lineWithoutAdvice(failure) : failure.message));
  const code =
    MOST_SERIOUS.find(serious => failures.some(failure => failure.code === serious)) ?? first?.code ?? 'internal-error';
  return distinct.length === 1 && first
    ? first
    : new Failure(code, { operation, reason: lines.join(' · '), ...shared, failures: distinct }, { cause: first });
}
