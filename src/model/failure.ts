/** Every error code of the action, with what it means. The README's table is generated from this one. */
export const ERROR_CODES = {
  'invalid-input': 'The workflow asked for something that cannot work, or that Vantage refused as wrong.',
  'authentication-failed': 'Vantage did not accept the credentials or the token.',
  forbidden: 'The account signed in with may not do this: it needs the Tenant Administrator role.',
  'not-found': 'The tenant, the client or the Vantage itself is not where the inputs say.',
  conflict: 'The client exists already and `if-exists` is `fail`, or Vantage reports a conflict.',
  unsupported: 'This Vantage offers no such operation.',
  'rate-limited': 'Vantage or GitHub asked to slow down for longer than the step may wait.',
  'vantage-unavailable': 'Vantage could not be reached, or failed, after several tries.',
  'unexpected-response': 'Something answered in a way that Vantage does not: often a proxy or a wrong `base-url`.',
  'secret-unverified': 'The new secret was not accepted by the token endpoint, and was not handed out.',
  'secret-unaccounted': 'A secret may exist whose value nobody has. The log names its mark.',
  'github-permission':
    'The token may not write a target, or does not see it. The error says why, or names the permission.',
  'github-unavailable': 'GitHub could not be reached, or failed, after several tries.',
  'partial-hand-off': 'Some targets hold the new secret and some do not. The error names both; the secret is kept.',
  'too-many-deletes':
    'A sweep would delete more clients than `max-deletes` allows. It deleted none; the error names them.',
  'audit-findings':
    'The audit found what `fail-on` names. The error counts them; the job summary and `results` list them.',
  timeout: 'The time given by `timeout` ran out.',
  cancelled: 'The workflow was cancelled.',
  'internal-error': 'The runner (a full disk, say) or the action itself is at fault.',
} as const satisfies Record<string, string>;

/** The word in the `error-code` output. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** The parts of an error line. */
export interface FailureParts {
  /** What failed, as a noun phrase: `creating client "invoices"`. */
  readonly operation: string;
  /** The request that failed, as `POST https://…`. Absent if no request was involved. */
  readonly request?: string;
  /** Why it failed, as far as is known. */
  readonly reason: string;
  /** What to do, in whole sentences. */
  readonly advice?: string;
  /** Whether the operation may have taken effect all the same. The error line then says so. */
  readonly outcomeUnknown?: boolean;
}

/** An end of the step that the action understands: one code, one line. Causes hang on `cause` for the debug log. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly code: ErrorCode;
  /** What the line tells, part by part. */
  readonly parts: FailureParts;
  /** Whether what was asked for may have been carried out all the same. */
  readonly outcomeUnknown: boolean;

  constructor(code: ErrorCode, parts: FailureParts, options?: ErrorOptions) {
    const { operation, request, reason, advice, outcomeUnknown = false } = parts;
    const head = `${operation} failed${request ? ` at ${request}` : ''}: ${sentence(reason)}`;
    const doubt = outcomeUnknown ? 'It may have been carried out all the same.' : '';
    super(oneLine([head, doubt, advice].filter(Boolean).join(' ')), options);
    this.code = code;
    this.parts = parts;
    this.outcomeUnknown = outcomeUnknown;
  }
}

/** The same failure with one more piece of advice at its end. */
export function withAdvice(failure: Failure, more: string): Failure {
  const advice = [failure.parts.advice, more].filter(Boolean).join(' ');
  return new Failure(failure.code, { ...failure.parts, advice }, { cause: failure.cause });
}

/** What has a meaning for a terminal or turns the direction of what follows, and what an ANSI escape begins with. */
const CONTROLS = /[[\p{Cc}\p{Bidi_Control}]--[\t\n\v\f\r\u0085]]/gv;

const BLANKS = /[\s\u0085]+/gu;

const BREAK = /[\t\n\v\f\r\u0085\u2028\u2029]/u;

/**
 * Folds line breaks and tabs, so that nothing can break out of its line in the log, and takes out control characters.
 * Spaces stay as they are. In time that grows with the length alone, as servers choose the text.
 */
export function oneLine(text: string): string {
  return text
    .replace(CONTROLS, '')
    .replace(BLANKS, blank => (BREAK.test(blank) ? ' ' : blank))
    .trim();
}

/** A value in quotes, cut to a readable length, with control characters escaped. */
export function quoted(value: string, longest = 80): string {
  return JSON.stringify(value.length > longest ? `${value.slice(0, longest)}…` : value);
}

/**
 * The beginning of a text that somebody else chose.
 *
 * @param redact hides what is secret, before the text is cut: what is left of a secret may not be found again.
 */
export function excerpt(text: string, redact: (text: string) => string, longest = 300): string {
  const safe = redact(text);
  return safe.length > longest ? `${safe.slice(0, longest - 1).toWellFormed()}…` : safe;
}

function sentence(text: string): string {
  const trimmed = text.trim();
  return /[.!?]$/u.test(trimmed) ? trimmed : `${trimmed}.`;
}

/** What an unknown error says of itself. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Any error as a failure of the step: one that the action did not foresee is its own fault or the runner's. */
export function asFailure(error: unknown): Failure {
  return error instanceof Failure
    ? error
    : new Failure(
        'internal-error',
        { operation: 'the step', reason: messageOf(error), advice: 'Please report it.' },
        { cause: error },
      );
}

/** Gravest first: what all the problems together are called. */
const GRAVITY: readonly ErrorCode[] = ['cancelled', 'timeout', 'github-permission', 'not-found'];

/** Several failures as one, with each one's line. */
export function together(operation: string, failures: readonly Failure[]): Failure {
  const [first] = failures;
  const lines = [...new Set(failures.map(({ message }) => message))];
  const code =
    GRAVITY.find(grave => failures.some(failure => failure.code === grave)) ?? first?.code ?? 'internal-error';
  return lines.length === 1 && first
    ? first
    : new Failure(code, { operation, reason: lines.join(' · ') }, { cause: first });
}
