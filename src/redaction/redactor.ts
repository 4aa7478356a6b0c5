import { Secret } from '../model/secret.ts';
import { type Decoded, decodingsOf } from './decodings.ts';
import { NeedleIndex, type Range } from './needle-index.ts';
import { endOfRun, foldRuns, foldText, type Needles, needlesOf } from './needles.ts';
import { RetiredSecrets } from './retired-secrets.ts';
import { isDistinctive, SHORTEST_MASKED, textsOf } from './secret-texts.ts';
import { findTruncated, type TruncatedSecret } from './truncated-secrets.ts';

/** A secret that is shorter stays among those that are searched for in every text. */
const SHORTEST_RETIRED = 16;

/** The maximum number of times that a text can have been escaped. */
const MAX_DEPTH = 2;

/** Hides secrets in every form that a library or a server may give them. */
export class Redactor {
  readonly #known = new Map<string, Needles>();
  readonly #retired = new RetiredSecrets();
  /** Finds the secrets that are not part of a text by chance, and all others. */
  readonly #distinctive = new Finder();
  readonly #common = new Finder();

  maskSecret(secret: Secret): void {
    if (!this.#known.has(secret.reveal())) {
      const needles = needlesOf(textsOf(secret), SHORTEST_MASKED);
      this.#known.set(secret.reveal(), needles);
      this.#finderOf(secret).add(needles);
    }
  }

  /**
   * Hides a secret with less memory and time from now on, because nothing uses it any more. Only for a long secret: of a
   * short one, forms of fewer than 8 characters would no longer be hidden.
   */
  retireSecret(secret: Secret): void {
    const needles = this.#known.get(secret.reveal());
    if (needles && secret.reveal().length >= SHORTEST_RETIRED) {
      this.#known.delete(secret.reveal());
      this.#finderOf(secret).remove(needles);
      this.#retired.add(secret.reveal(), needles);
    }
  }

  /**
   * Replaces every form of every secret in the text with `***`: the secret itself, each encoding in `encodings.ts`, and each
   * combination of two encodings. For a secret of 16 characters or more, a start or an end of at least 8 characters is also
   * replaced because servers truncate what they quote. Forms that overlap or touch are replaced as one.
   */
  redact(text: string): string {
    return redactWith([this.#distinctive, this.#common, ...this.#suspectsIn(text)], text);
  }

  /**
   * Hides secrets in a value for other programs, such as an ID. A secret that can be part of the value by chance is hidden
   * only if it is the whole value: with the password `prod`, the client `invoices-prod` keeps its ID, but every value that
   * contains the password `correct-horse-7` is changed. Use `redact` for text for people, where it is better to hide too much.
   */
  redactValue(value: string): string {
    const redacted = this.redact(value);
    return redacted === '***' ? redacted : redactWith([this.#distinctive, ...this.#suspectsIn(value)], value);
  }

  #finderOf(secret: Secret): Finder {
    return isDistinctive(secret.reveal()) ? this.#distinctive : this.#common;
  }

  #suspectsIn(text: string): readonly Finder[] {
    return this.#retired.suspects(text, MAX_DEPTH).map(value => {
      const finder = new Finder();
      finder.add(needlesOf(textsOf(new Secret(value)), SHORTEST_MASKED));
      return finder;
    });
  }
}

function redactWith(finders: readonly Finder[], text: string): string {
  const found = [...findIn(text, finders)].sort(([one], [other]) => one - other);
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

/** Finds secrets in a text, and in what the text decodes to. */
function* findIn(text: string, finders: readonly Finder[]): Generator<Range> {
  for (const decoded of decodingsOf(text, MAX_DEPTH)) {
    const [folded, runs] = [foldText(decoded.text), foldRuns(decoded.text)];
    for (const finder of finders) {
      for (const [start, end] of finder.find(decoded, folded, runs)) {
        yield [decoded.originOf(start), decoded.originOf(end)];
      }
    }
  }
}

class Finder {
  /** For the text itself, and at the start of a run of base64 or hex in it. */
  readonly #texts = new NeedleIndex();
  readonly #runs = new NeedleIndex();
  /** The same for what the text decodes to. */
  readonly #decodedTexts = new NeedleIndex();
  readonly #decodedRuns = new NeedleIndex();
  #truncated: readonly TruncatedSecret[] = [];

  add({ texts, encoded, runs, runsOfEncoded, truncated }: Needles): void {
    this.#texts.add([...texts, ...encoded]);
    this.#runs.add([...runs, ...runsOfEncoded]);
    this.#decodedTexts.add(texts);
    this.#decodedRuns.add(runs);
    this.#truncated = [...this.#truncated, ...truncated];
  }

  remove({ texts, encoded, runs, runsOfEncoded, truncated }: Needles): void {
    this.#texts.remove([...texts, ...encoded]);
    this.#runs.remove([...runs, ...runsOfEncoded]);
    this.#decodedTexts.remove(texts);
    this.#decodedRuns.remove(runs);
    this.#truncated = this.#truncated.filter(one => !truncated.includes(one));
  }

  /** @param folded the text after `foldText`. @param foldedRuns the text after `foldRuns`. */
  *find({ text, depth }: Decoded, folded: string, foldedRuns: string): Generator<Range> {
    const [texts, runs] = depth === 0 ? [this.#texts, this.#runs] : [this.#decodedTexts, this.#decodedRuns];
    yield* texts.find(folded);
    yield* findTruncated(this.#truncated, folded);
    // Each run is read once, so that a text that is one long run full of secrets takes linear time.
    let hidden = 0;
    for (const [start, end] of runs.find(foldedRuns)) {
      hidden = end > hidden ? endOfRun(text, end) : hidden;
      yield [start, hidden];
    }
  }
}
