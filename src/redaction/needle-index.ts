/** The position of something in a text. */
export type Range = readonly [start: number, end: number];

/** How many characters a hash covers. No needle is shorter. */
const HASHED = 4;

/** Finds many needles in one pass over a text. */
export class NeedleIndex {
  /** The needles by the hash of their first characters. */
  readonly #byStart = new Map<number, string[]>();

  /** Adds needles of at least 4 characters. */
  add(needles: readonly string[]): void {
    for (const needle of needles) {
      const hash = hashOfStart(needle);
      const known = this.#byStart.get(hash) ?? [];
      known.push(needle);
      this.#byStart.set(hash, known);
    }
  }

  /** Removes needles that were added. One that was added twice stays once. */
  remove(needles: readonly string[]): void {
    for (const needle of needles) {
      const hash = hashOfStart(needle);
      const others = this.#byStart.get(hash) ?? [];
      others.splice(others.indexOf(needle), 1);
      if (others.length === 0) {
        this.#byStart.delete(hash);
      }
    }
  }

  /** Finds every part of a text that is a needle. Needles that overlap or touch are one part. */
  *find(text: string): Generator<Range> {
    if (this.#byStart.size === 0) {
      return;
    }
    let found: Range | undefined;
    let hash = 0;
    for (let next = 0; next < text.length; next += 1) {
      hash = hashWith(hash, text.charCodeAt(next));
      const at = next + 1 - HASHED;
      const needles = at < 0 ? undefined : this.#byStart.get(hash);
      const end = needles === undefined ? -1 : longestEnd(needles, text, at);
      if (end < 0) {
        continue;
      }
      if (found && at > found[1]) {
        yield found;
        found = undefined;
      }
      found = found ? [found[0], Math.max(found[1], end)] : [at, end];
    }
    if (found) {
      yield found;
    }
  }
}

/** Where the longest of the needles ends that the text contains at an index, or -1. */
function longestEnd(needles: readonly string[], text: string, at: number): number {
  return Math.max(-1, ...needles.filter(needle => text.startsWith(needle, at)).map(({ length }) => at + length));
}

function hashOfStart(needle: string): number {
  let hash = 0;
  for (let at = 0; at < HASHED; at += 1) {
    hash = hashWith(hash, needle.charCodeAt(at));
  }
  return hash;
}

/** Adds a character to a hash of 32 bits, which moves out the character 4 before it: the rest no longer counts. */
function hashWith(hash: number, character: number): number {
  return (hash << 8) ^ character;
}
