import { parseArgs } from 'node:util';

/** The parts of the proof, the cheap ones first. */
export const PARTS = ['properties', 'interleavings', 'worlds', 'years', 'crash'] as const;
export type Part = (typeof PARTS)[number];

/** What to prove, and how thoroughly. */
export interface Options {
  readonly help: boolean;
  readonly parts: readonly Part[];
  /** Random worlds for each property, and schedules. */
  readonly runs: number;
  readonly built: BuiltOptions;
}

/** What the parts that run the built action are told. */
export interface BuiltOptions {
  readonly only: string | undefined;
  readonly sample: number | undefined;
  readonly seed: string;
  /** Default: what suits the part. */
  readonly atOnce: number | undefined;
  readonly dist: string | undefined;
  readonly list: boolean;
  readonly logs: boolean;
}

export const HELP = `npm run prove -- [options]

Five proofs, one after the other:

  properties     the rules of the plan, each in random worlds
  interleavings  runs at once, in random orders of their steps
  worlds         the built action, in worlds as odd as the real one
  years          the built action, week by week for a year, of several workflows
  crash          the built action, broken at every point of its runs

  --part PART    this one; may be repeated (default: all five)
  --runs N       so many worlds for each property, and so many orders (default: 100000)

For the worlds, the years and the crash sweep; where no --part says which, for the crash sweep alone:

  --only TEXT    the worlds, years or points whose id holds this text
  --sample N     so many of the worlds and points, every group of worlds and every break among them
  --seed TEXT    which sample, which random worlds, and which hours and failures of a year (default: 1)
  --at-once N    so many under way at once (default: one more than there are cores; of worlds twice that)
  --dist FOLDER  the build to run (default: dist)
  --list         print the ids, and try none
  --logs         print what each process of each of them printed; of worlds and points also what it sent

Exits with 1 where anything did not hold.
`;

const BUILT_OPTIONS = {
  only: { type: 'string' },
  sample: { type: 'string' },
  seed: { type: 'string' },
  'at-once': { type: 'string' },
  dist: { type: 'string' },
  list: { type: 'boolean' },
  logs: { type: 'boolean' },
} as const;

/**
 * Reads the command line.
 *
 * @throws Error where an option is unknown, or its value is none.
 */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', default: false },
      part: { type: 'string', multiple: true, default: [] },
      runs: { type: 'string', default: '100000' },
      ...BUILT_OPTIONS,
    },
  });
  const { sample, list = false, logs = false } = values;
  return {
    help: values.help,
    parts: partsOf(
      values.part,
      Object.keys(values).some(name => name in BUILT_OPTIONS),
    ),
    runs: count('runs', values.runs),
    built: {
      ...{ only: values.only, dist: values.dist, seed: values.seed ?? '1', list, logs },
      sample: sample === undefined ? undefined : count('sample', sample),
      atOnce: values['at-once'] === undefined ? undefined : count('at-once', values['at-once']),
    },
  };
}

function partsOf(named: readonly string[], forBuilt: boolean): readonly Part[] {
  const unknown = named.find(part => !PARTS.some(known => known === part));
  if (unknown !== undefined) {
    throw new Error(`--part takes ${PARTS.join(', ')}, not ${JSON.stringify(unknown)}`);
  }
  const isBuilt = ['worlds', 'years', 'crash'].some(part => named.includes(part));
  const chosen = [...named, ...(forBuilt && !isBuilt ? ['crash'] : [])];
  return chosen.length === 0 ? PARTS : PARTS.filter(part => chosen.includes(part));
}

function count(option: string, text: string): number {
  if (!/^[1-9]\d*$/u.test(text)) {
    throw new Error(`--${option} takes a number above 0, not ${JSON.stringify(text)}`);
  }
  return Number(text);
}
