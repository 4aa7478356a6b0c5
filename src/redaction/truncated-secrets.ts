import type { Range } from './needle-index.ts';

/** A part of a shorter secret could be the start of an ordinary word. */
const SHORTEST_SECRET = 16;

/** A shorter part of a secret could be the start of an ID. */
const SHORTEST_PART = 8;

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
