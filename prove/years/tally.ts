import type { StoredSecret } from '../../emulator/vantage/index.ts';
import type { PlannedRun } from './calendar.ts';
import type { Ideal } from './ideal.ts';
import { DAY, holdersOf, PRUNE_AFTER, type Variant } from './scenario.ts';
import type { Watch } from './watch.ts';
import type { World } from './world.ts';

/** The result of a year in numbers. */
export interface Tally {
  readonly created: number;
  readonly ideal: number;
  /** The secrets that `prune-after` deleted. */
  readonly pruned: number;
  /** Other secrets that runs deleted: those of a failed delivery. */
  readonly takenBack: number;
  /** Secrets that work at the end of the year. */
  readonly live: number;
  /** Secrets that still work, although nobody has held them for longer than `prune-after` and two weeks. */
  readonly leftOver: number;
  /** The number of secrets that runs sent to GitHub, and that of the ideal. */
  readonly writes: number;
  readonly idealWrites: number;
  readonly dead: number;
  readonly red: number;
  readonly redExpected: number;
}

/** Two runs: the one after which the time is over, and the one that must delete the secret. */
const SLACK = 14;

/** @param end in milliseconds since 1970, from the runner's clock. */
export function tallyOf(variant: Variant, world: World, watch: Watch, ideal: Ideal, end: number): Tally {
  const { vantage, github } = world;
  const ahead = variant.clocks.vantage;
  const working = vantage
    .clients()
    .flatMap(({ secrets }) => secrets)
    .filter(
      ({ startTime, expiration }) => Date.parse(startTime) <= end + ahead && end + ahead < Date.parse(expiration),
    );
  const unusedSince = ({ value, createdAt }: StoredSecret) => watch.heldAt.get(value) ?? Date.parse(createdAt) - ahead;
  const deleted = vantage.requests.filter(({ route, applied }) => route === 'deleteSecret' && applied).length;
  return {
    // The administrator's secret existed first.
    created: vantage.createdSecrets.length - 1,
    ideal: ideal.secrets,
    pruned: watch.pruned,
    takenBack: deleted - watch.pruned,
    live: working.length,
    leftOver: working.filter(secret => unusedSince(secret) < end - (PRUNE_AFTER + SLACK) * DAY).length,
    writes: github.requests.filter(({ route }) => route === 'writeSecret').length,
    idealWrites: idealWrites(variant, ideal),
    dead: watch.deaths.size,
    red: [...watch.ends.values()].filter(({ isRed }) => isRed).length,
    redExpected: [...ideal.ends.values()].filter(how => how === 'red').length,
  };
}

function idealWrites({ scenario }: Variant, { deliveries }: Ideal): number {
  const targets = new Set(
    scenario.workflows.flatMap(workflow => holdersOf(workflow).flatMap(({ key, isVault }) => (isVault ? [] : [key]))),
  );
  return [...deliveries].reduce((sum, [key, times]) => sum + (targets.has(key) ? times : 0), 0);
}

/** What did not hold in a year, as sentences. */
export function violationsOf(
  { scenario, tier }: Variant,
  world: World,
  watch: Watch,
  ideal: Ideal,
  { created, leftOver }: Tally,
): readonly string[] {
  const most = ideal.secrets + scenario.spare.secrets;
  const left = tier === 0 ? [] : (scenario.gone ?? []).filter(clientId => world.vantage.client(clientId));
  return [
    ...[...watch.deaths.values()].map(
      ({ key, since, what, looks }) => `${key} ${what}: ${looks} checks, the first in ${since}`,
    ),
    ...(created > most
      ? [`${created} secrets were created, but at most ${most} are allowed: ${scenario.spare.why}`]
      : []),
    ...rotatedTooOften(scenario, watch, ideal),
    ...(tier === 1 && leftOver > 0 ? [`${leftOver} secrets that nobody holds still work`] : []),
    ...left.map(clientId => `the client ${clientId} still exists, but its pull request is closed`),
    ...wrongEnds(watch, ideal),
  ];
}

function rotatedTooOften(scenario: Variant['scenario'], watch: Watch, ideal: Ideal): string[] {
  const isHopeless = (key: string) => scenario.hopeless?.line === key;
  return [...watch.deliveries].flatMap(([key, times]) => {
    const most = ideal.deliveries.get(key) ?? 0;
    return times > most && !isHopeless(key) ? [`${key} got ${times} secrets, but only ${most} were due`] : [];
  });
}

/** The first run of each kind that did not end as expected, and the number of such runs. */
function wrongEnds(watch: Watch, ideal: Ideal): string[] {
  const wrong = [...watch.ends].flatMap(([run, { isRed, said }]) => {
    const wanted = ideal.ends.get(run) ?? 'either';
    return wanted !== 'either' && (wanted === 'red') !== isRed ? [{ run, isRed, said }] : [];
  });
  return [true, false].flatMap(isRed => {
    const [first, ...more] = wrong.filter(one => one.isRed === isRed);
    return first
      ? [
          `${more.length + 1} runs ${isRed ? 'failed' : 'succeeded'} and should not have, the first of ${titleOf(first.run)}: ${first.said}`,
        ]
      : [];
  });
}

export function titleOf({ workflow, week }: PlannedRun): string {
  return `${workflow.name} in week ${week}`;
}
