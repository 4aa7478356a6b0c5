import fc from 'fast-check';
import { messageOf } from '../../src/model/failure.ts';

/** A rule of the plan that holds in every world. */
export interface Property {
  readonly name: string;
  /** @param telling called for each world that puts the rule to the test, so that nobody takes an idle one for a proof. */
  readonly property: (telling: () => void) => fc.IRawProperty<unknown, false>;
}

/** How to check a property. */
export interface Checking {
  /** How many random worlds to try. */
  readonly runs: number;
  /** Where the random worlds begin; the same seed tries the same ones. Default: a random one. */
  readonly seed?: number;
}

/** What checking a property found. */
export interface Checked {
  readonly name: string;
  /** Worlds that were tried: all of them, or as many as it took to find a violation. */
  readonly tried: number;
  readonly held: number;
  /** Worlds that put the rule to the test. */
  readonly telling: number;
  /** How the rule broke, and the smallest world that breaks it, with the seed and the path that find it again; or why it is no proof. */
  readonly violation: string | undefined;
}

/** Fewer telling worlds than one in so many are no proof. */
const TELLING_ONE_IN = 20;

/** Tries a property on so many random worlds. */
export function checkProperty({ name, property }: Property, { runs, seed }: Checking): Checked {
  let telling = 0;
  const note = () => {
    telling += 1;
  };
  const result = fc.check(property(note), { numRuns: runs, ...(seed === undefined ? {} : { seed }) });
  const tried = result.numRuns;
  const report = fc.defaultReportMessage(result);
  const violation = report && `${messageOf(result.errorInstance)}\n${report}`;
  const isIdle = tried === 0 || telling < tried / TELLING_ONE_IN;
  return {
    name,
    tried,
    held: violation === undefined ? tried : tried - 1,
    telling,
    violation: violation ?? (isIdle ? `Only ${telling} of ${tried} worlds put it to the test.` : undefined),
  };
}

/** @throws Error where the rule does not hold. */
export function mustHold(holds: boolean, otherwise: () => string): void {
  if (!holds) {
    throw new Error(otherwise());
  }
}
