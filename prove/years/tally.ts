import type { StoredSecret } from '../../emulator/vantage/index.ts';
import type { PlannedRun } from './calendar.ts';
import type { Ideal } from './ideal.ts';
import { DAY, holdersOf, PRUNE_AFTER, type Variant } from './scenario.ts';
import type { Watch } from './watch.ts';
import type { World } from './world.ts';

/** What a year came to, in numbers. */
export interface Tally {
  readonly created: number;
  readonly ideal: number;
  /** By `prune-after`. */
  readonly pruned: number;
  /** Other secrets that runs deleted: those of a delivery that failed. */
  readonly takenBack: number;
  /** Secrets that work when the year ends. */
  readonly live: number;
  /** Secrets that nobody has held for longer than `prune-after` and two weeks, and that work still. */
  readonly leftOver: number;
  /** Secrets that runs sent to GitHub, and those that the ideal sends. */
  readonly writes: number;
  readonly idealWrites: number;
  readonly dead: number;
  readonly red: number;
  readonly redExpected: number;
}

/** Two runs: the one after which the time is over, and that which has to delete. */
const SLACK = 14;

/** @param end in milliseconds since 1970, by the runner's clock. */
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
    // The first secret there ever was is the administrator's.
    created: vantage.minted.length - 1,
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

/** What did not hold in a year, in sentences. */
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
      ({ key, since, what, looks }) => `${key} ${what}: ${looks} looks, the first in ${since}`,
    ),
    ...(created > most ? [`${created} secrets were created, and ${most} are allowed: ${scenario.spare.why}`] : []),
    ...rotatedTooOften(scenario, watch, ideal),
    ...(tier === 1 && leftOver > 0 ? [`${leftOver} secrets that nobody holds any more still work`] : []),
    ...left.map(clientId => `the client ${clientId} is there still, and its pull request is closed`),
    ...wrongEnds(watch, ideal),
  ];
}

function rotatedTooOften(scenario: Variant['scenario'], watch: Watch, ideal: Ideal): string[] {
  const doomed = (key: string) => scenario.hopeless?.line === key;
  return [...watch.deliveries].flatMap(([key, times]) => {
    const most = ideal.deliveries.get(key) ?? 0;
    return times > most && !doomed(key) ? [`${key} got ${times} secrets, and ${most} were due`] : [];
  });
}

/** The first run of each kind that did not end as it should, and how many of them there were. */
function wrongEnds(watch: Watch, ideal: Ideal): string[] {
  const wrong = [...watch.ends].flatMap(([run, { isRed, said }]) => {
    const wanted = ideal.ends.get(run) ?? 'either';
    return wanted !== 'either' && (wanted === 'red') !== isRed ? [{ run, isRed, said }] : [];
  });
  return [true, false].flatMap(isRed => {
    const [first, ...more] = wrong.filter(one => one.isRed === isRed);
    return first
      ? [
          `${more.length + 1} runs ended ${isRed ? 'red' : 'green'} and should not, the first of ${titleOf(first.run)}: ${first.said}`,
        ]
      : [];
  });
}

export function titleOf({ workflow, week }: PlannedRun): string {
  return `${workflow.name} in week ${week}`;
}
