import { base64Forms, encodedForms, lowercaseHexForms } from './encodings.ts';
import { type TruncatedSecret, truncatedSecretsOf } from './truncated-secrets.ts';

/** The maximum length of the start of a run of base64 or hex that is searched for. The rest of the run is hidden with it. */
const LONGEST_RUN = 40;

/**
 * The number of characters to encode for such a start. 30 bytes are 40 characters of base64, up to 2 bytes are skipped, and the
 * last bytes depend on what follows.
 */
const LONGEST_HEAD = 36;

const REST_OF_RUN = /[\w+/=:-]*/uy;

/** The texts to search for to find one secret. All are folded. */
export interface Needles {
  /** The secret and its spellings. Only the match is hidden. */
  readonly texts: readonly string[];
  /** Starts of runs of base64 or hex. The whole run is hidden. */
  readonly runs: readonly string[];
  /** The secret in each encoding. Searched for without decoding: text before the secret can look like a part of its first escape. */
  readonly encoded: readonly string[];
  /** The same as `runs` for each encoding of the secret, to find text that was encoded twice. */
  readonly runsOfEncoded: readonly string[];
  /** To find the start or the end of a secret that a server truncated. */
  readonly truncated: readonly TruncatedSecret[];
}

/** Folds case, and spaces as a form writes them. The length does not change, so indices stay valid. */
export function foldText(text: string): string {
  return lowerCase(text).replaceAll(' ', '+');
}

/** The same for base64 and hex, with one alphabet for both kinds of base64. */
export function foldRuns(text: string): string {
  return lowerCase(text).replaceAll('-', '+').replaceAll('_', '/');
}

/** Folds letter by letter outside of ASCII: some letters become two letters, or differ at the end of a word. */
function lowerCase(text: string): string {
  return /\P{ASCII}/u.test(text)
    ? text.replace(/\p{Lu}/gu, letter =>
        letter.toLowerCase().length === letter.length ? letter.toLowerCase() : letter,
      )
    : text.toLowerCase();
}

/** @param texts the secret, then its lines and other spellings. @param shortest the least length of a text to search for. */
export function needlesOf(texts: readonly string[], shortest: number): Needles {
  const distinct = (found: readonly string[]) => [...new Set(found)].filter(({ length }) => length >= shortest);
  const folded = distinct(texts.map(foldText));
  const encoded = [...new Set(encodedForms(texts[0] ?? ''))];
  return {
    texts: folded,
    truncated: truncatedSecretsOf(folded),
    encoded: distinct(encoded.map(foldText)),
    runs: distinct(foldedRunsOf(texts)),
    runsOfEncoded: distinct(foldedRunsOf(encoded)),
  };
}

/** The index at which the run of base64 or hex ends that continues at `from`. */
export function endOfRun(text: string, from: number): number {
  REST_OF_RUN.lastIndex = from;
  REST_OF_RUN.test(text);
  return REST_OF_RUN.lastIndex;
}

/** The starts of all texts in base64 and in hex, folded. As one text, because a secret has hundreds of them. */
function foldedRunsOf(texts: readonly string[]): readonly string[] {
  return foldRuns(texts.flatMap(runsOf).join('\n')).split('\n');
}

/** The starts of a text in base64 and in hex. */
function runsOf(text: string): readonly string[] {
  const head = text.slice(0, LONGEST_HEAD).toWellFormed();
  const runs = [...base64Forms(head).map(run => run.replaceAll('=', '')), ...lowercaseHexForms(head)];
  return runs.map(run => run.slice(0, LONGEST_RUN));
}
