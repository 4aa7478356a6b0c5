/**
 * `npm run prove`: runs the parts of the proof one after the other. Each prints how much it tried and held, and how to
 * reproduce what did not hold. Exits with 1 if anything did not hold.
 */
import { messageOf } from '../src/model/failure.ts';
import { type BuiltOptions, HELP, type Options, type Part, readOptions } from './options.ts';
import { listCrashes, proveCrashes } from './parts/crash.ts';
import { listFleet, proveFleet } from './parts/fleet.ts';
import { proveInterleavings } from './parts/interleavings.ts';
import { proveProperties } from './parts/properties.ts';
import { renderVerdicts, type Verdict } from './parts/verdict.ts';
import { listWorlds, proveWorlds } from './parts/worlds.ts';
import { listYears, proveYears } from './parts/years.ts';

/** How to prove a part, and for those that run the built action, how to print the IDs of what they would try. */
interface Proof {
  readonly title: string;
  readonly prove: (options: Options) => Promise<Verdict>;
  readonly list?: (options: BuiltOptions) => Promise<void> | void;
}

const PROOFS: Readonly<Record<Part, Proof>> = {
  properties: {
    title: 'Plan properties: the rules of the plan, in random worlds',
    prove: ({ runs }) => proveProperties(runs),
  },
  interleavings: {
    title: 'Interleavings: simultaneous runs, in random orders of their steps',
    prove: ({ runs }) => proveInterleavings(runs),
  },
  worlds: {
    title: 'Worlds: the built action, under unusual conditions',
    prove: ({ built }) => proveWorlds(built),
    list: listWorlds,
  },
  years: {
    title: 'Years: a year of weekly runs of the built action, of several workflows on one tenant',
    prove: ({ built }) => proveYears(built),
    list: listYears,
  },
  fleet: {
    title: 'Fleet: the built action with a manifest, whose requests fail, which is killed, or which several jobs share',
    prove: ({ built }) => proveFleet(built),
    list: listFleet,
  },
  crash: {
    title: 'Crash sweep: the built action, interrupted at the points of its runs',
    prove: ({ built }) => proveCrashes(built),
    list: listCrashes,
  },
};

const options = read();
if (options?.help) {
  console.log(HELP);
} else if (options?.built.list) {
  await list(options);
} else if (options) {
  await prove(options);
}

/** Returns undefined if the command line is invalid. */
function read(): Options | undefined {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${messageOf(error)}\n\n${HELP}`);
    process.exitCode = 1;
    return undefined;
  }
}

/** Prints the IDs of what the chosen parts would try. */
async function list({ parts, built }: Options): Promise<void> {
  for (const part of parts) {
    await PROOFS[part].list?.(built);
  }
}

async function prove(options: Options): Promise<void> {
  const verdicts: Verdict[] = [];
  for (const part of options.parts) {
    const { title, prove } = PROOFS[part];
    console.log(`\n== ${title}`);
    verdicts.push(await prove(options));
  }
  console.log(`\n${renderVerdicts(verdicts)}`);
  process.exitCode = verdicts.every(({ holds }) => holds) ? 0 : 1;
}
