import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

/** The parts of the proof, the cheap ones first. */
export const PARTS = ['properties', 'interleavings', 'crash'] as const;
export type Part = (typeof PARTS)[number];

/** What to prove, and how thoroughly. */
export interface Options {
  readonly help: boolean;
  readonly parts: readonly Part[];
  /** Random worlds for each property, and schedules. */
  readonly runs: number;
  readonly crash: CrashOptions;
}

/** What the crash sweep is told. */
export interface CrashOptions {
  readonly only: string | undefined;
  readonly sample: number | undefined;
  readonly seed: string;
  readonly atOnce: number;
  readonly dist: string | undefined;
  readonly list: boolean;
  readonly logs: boolean;
}

export const HELP = `npm run prove -- [options]

Three proofs, one after the other:

  properties     the rules of the plan, each in random worlds
  interleavings  runs at once, in random orders of their steps
  crash          the built action, broken at every point of its runs

  --part PART    this one; may be repeated (default: all three)
  --runs N       so many worlds for each property, and so many orders (default: 100000)

For the crash sweep, and it alone unless --part says more:

  --only TEXT    the points whose id holds this text
  --sample N     so many points, every break among them
  --seed TEXT    which sample (default: 1)
  --at-once N    points under way at once (default: one more than there are cores)
  --dist FOLDER  the build to break (default: dist)
  --list         print the ids, and try none
  --logs         print what each process of each point printed and sent

Exits with 1 where anything did not hold.
`;

const CRASH_OPTIONS = {
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
      ...CRASH_OPTIONS,
    },
  });
  const { sample, list = false, logs = false } = values;
  return {
    help: values.help,
    parts: partsOf(
      values.part,
      Object.keys(values).some(name => name in CRASH_OPTIONS),
    ),
    runs: count('runs', values.runs),
    crash: {
      ...{ only: values.only, dist: values.dist, seed: values.seed ?? '1', list, logs },
      sample: sample === undefined ? undefined : count('sample', sample),
      atOnce: count('at-once', values['at-once'] ?? String(availableParallelism() + 1)),
    },
  };
}

function partsOf(named: readonly string[], sweeps: boolean): readonly Part[] {
  const unknown = named.find(part => !PARTS.some(known => known === part));
  if (unknown !== undefined) {
    throw new Error(`--part takes ${PARTS.join(', ')}, not ${JSON.stringify(unknown)}`);
  }
  const chosen = [...named, ...(sweeps ? ['crash'] : [])];
  return chosen.length === 0 ? PARTS : PARTS.filter(part => chosen.includes(part));
}

function count(option: string, text: string): number {
  if (!/^[1-9]\d*$/u.test(text)) {
    throw new Error(`--${option} takes a number above 0, not ${JSON.stringify(text)}`);
  }
  return Number(text);
}
