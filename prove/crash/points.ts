import type { Mishap } from '../../emulator/http/faults.ts';
import { sampleOf } from '../sample.ts';
import { TIERS, type Tier } from '../tier.ts';
import { type Event, isRequest } from './events.ts';
import { SCENARIOS, type ScenarioName } from './scenarios.ts';

/** The signals that end a step. The first one cannot be caught. */
export const SIGNALS = ['SIGKILL', 'SIGINT', 'SIGTERM'] as const;
export type Signal = (typeof SIGNALS)[number];

/** The failures of the network. `stall` and `truncate` come after the request took effect, which is the worse case. */
export const MISHAPS = {
  'reset-before': { kind: 'reset', apply: false },
  'reset-after': { kind: 'reset', apply: true },
  truncate: { kind: 'truncate' },
  stall: { kind: 'stall', apply: true },
  '500-after': { kind: 'answer', status: 500, apply: true },
} as const satisfies Record<string, Mishap>;
export type MishapName = keyof typeof MISHAPS;

/**
 * `late`: no response, and the request takes effect after the run has ended and has looked for its effect.
 * `outage`: a reset after the request took effect, and no server responds to the run from then on.
 */
export type Break = Signal | MishapName | 'late' | 'outage';
export const BREAKS: readonly Break[] = [...SIGNALS, ...(Object.keys(MISHAPS) as MishapName[]), 'late', 'outage'];

/** One way in which a run can fail. */
export interface Point {
  readonly tier: Tier;
  readonly scenario: ScenarioName;
  readonly event: Event;
  readonly break: Break;
}

/** The text that `--only` searches in: `tier1 due vantage.createSecret#1.arrived SIGKILL`. */
export function pointId({ tier, scenario, event, break: how }: Point): string {
  return `tier${tier} ${scenario} ${event} ${how}`;
}

/** All combinations of a tier and a scenario. */
export const GROUNDS = TIERS.flatMap(tier => SCENARIOS.map(({ name }) => ({ tier, scenario: name })));
export type Ground = (typeof GROUNDS)[number];

/** All points for the events of an undisturbed run: a signal at each event, a network failure at each request. */
export function pointsOf(ground: Ground, events: readonly Event[]): readonly Point[] {
  return events.flatMap(event =>
    BREAKS.filter(how => isSignal(how) || isRequest(event)).map(how => ({ ...ground, event, break: how })),
  );
}

export function isSignal(how: Break): how is Signal {
  return (SIGNALS as readonly string[]).includes(how);
}

/** Whether it is a signal that a process can handle before it ends. */
export function isCatchable(how: Break): boolean {
  return isSignal(how) && how !== 'SIGKILL';
}

/** A sample of the points with every break, the same for the same seed. */
export function samplePoints(points: readonly Point[], size: number, seed: string): readonly Point[] {
  const groups = BREAKS.map(how => points.filter(point => point.break === how));
  return sampleOf(groups, size, seed, pointId);
}
