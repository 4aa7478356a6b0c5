import { TIERS } from '../tier.ts';
import { INVARIANTS, type Invariant } from './invariants.ts';
import { BREAKS, isSignal, type Point, pointId } from './points.ts';
import { SCENARIOS } from './scenarios.ts';
import type { Trial } from './try-point.ts';

/** The width of the first column, in characters. */
const WIDTH = 104;

/** The number of points tried and held, by each dimension. */
export function renderCounts(trials: readonly Trial[]): string {
  const group = (name: string, fits: (point: Point) => boolean) => {
    const tried = trials.filter(({ point }) => fits(point));
    return { name, tried: tried.length, held: tried.filter(({ violations }) => violations.length === 0).length };
  };
  return [
    ...table(
      'By break',
      BREAKS.map(how => group(how, point => point.break === how)),
    ),
    ...table(
      'By tier',
      TIERS.map(tier => group(`tier ${tier}`, point => point.tier === tier)),
    ),
    ...table(
      'By scenario',
      SCENARIOS.map(({ name, story }) => group(`${name}: ${story}`, point => point.scenario === name)),
    ),
    ...table(
      'By event',
      EVENTS.map(([name, end]) => group(name, point => point.event.endsWith(end))),
    ),
    ...table(
      'By what must hold',
      (Object.keys(INVARIANTS) as Invariant[]).map(invariant => countOf(invariant, trials)),
    ),
    ...table('All', [group('points', () => true)]),
  ].join('\n');
}

/** What did not hold at a point, and how to reproduce it. */
export function renderViolations({ point, violations }: Trial): string {
  return [
    pointId(point),
    ...violations.map(({ invariant, what }) => `  ${invariant}: ${what}`),
    `  npm run prove -- --only '${pointId(point)}' --logs`,
  ].join('\n');
}

const EVENTS = [
  ['a request sent', '.arrived'],
  ['the head of an answer', '.head'],
  ['the end of its body', '.body'],
  ['a file written', '.written'],
] as const;

interface Count {
  readonly name: string;
  readonly tried: number;
  readonly held: number;
}

function countOf(invariant: Invariant, trials: readonly Trial[]): Count {
  const concerned = trials.filter(({ exempt }) => !exempt.includes(invariant));
  const held = concerned.filter(({ violations }) => violations.every(violation => violation.invariant !== invariant));
  return { name: `${invariant}: ${INVARIANTS[invariant]}`, tried: concerned.length, held: held.length };
}

function table(title: string, counts: readonly Count[]): readonly string[] {
  const line = (name: string, tried: unknown, held: unknown) =>
    `${name.padEnd(WIDTH)} ${String(tried).padStart(6)} ${String(held).padStart(6)}`;
  return [line(title, 'tried', 'held'), ...counts.map(({ name, tried, held }) => line(`  ${name}`, tried, held)), ''];
}

/** The longest time that a process took to end after a signal that it can catch, in milliseconds. */
export function slowestEnd(trials: readonly Trial[]): number {
  return Math.max(
    0,
    ...trials.filter(({ point }) => isSignal(point.break)).map(({ endedAfterMs = 0 }) => endedAfterMs),
  );
}
