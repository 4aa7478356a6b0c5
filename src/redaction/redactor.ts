import { oneLine } from '../model/failure.ts';
import type { Secret } from '../model/secret.ts';
import { decodingsOf } from './decodings.ts';
import { encodedForms, strictlyPercentEncoded } from './encodings.ts';
import { endOfRun, findTruncated, foldRuns, foldText, type Needles, needlesOf, type Range } from './needles.ts';

/** A shorter value would hide too much text that is not secret, and the runner does not mask it reliably. */
const SHORTEST_MASKED = 4;

/** The maximum number of times that a text can have been escaped. */
const MAX_DEPTH = 2;

/** Hides secrets in every form that a library or a server may give them. */
export class Redactor {
  readonly #secrets = new Map<string, Needles>();
  /** The secrets that are not part of a text by chance. */
  readonly #distinctive = new Map<string, Needles>();

  /** Hides this secret from now on. */
  maskSecret(secret: Secret): void {
    const texts = textsOf(secret);
    if (texts.length > 0 && !this.#secrets.has(secret.reveal())) {
      const needles = needlesOf(texts, SHORTEST_MASKED);
      this.#secrets.set(secret.reveal(), needles);
      if (isDistinctive(secret.reveal())) {
        this.#distinctive.set(secret.reveal(), needles);
      }
    }
  }

  /**
   * Replaces every form of every secret in the text with `***`: the secret itself, each encoding in `encodings.ts`, and each
   * combination of two encodings. For a secret of 16 characters or more, a start or an end of at least 8 characters is also
   * replaced because servers truncate what they quote. Forms that overlap or touch are replaced as one.
   */
  redact(text: string): string {
    return redactWith(this.#secrets, text);
  }

  /**
   * Hides secrets in a value for other programs, such as an ID. A secret that can be part of the value by chance is hidden
   * only if it is the whole value: with the password `prod`, the client `invoices-prod` keeps its ID, but every value that
   * contains the password `correct-horse-7` is changed. Use `redact` for text for people, where it is better to hide too much.
   */
  redactValue(value: string): string {
    return this.redact(value) === '***' ? '***' : redactWith(this.#distinctive, value);
  }
}

function redactWith(secrets: ReadonlyMap<string, Needles>, text: string): string {
  const found = [...findSecrets(secrets, text)].sort(([one], [other]) => one - other);
  let redacted = '';
  let end = 0;
  for (const [start, until] of found) {
    if (start > end || redacted === '') {
      redacted += `${text.slice(end, start)}***`;
    }
    end = Math.max(end, until);
  }
  return redacted + text.slice(end);
}

function* findSecrets(secrets: ReadonlyMap<string, Needles>, text: string): Generator<Range> {
  if (secrets.size === 0) {
    return;
  }
  for (const { text: decoded, origins, depth } of decodingsOf(text, MAX_DEPTH)) {
    const origin = (index: number) => origins[index] ?? text.length;
    const inTexts = foldText(decoded);
    const inRuns = foldRuns(decoded);
    for (const { texts, encoded, runs, runsOfEncoded, truncated } of secrets.values()) {
      for (const [start, end] of findAll(depth === 0 ? [...texts, ...encoded] : texts, inTexts)) {
        yield [origin(start), origin(end)];
      }
      for (const [start, end] of findTruncated(truncated, inTexts)) {
        yield [origin(start), origin(end)];
      }
      for (const [start, end] of findAll(depth === 0 ? [...runs, ...runsOfEncoded] : runs, inRuns)) {
        yield [origin(start), origin(endOfRun(decoded, end))];
      }
    }
  }
}

function* findAll(needles: readonly string[], text: string): Generator<Range> {
  for (const needle of needles) {
    for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + needle.length)) {
      yield [at, at + needle.length];
    }
  }
}

/** The secret, then its lines, and its uppercase and lowercase forms if it contains letters outside of ASCII. */
function textsOf(secret: Secret): readonly string[] {
  // A lone surrogate has no UTF-8, so it cannot be sent or printed unchanged.
  const value = secret.reveal().toWellFormed();
  const cases = /\P{ASCII}/u.test(value) ? [value.toUpperCase(), value.toLowerCase()] : [];
  const texts = [value, secret.reveal(), oneLine(value), ...value.split(/\r?\n/u), ...cases];
  return [...new Set(texts)].filter(text => text.length >= SHORTEST_MASKED);
}

/**
 * Whether a secret is unlikely to be part of a text by chance: it is long, or is not just one word or number. A password
 * such as `invoices` could be part of half of all client IDs.
 */
function isDistinctive(value: string): boolean {
  return value.length >= 16 || (value.length >= 8 && !/^(?:\p{L}?\p{Ll}*|\p{Lu}*|\d*)$/u.test(value));
}

/**
 * The values that the runner must mask for a secret: the secret, and each form that the runner does not derive itself. For
 * each value it also masks the lines of the value, and both in base64, JSON, URI data and XML.
 */
export function masksOf(secret: Secret): readonly string[] {
  const value = secret.reveal().toWellFormed();
  const cases = [value.toUpperCase(), value.toLowerCase()];
  // A word in another case can be an ID, and GitHub drops a job output that contains a masked value.
  const encoded = encodedForms(value).filter(form => isDistinctive(value) || !cases.includes(form));
  const masks: string[] = [];
  const known = new Set<string>();
  for (const form of [secret.reveal(), value, oneLine(value), ...encoded]) {
    if (form.length >= SHORTEST_MASKED && !known.has(form)) {
      masks.push(form);
      for (const derived of derivedByRunner(form)) {
        known.add(derived);
      }
    }
  }
  return masks;
}

function derivedByRunner(mask: string): readonly string[] {
  const bytes = Buffer.from(mask);
  return [
    mask,
    ...[0, 1, 2].map(skipped => bytes.subarray(skipped).toString('base64')),
    JSON.stringify(mask).slice(1, -1),
    strictlyPercentEncoded(mask),
  ];
}
