import { decodingsOf } from './decodings.ts';
import { foldRuns, foldText, type Needles } from './needles.ts';

/** How many characters at the start of a needle are remembered. */
const SEED = 8;

/** A seed that so many secrets share shows none of them: every JSON web token starts with the same characters. */
const MAX_SHARED = 20;

/**
 * Secrets that nothing uses any more. A run with thousands of clients has as many of them, so only the starts of their forms
 * are kept, as hashes. They show which secrets a text may contain, and those are then searched for in every form.
 */
export class RetiredSecrets {
  /** The secrets by the hash of a seed. Most seeds belong to one secret, which takes no array. */
  readonly #bySeed = new Map<number, string | string[]>();

  add(value: string, { texts, encoded, runs, truncated }: Needles): void {
    const seeds = [...texts, ...encoded, ...runs, ...truncated.map(({ end }) => end)];
    for (const hash of new Set(seeds.map(seed => hashAt(seed, 0)))) {
      const known = this.#bySeed.get(hash);
      this.#bySeed.set(hash, known === undefined ? value : [known, value].flat());
    }
  }

  suspects(text: string, maxDepth: number): readonly string[] {
    const found = new Set<string>();
    if (this.#bySeed.size === 0) {
      return [];
    }
    for (const decoded of decodingsOf(text, maxDepth)) {
      this.#search(foldText(decoded.text), found);
      this.#search(foldRuns(decoded.text), found);
    }
    return [...found];
  }

  #search(text: string, found: Set<string>): void {
    for (let at = 0; at <= text.length - SEED; at += 1) {
      const known = this.#bySeed.get(hashAt(text, at));
      if (known === undefined) {
        continue;
      }
      const values = [known].flat();
      if (values.length <= MAX_SHARED) {
        for (const value of values) {
          found.add(value);
        }
      }
    }
  }
}

/** A hash of 31 bits of the characters of a seed. */
function hashAt(text: string, at: number): number {
  let hash = 0;
  for (let index = at; index < at + SEED; index += 1) {
    hash = (Math.imul(hash, 0x01000193) ^ text.charCodeAt(index)) & 0x7fffffff;
  }
  return hash;
}
