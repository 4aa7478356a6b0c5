import { createHash } from 'node:crypto';
import type { Mishap } from '../../emulator/http/faults.ts';
import { TIERS, type Tier } from '../tier.ts';
import { type Event, isRequest } from './events.ts';
import { SCENARIOS, type ScenarioName } from './scenarios.ts';

/** The signals that end a step: the first cannot be caught. */
export const SIGNALS = ['SIGKILL', 'SIGINT', 'SIGTERM'] as const;
export type Signal = (typeof SIGNALS)[number];

/** What the network does to a request. Both `stall` and `truncate` come after it was carried out: that is the worse case. */
export const MISHAPS = {
  'reset-before': { kind: 'reset', apply: false },
  'reset-after': { kind: 'reset', apply: true },
  truncate: { kind: 'truncate' },
  stall: { kind: 'stall', apply: true },
  '500-after': { kind: 'answer', status: 500, apply: true },
} as const satisfies Record<string, Mishap>;
export type MishapName = keyof typeof MISHAPS;

/**
 * `late`: no answer, and the request is carried out when the run is over and has looked for its effect in vain.
 * `outage`: a reset after the request was carried out, and from then on nobody answers the run any more.
 */
export type Break = Signal | MishapName | 'late' | 'outage';
export const BREAKS: readonly Break[] = [...SIGNALS, ...(Object.keys(MISHAPS) as MishapName[]), 'late', 'outage'];

/** One way for a run to go wrong. */
export interface Point {
  readonly tier: Tier;
  readonly scenario: ScenarioName;
  readonly event: Event;
  readonly break: Break;
}

/** What `--only` compares with: `tier1 due vantage.mintSecret#1.arrived SIGKILL`. */
export function pointId({ tier, scenario, event, break: how }: Point): string {
  return `tier${tier} ${scenario} ${event} ${how}`;
}

/** What points stand on: a tier and a scenario. All of them. */
export const GROUNDS = TIERS.flatMap(tier => SCENARIOS.map(({ name }) => ({ tier, scenario: name })));
export type Ground = (typeof GROUNDS)[number];

/** All points of a ground whose undisturbed run had these events: a signal at each, a mishap at each request. */
export function pointsOf(ground: Ground, events: readonly Event[]): readonly Point[] {
  return events.flatMap(event =>
    BREAKS.filter(how => isSignal(how) || isRequest(event)).map(how => ({ ...ground, event, break: how })),
  );
}

export function isSignal(how: Break): how is Signal {
  return (SIGNALS as readonly string[]).includes(how);
}

/** Whether it is a signal that a process may act on before it ends. */
export function isCatchable(how: Break): boolean {
  return isSignal(how) && how !== 'SIGKILL';
}

/**
 * A part of the points, the same for the same seed: each break in turn gives the one of its points that comes first by a
 * hash, so that few points still show every break.
 */
export function samplePoints(points: readonly Point[], size: number, seed: string): readonly Point[] {
  const rank = (point: Point) =>
    createHash('sha256')
      .update(`${seed} ${pointId(point)}`)
      .digest('hex');
  const ranked = points
    .map(point => ({ point, rank: rank(point) }))
    .sort((one, other) => (one.rank < other.rank ? -1 : 1));
  const decks = BREAKS.map(how => ranked.filter(({ point }) => point.break === how).map(({ point }) => point));
  const longest = Math.max(0, ...decks.map(({ length }) => length));
  const dealt = Array.from({ length: longest }, (_, turn) => decks.flatMap(deck => deck.slice(turn, turn + 1)));
  return dealt.flat().slice(0, size);
}
