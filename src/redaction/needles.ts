import { base64Forms, encodedForms, lowercaseHexForms } from './encodings.ts';

/** The maximum length of the start of a run of base64 or hex that is searched for. The rest of the run is hidden with it. */
const LONGEST_RUN = 40;

/** The number of characters to encode for such a start: a few more because the last bytes of base64 depend on what follows. */
const LONGEST_HEAD = 48;

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

/**
 * The texts to search for to find a secret.
 *
 * @param texts the secret, then its lines and other spellings.
 * @param shortest the minimum length of a text to search for.
 */
export function needlesOf(texts: readonly string[], shortest: number): Needles {
  const distinct = (found: readonly string[]) => unique(found).filter(({ length }) => length >= shortest);
  const folded = distinct(texts.map(foldText));
  const [secret = ''] = texts;
  const encoded = unique(encodedForms(secret));
  const head = headOf(secret);
  const encodedHead = head === secret ? encoded : unique(encodedForms(head));
  return {
    texts: folded,
    truncated: truncatedSecretsOf(folded),
    encoded: distinct(encoded.map(foldText)),
    runs: distinct(texts.flatMap(runsOf).map(foldRuns)),
    runsOfEncoded: distinct(encodedHead.flatMap(runsOf).map(foldRuns)),
  };
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}

/** The index at which the run of base64 or hex ends that continues at `from`. */
export function endOfRun(text: string, from: number): number {
  REST_OF_RUN.lastIndex = from;
  return from + (REST_OF_RUN.exec(text)?.[0].length ?? 0);
}

/** The starts of a text in base64 and in hex. */
function runsOf(text: string): readonly string[] {
  const head = headOf(text);
  return [...base64Forms(head).map(run => run.replace(/=+$/u, '')), ...lowercaseHexForms(head)].map(run =>
    run.slice(0, LONGEST_RUN),
  );
}

function headOf(text: string): string {
  return text.slice(0, LONGEST_HEAD).toWellFormed();
}

/** A part of a shorter secret could be the start of an ordinary word. */
const SHORTEST_SECRET = 16;

/** A shorter part of a secret could be the start of an ID. */
const SHORTEST_PART = 8;

/** The position of something in a text. */
export type Range = readonly [start: number, end: number];

/** A text to search for by its start, with the table of the Knuth-Morris-Pratt algorithm. */
interface Pattern {
  readonly text: string;
  /** For each length: how many characters at the start of the text are also the last ones before that length. */
  readonly borders: Uint32Array;
}

/** Finds a secret that a server truncated, by its start or by its end. */
export interface TruncatedSecret {
  readonly text: string;
  readonly start: string;
  readonly end: string;
}

/** @param texts all spellings of a secret, folded. */
export function truncatedSecretsOf(texts: readonly string[]): readonly TruncatedSecret[] {
  return texts
    .filter(({ length }) => length >= SHORTEST_SECRET)
    .map(text => ({ text, start: text.slice(0, SHORTEST_PART), end: text.slice(-SHORTEST_PART) }));
}

/** Finds every part of a text that is a long start or a long end of a secret, as far as it matches the secret. */
export function* findTruncated(secrets: readonly TruncatedSecret[], text: string): Generator<Range> {
  let reversed: string | undefined;
  for (const secret of secrets) {
    // Few texts contain a match.
    if (text.includes(secret.start)) {
      yield* findStarts(patternOf(secret.text), text);
    }
    if (text.includes(secret.end)) {
      // The end of a secret is the start of the reversed secret.
      reversed ??= reverse(text);
      for (const [start, end] of findStarts(patternOf(reverse(secret.text)), reversed)) {
        yield [text.length - end, text.length - start];
      }
    }
  }
}

/** Uses one pass over the text (Knuth-Morris-Pratt) because the start of a secret can repeat itself. */
function* findStarts(pattern: Pattern, text: string): Generator<Range> {
  const seed = pattern.text.slice(0, SHORTEST_PART);
  for (let at = text.indexOf(seed); at >= 0; ) {
    let end = at + SHORTEST_PART;
    let matched = extendMatch(text.charCodeAt(end), SHORTEST_PART, pattern);
    for (; matched >= SHORTEST_PART; matched = extendMatch(text.charCodeAt(end), matched, pattern)) {
      end += 1;
    }
    // The loop can move on to a later match that overlaps the previous one, so the whole range is covered.
    yield [at, end];
    at = text.indexOf(seed, end + 1 - matched);
  }
}

/** The length of the longest match that ends with the next character, after a match of the given length. */
function extendMatch(character: number, matched: number, { text, borders }: Pattern): number {
  let length = matched;
  while (length > 0 && text.charCodeAt(length) !== character) {
    length = borders[length] ?? 0;
  }
  return text.charCodeAt(length) === character ? length + 1 : 0;
}

function patternOf(text: string): Pattern {
  const borders = new Uint32Array(text.length + 1);
  for (let length = 1; length < text.length; length += 1) {
    borders[length + 1] = extendMatch(text.charCodeAt(length), borders[length] ?? 0, { text, borders });
  }
  return { text, borders };
}

/** Reverses the UTF-16 code units of a text. */
function reverse(text: string): string {
  return Buffer.from(text, 'utf16le').reverse().swap16().toString('utf16le');
}
