import { oneLine } from '../model/failure.ts';
import type { Secret } from '../model/secret.ts';
import { placesOfCuts, type Range } from './cuts.ts';
import { readingsOf } from './decodings.ts';
import { encodedForms, strictlyPercentEncoded } from './encodings.ts';
import { endOfRun, foldRuns, foldText, type Needles, needlesOf } from './needles.ts';

/** A shorter value would hide too much that is no secret, and the runner refuses to mask it well. */
const SHORTEST_MASKED = 4;

/** So often a text may have been escaped, one way after another. */
const MOST_ESCAPED = 2;

/** Hides the secrets it was told of, in every form that they may take on the way through a library or a server. */
export class Redactor {
  readonly #secrets = new Map<string, Needles>();
  /** Those of them that are no part of a text by chance. */
  readonly #telling = new Map<string, Needles>();

  /** Hides this secret from now on. */
  maskSecret(secret: Secret): void {
    const texts = textsOf(secret);
    if (texts.length > 0 && !this.#secrets.has(secret.reveal())) {
      const needles = needlesOf(texts, SHORTEST_MASKED);
      this.#secrets.set(secret.reveal(), needles);
      if (isTelling(secret.reveal())) {
        this.#telling.set(secret.reveal(), needles);
      }
    }
  }

  /**
   * The text with every form of every protected secret replaced by `***`: as it is, in every encoding that
   * `encodings.ts` knows, and in two of them one after the other. Of a secret of 16 characters or more, a beginning or an end
   * of at least 8 is hidden too: servers cut what they quote. Forms that overlap or touch become one.
   */
  redact(text: string): string {
    return redactWith(this.#secrets, text);
  }

  /**
   * A value that other programs read, such as an id, with what is secret hidden. There a secret that may be a part of it by
   * chance is only hidden where it is the whole: with the password `prod` the client `invoices-prod` keeps its id, with
   * `correct-horse-7` nothing shows that holds it. A text for people goes through `redact`, where it is better to hide too much.
   */
  redactValue(value: string): string {
    return this.redact(value) === '***' ? '***' : redactWith(this.#telling, value);
  }
}

function redactWith(secrets: ReadonlyMap<string, Needles>, text: string): string {
  const found = [...find(secrets, text)].sort(([one], [other]) => one - other);
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

function* find(secrets: ReadonlyMap<string, Needles>, text: string): Generator<Range> {
  if (secrets.size === 0) {
    return;
  }
  for (const { text: read, origins, depth } of readingsOf(text, MOST_ESCAPED)) {
    const origin = (index: number) => origins[index] ?? text.length;
    const inTexts = foldText(read);
    const inRuns = foldRuns(read);
    for (const { texts, encoded, runs, runsOfEncoded, cuts } of secrets.values()) {
      for (const [start, end] of placesOf(depth === 0 ? [...texts, ...encoded] : texts, inTexts)) {
        yield [origin(start), origin(end)];
      }
      for (const [start, end] of placesOfCuts(cuts, inTexts)) {
        yield [origin(start), origin(end)];
      }
      for (const [start, end] of placesOf(depth === 0 ? [...runs, ...runsOfEncoded] : runs, inRuns)) {
        yield [origin(start), origin(endOfRun(read, end))];
      }
    }
  }
}

function* placesOf(needles: readonly string[], text: string): Generator<Range> {
  for (const needle of needles) {
    for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + needle.length)) {
      yield [at, at + needle.length];
    }
  }
}

/** The whole of a secret first, then its lines, and its letters in the other cases where those are not one to one. */
function textsOf(secret: Secret): readonly string[] {
  // A lone surrogate has no UTF-8, so no encoding of it can be sent or printed as it is.
  const value = secret.reveal().toWellFormed();
  const cases = /\P{ASCII}/u.test(value) ? [value.toUpperCase(), value.toLowerCase()] : [];
  const texts = [value, secret.reveal(), oneLine(value), ...value.split(/\r?\n/u), ...cases];
  return [...new Set(texts)].filter(text => text.length >= SHORTEST_MASKED);
}

/**
 * Whether a secret would hardly be a part of a text by chance: it is long, or more than one word or number. `invoices` may
 * be a password and stand in half of all client ids.
 */
function isTelling(value: string): boolean {
  return value.length >= 16 || (value.length >= 8 && !/^(?:\p{L}?\p{Ll}*|\p{Lu}*|\d*)$/u.test(value));
}

/**
 * What the runner is to mask of a secret: itself, and each form that the runner does not derive by itself. It masks a
 * value, its lines, and both in base64, JSON, URI-data and XML, so that the second of two encodings is its own as well.
 */
export function masksOf(secret: Secret): readonly string[] {
  const value = secret.reveal().toWellFormed();
  const cases = [value.toUpperCase(), value.toLowerCase()];
  // A word in other letters may be an id, and GitHub drops a job output that holds a masked one.
  const encoded = encodedForms(value).filter(form => isTelling(value) || !cases.includes(form));
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
