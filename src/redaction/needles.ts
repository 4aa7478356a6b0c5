import { type Cut, cutsOf } from './cuts.ts';
import { base64Forms, encodedForms, hexForms } from './encodings.ts';

/** Of a long run of base64 or hex the beginning is looked for, and the rest of the run goes with it. */
const LONGEST_RUN = 40;

/** Characters that are encoded to get as much of a run, and a few more, as the last bytes of base64 depend on what follows. */
const LONGEST_HEAD = 48;

const REST_OF_RUN = /[\w+/=:-]*/uy;

/** What to look for, each folded. */
export interface Needles {
  /** Hidden as they are. */
  readonly texts: readonly string[];
  /** Hidden with the rest of the run of base64 or hex that they begin. */
  readonly runs: readonly string[];
  /** The secret in each encoding as it is: what stands before one may look like a part of its first escape. */
  readonly encoded: readonly string[];
  /** The same as `runs` of the encodings of the secret: a text that was encoded twice. */
  readonly runsOfEncoded: readonly string[];
  /** Its beginning and its end, which stay where a server cuts it. */
  readonly cuts: readonly Cut[];
}

/** A text with letters in one case and spaces as a form writes them: as long as before, so that both have the same indices. */
export function foldText(text: string): string {
  return lowered(text).replaceAll(' ', '+');
}

/** The same for base64 and hex, with one alphabet for both kinds of base64. */
export function foldRuns(text: string): string {
  return lowered(text).replaceAll('-', '+').replaceAll('_', '/');
}

/** Letter by letter where that is not so of the whole: some letters become two, or another one at the end of a word. */
function lowered(text: string): string {
  return /\P{ASCII}/u.test(text)
    ? text.replace(/\p{Lu}/gu, letter =>
        letter.toLowerCase().length === letter.length ? letter.toLowerCase() : letter,
      )
    : text.toLowerCase();
}

/**
 * What to look for to find a secret.
 *
 * @param texts the secret, its lines, and what else stands for the whole of it. What is shorter than `shortest` is not looked for.
 */
export function needlesOf(texts: readonly string[], shortest: number): Needles {
  const distinct = (found: readonly string[]) => [...new Set(found)].filter(({ length }) => length >= shortest);
  const folded = distinct(texts.map(foldText));
  return {
    texts: folded,
    cuts: cutsOf(folded),
    encoded: distinct(texts.slice(0, 1).flatMap(encodedForms).map(foldText)),
    runs: distinct(texts.flatMap(runsOf).map(foldRuns)),
    runsOfEncoded: distinct(
      texts
        .slice(0, 1)
        .flatMap(text => encodedForms(headOf(text)))
        .flatMap(runsOf)
        .map(foldRuns),
    ),
  };
}

/** Where the run of base64 or hex ends that goes on from here. */
export function endOfRun(text: string, from: number): number {
  REST_OF_RUN.lastIndex = from;
  return from + (REST_OF_RUN.exec(text)?.[0].length ?? 0);
}

/** A text in base64 and in hex, by its beginning. */
function runsOf(text: string): readonly string[] {
  const head = headOf(text);
  return [...base64Forms(head).map(run => run.replace(/=+$/u, '')), ...hexForms(head)].map(run =>
    run.slice(0, LONGEST_RUN),
  );
}

function headOf(text: string): string {
  return text.slice(0, LONGEST_HEAD).toWellFormed();
}
