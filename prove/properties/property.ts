import fc from 'fast-check';
import { messageOf } from '../../src/model/failure.ts';

/** A rule that the plan follows in every world. */
export interface Property {
  readonly name: string;
  /** @param relevant called for each world that tests the rule, to detect a rule that is hardly tested. */
  readonly property: (relevant: () => void) => fc.IRawProperty<unknown, false>;
}

/** How to check a property. */
export interface Checking {
  /** How many random worlds to try. */
  readonly runs: number;
  /** The seed of the random worlds. Default: a random one. */
  readonly seed?: number;
}

/** The result of a check. */
export interface Checked {
  readonly name: string;
  /** The number of worlds that were tried, up to the first violation. */
  readonly tried: number;
  readonly held: number;
  /** The number of worlds that test the rule. */
  readonly relevant: number;
  /** The smallest world that breaks the rule, with the seed and the path to reproduce it, or why the check proves nothing. */
  readonly violation: string | undefined;
}

/** If fewer than one in this number of worlds are relevant, the check proves nothing. */
const RELEVANT_ONE_IN = 20;

/** Checks a property in random worlds. */
export function checkProperty({ name, property }: Property, { runs, seed }: Checking): Checked {
  let relevant = 0;
  const note = () => {
    relevant += 1;
  };
  const result = fc.check(property(note), { numRuns: runs, ...(seed === undefined ? {} : { seed }) });
  const tried = result.numRuns;
  const report = fc.defaultReportMessage(result);
  const violation = report && `${messageOf(result.errorInstance)}\n${report}`;
  const isIdle = tried === 0 || relevant < tried / RELEVANT_ONE_IN;
  return {
    name,
    tried,
    held: violation === undefined ? tried : tried - 1,
    relevant,
    violation: violation ?? (isIdle ? `Only ${relevant} of ${tried} worlds test it.` : undefined),
  };
}

/** @throws Error if the rule does not hold. */
export function mustHold(holds: boolean, otherwise: () => string): void {
  if (!holds) {
    throw new Error(otherwise());
  }
}
