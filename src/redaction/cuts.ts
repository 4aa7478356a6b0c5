/** A shorter secret may begin as some other word does. */
const SHORTEST_SECRET = 16;

/** So much of a secret tells that it is one: fewer characters may begin an id. */
const SHORTEST_PART = 8;

/** Where in a text something stands. */
export type Range = readonly [start: number, end: number];

/** A text that is looked for by its beginning, and how to go on where it does not. */
interface Beginning {
  readonly text: string;
  /** For each length of it: how much of its beginning is also its end. */
  readonly borders: Uint32Array;
}

/** What to look for where a server cuts a secret: its beginning, and its end, which is the beginning of it backwards. */
export interface Cut {
  readonly forwards: Beginning;
  readonly backwards: Beginning;
}

/** @param texts a secret in all its spellings, folded. */
export function cutsOf(texts: readonly string[]): readonly Cut[] {
  return texts
    .filter(({ length }) => length >= SHORTEST_SECRET)
    .map(text => ({ forwards: beginningOf(text), backwards: beginningOf(backwards(text)) }));
}

/** Where a long beginning or a long end of a secret stands in a text, as far as it agrees with the secret. */
export function* placesOfCuts(cuts: readonly Cut[], text: string): Generator<Range> {
  let turned: string | undefined;
  for (const cut of cuts) {
    yield* placesOfBeginning(cut.forwards, text);
    // To turn a text costs more than to see that there is nothing to look for in it.
    if (text.includes(backwards(seedOf(cut.backwards)))) {
      turned ??= backwards(text);
      for (const [start, end] of placesOfBeginning(cut.backwards, turned)) {
        yield [text.length - end, text.length - start];
      }
    }
  }
}

/** In one pass over the text (Knuth, Morris and Pratt), as a secret may begin again and again as it begins. */
function* placesOfBeginning(beginning: Beginning, text: string): Generator<Range> {
  const seed = seedOf(beginning);
  for (let at = text.indexOf(seed); at >= 0; ) {
    let end = at + SHORTEST_PART;
    let agreed = longerBy(text.charCodeAt(end), SHORTEST_PART, beginning);
    for (; agreed >= SHORTEST_PART; agreed = longerBy(text.charCodeAt(end), agreed, beginning)) {
      end += 1;
    }
    // What agrees begins ever later, but before what agreed until then ends.
    yield [at, end];
    at = text.indexOf(seed, end + 1 - agreed);
  }
}

/** How much of the beginning stands before the end of a text that goes on with this character. */
function longerBy(character: number, agreed: number, { text, borders }: Beginning): number {
  let length = agreed;
  while (length > 0 && text.charCodeAt(length) !== character) {
    length = borders[length] ?? 0;
  }
  return text.charCodeAt(length) === character ? length + 1 : 0;
}

function beginningOf(text: string): Beginning {
  const borders = new Uint32Array(text.length + 1);
  for (let length = 1; length < text.length; length += 1) {
    borders[length + 1] = longerBy(text.charCodeAt(length), borders[length] ?? 0, { text, borders });
  }
  return { text, borders };
}

function seedOf({ text }: Beginning): string {
  return text.slice(0, SHORTEST_PART);
}

/** The UTF-16 of a text from its end on. */
function backwards(text: string): string {
  return Buffer.from(text, 'utf16le').reverse().swap16().toString('utf16le');
}
