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

/** Finds a secret that a server truncated, by its start or by its end. The end is the start of the reversed secret. */
export interface TruncatedSecret {
  readonly forwards: Pattern;
  readonly backwards: Pattern;
}

/** @param texts all spellings of a secret, folded. */
export function truncatedSecretsOf(texts: readonly string[]): readonly TruncatedSecret[] {
  return texts
    .filter(({ length }) => length >= SHORTEST_SECRET)
    .map(text => ({ forwards: patternOf(text), backwards: patternOf(reverse(text)) }));
}

/** Finds every part of a text that is a long start or a long end of a secret, as far as it matches the secret. */
export function* findTruncated(secrets: readonly TruncatedSecret[], text: string): Generator<Range> {
  let reversed: string | undefined;
  for (const secret of secrets) {
    yield* findStarts(secret.forwards, text);
    // It is cheaper to check whether the text contains a match than to reverse the text.
    if (text.includes(reverse(seedOf(secret.backwards)))) {
      reversed ??= reverse(text);
      for (const [start, end] of findStarts(secret.backwards, reversed)) {
        yield [text.length - end, text.length - start];
      }
    }
  }
}

/** Uses one pass over the text (Knuth-Morris-Pratt) because the start of a secret can repeat itself. */
function* findStarts(pattern: Pattern, text: string): Generator<Range> {
  const seed = seedOf(pattern);
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

function seedOf({ text }: Pattern): string {
  return text.slice(0, SHORTEST_PART);
}

/** Reverses the UTF-16 code units of a text. */
function reverse(text: string): string {
  return Buffer.from(text, 'utf16le').reverse().swap16().toString('utf16le');
}
