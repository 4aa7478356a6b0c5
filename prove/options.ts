import { parseArgs } from 'node:util';

/** The parts of the proof, from fast to slow. */
export const PARTS = ['properties', 'interleavings', 'worlds', 'years', 'fleet', 'crash'] as const;
export type Part = (typeof PARTS)[number];

/** What to prove, and how thoroughly. */
export interface Options {
  readonly help: boolean;
  readonly parts: readonly Part[];
  /** The number of random worlds for each property, and of random schedules. */
  readonly runs: number;
  readonly built: BuiltOptions;
}

/** The options of the parts that run the built action. */
export interface BuiltOptions {
  readonly only: string | undefined;
  readonly sample: number | undefined;
  readonly seed: string;
  /** Default: a value that suits the part. */
  readonly atOnce: number | undefined;
  readonly dist: string | undefined;
  readonly list: boolean;
  readonly logs: boolean;
}

export const HELP = `npm run prove -- [options]

The proof has six parts:

  properties     the rules of the plan, in random worlds
  interleavings  simultaneous runs, in random orders of their steps
  worlds         the built action, under unusual conditions
  years          the built action, a year of weekly runs of several workflows
  fleet          the built action with a manifest, broken in random ways
  crash          the built action, interrupted at every point of its runs

  --part PART    run this part; can be repeated (default: all parts)
  --runs N       the number of worlds for each property, and of orders (default: 100000)

Options for worlds, years, fleet and crash; without --part, for crash only:

  --only TEXT    only worlds, years, fleets or points whose ID contains this text
  --sample N     a sample of N worlds, fleets or points, with every group of worlds and every break
  --seed TEXT    the seed of the sample, the random worlds, and the hours and failures of a year (default: 1)
  --at-once N    the number to run at the same time (default: a number that suits the part and the cores)
  --dist FOLDER  the build to run (default: dist)
  --list         only print the IDs
  --logs         print the output of each step; for worlds and points, also its requests

Exits with 1 if anything did not hold.
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
 * @throws Error if an option is unknown, or its value is invalid.
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
    throw new Error(`--part is ${JSON.stringify(unknown)}: expected one of ${PARTS.join(', ')}`);
  }
  const isBuilt = ['worlds', 'years', 'fleet', 'crash'].some(part => named.includes(part));
  const chosen = [...named, ...(forBuilt && !isBuilt ? ['crash'] : [])];
  return chosen.length === 0 ? PARTS : PARTS.filter(part => chosen.includes(part));
}

function count(option: string, text: string): number {
  if (!/^[1-9]\d*$/u.test(text)) {
    throw new Error(`--${option} is ${JSON.stringify(text)}: expected a number above 0`);
  }
  return Number(text);
}
