import fc from 'fast-check';
import type { ClientSettings } from '../../src/model/client.ts';
import type { Unreadable } from '../../src/model/vantage.ts';
import { CLOCK_SKEW, likelyHeldSecrets, possiblyHeldSecrets } from '../../src/plan/marked-secrets.ts';
import { type Observation, planEnsure, type Wanted } from '../../src/plan/plan.ts';
import { applied, type Planned } from './applied.ts';
import { CLIENT_ID } from './beside.ts';
import { someSettings } from './drift.ts';
import { aPast, type Past } from './past.ts';
import { mustHold, type Property } from './property.ts';
import { aReading, aReason, type Reading, readAs } from './reading.ts';
import { beginningOf, look, type Sight, works } from './sight.ts';
import { DAY, MINUTE } from './time.ts';
import { anyGiven, aWish, type Given, idsOf, isMint, observationOf, type Wish, wantedFrom } from './wish.ts';

/** How long a run of the step takes at most, in milliseconds. */
const TIMEOUT = 5 * MINUTE;

/** A workflow with at least one target, and where it begins. */
interface Beginning {
  readonly past: Past;
  readonly wish: Wish;
  readonly given: Given;
  /** Whether the token endpoint takes `current-secret`. */
  readonly isAccepted: boolean;
  readonly declared: ClientSettings;
  readonly ifExists: 'adopt' | 'update';
  /** `empty`: the client is still to be made. `mute`: Vantage takes writes, and lets nothing be read. */
  readonly vantage: 'readable' | 'empty' | 'mute';
  /** How Vantage lists secrets, if it is not mute. */
  readonly reading: Reading;
  /** Why Vantage tells nothing of a client, where it does not. */
  readonly reason: Unreadable;
  /** The settings that the client holds. */
  readonly settings: ClientSettings;
  /** The most milliseconds that Vantage lets a new secret live. */
  readonly granted: number;
}

const aBeginning: fc.Arbitrary<Beginning> = fc.record(
  {
    past: fc
      .oneof(aPast({ atLeast: 0 }), aPast({ atLeast: 3 }))
      .map(past => ({ ...past, targets: Math.max(past.targets, 1) })),
    wish: aWish,
    given: anyGiven,
    isAccepted: fc.constantFrom(true, true, false),
    declared: someSettings,
    ifExists: fc.constantFrom('adopt', 'update'),
    vantage: fc.constantFrom('readable', 'readable', 'readable', 'readable', 'empty', 'mute'),
    reading: aReading,
    reason: aReason,
    settings: someSettings,
    granted: fc.integer({ min: DAY, max: 3 * 366 * DAY }),
  },
  { noNullPrototype: true },
);

/** Plans once, and again and again from where the plan before has led, each time with `rotate: when-due`. */
function planThrice(beginning: Beginning, sight: Sight): readonly [Planned, Planned, Planned] {
  const { past, vantage, granted } = beginning;
  const isMute = vantage === 'mute';
  const reading = isMute ? beginning.reason : beginning.reading;
  const plan = (wanted: Wanted, observed: Observation): Planned => {
    return { wanted, observed, plan: planEnsure(wanted, observed, sight.now) };
  };
  const again = (before: Planned): Planned => {
    const writtenAt = past.now + past.clocks.github + past.dating;
    const { wanted, observed } = applied(before, { now: sight.now, writtenAt, granted, isMute, reading });
    return plan({ ...wanted, secret: { ...wanted.secret, rotate: 'when-due' } }, observed);
  };
  const first = plan(wantedAtFirst(beginning), observedAtFirst(beginning, sight));
  const second = again(first);
  return [first, second, again(second)];
}

function wantedAtFirst({ past, wish, given, declared, ifExists }: Beginning): Wanted {
  const client = { clientId: CLIENT_ID, declared, initial: { clientName: CLIENT_ID, ...declared }, ifExists };
  return { ...wantedFrom(wish, given, { client, outputSecret: past.targets === 0 }), run: { timeout: TIMEOUT } };
}

function observedAtFirst(beginning: Beginning, sight: Sight): Observation {
  const { given, vantage, reading, reason, settings } = beginning;
  const isAccepted = given.currentSecret === undefined ? undefined : beginning.isAccepted;
  const seen = observationOf(sight, { isAccepted, reading });
  return vantage === 'readable'
    ? { ...seen, client: { kind: 'found', found: { clientId: CLIENT_ID, ...settings } } }
    : { ...seen, client: reason, secrets: reason };
}

/**
 * The secrets that have to stay until another one was minted, however long ago they were superseded: those that a
 * target may hold, or might be written by whoever writes one that is missing, and the one that was handed back.
 */
function inUseAtFirst(beginning: Beginning, { named, targets, listed }: Sight): ReadonlySet<string> {
  const { past, given, reading, isAccepted } = beginning;
  const list = readAs(reading, listed);
  const told = list.kind === 'found' ? list.found.filter(({ description }) => description !== undefined) : [];
  // Of two that may be held, the older one seems to be where the list does not tell of the other.
  const held = targets.flatMap(({ updatedAt }, index) => {
    const seen = (named[index] ?? []).filter(({ id }) => told.some(secret => secret.id === id));
    const isKnown = updatedAt !== undefined && likelyHeldSecrets(updatedAt, seen).length > 0;
    return isKnown ? possiblyHeldSecrets(updatedAt, seen) : seen;
  });
  const isOwnSignIn = given.signIn.toLowerCase() === CLIENT_ID;
  const places = [given.currentSecret, isOwnSignIn ? given.signInSecret : undefined];
  const handedBack = places.flatMap(scope => {
    const beginning = scope === undefined ? undefined : beginningOf(scope, true);
    const alike = listed.filter(({ valueDisplay }) => !past.showsBeginnings || valueDisplay === beginning);
    // Where none begins like it, it may be any.
    return beginning === undefined ? [] : alike.length > 0 ? alike : listed;
  });
  // Where what an output became is refused, nothing tells what is in use in its place.
  const any = targets.length === 0 && given.currentSecret !== undefined && !isAccepted ? listed : [];
  return new Set([...held, ...handedBack, ...any].map(({ id }) => id));
}

/** When nothing has happened since a plan was carried out. */
export const AGAIN_PROPERTIES: readonly Property[] = [
  {
    name: 'again: where a plan has led nothing is to do, variables included, but to prune what its mint took out of use',
    property: telling =>
      fc.property(aBeginning, beginning => {
        const sight = look(beginning.past);
        const [first, second, third] = planThrice(beginning, sight);
        if (idsOf(first.plan).length > 0 || first.plan.variables.length > 0) {
          telling();
        }
        if (isForARival(beginning, sight, [second, third])) {
          return;
        }
        expectClientAndSecretStay(beginning, [second, third]);
        expectVariablesStay([second, third]);
        expectPrunedWithGoodReason(beginning, sight, [first, second, third]);
      }),
  },
];

/**
 * Whether a secret is due only as one that was created within minutes of the write, beside the new one, ends soon: the
 * target may hold either, so the first of them to be due counts.
 */
function isForARival({ past }: Beginning, { named }: Sight, planned: readonly Planned[]): boolean {
  const earliest = past.now + past.clocks.github + past.dating - TIMEOUT - CLOCK_SKEW;
  const hasRival = named.flat().some(({ mark }) => mark.createdAt.getTime() >= earliest);
  return (
    hasRival &&
    planned.some(({ plan: { rotation } }) => rotation?.due.due === true && rotation.due.reason === 'expires-soon')
  );
}

function expectClientAndSecretStay({ vantage }: Beginning, planned: readonly Planned[]): void {
  // A client that cannot be read is created each time, and is told to exist.
  const step = vantage === 'mute' ? 'create' : 'keep';
  for (const { plan } of planned) {
    mustHold(plan.client.step === step, () => `then it is to ${plan.client.step} the client`);
    mustHold(!isMint(plan), () => `then a secret is due: ${JSON.stringify(plan.rotation)}`);
  }
}

function expectVariablesStay(planned: readonly Planned[]): void {
  for (const { plan } of planned) {
    mustHold(plan.variables.length === 0, () => `then it is to write ${JSON.stringify(plan.variables)}`);
  }
}

/** What stayed for the sake of the old secret may go once there is a new one; nothing else, and nothing after that. */
function expectPrunedWithGoodReason(
  beginning: Beginning,
  sight: Sight,
  [first, second, third]: readonly [Planned, Planned, Planned],
): void {
  const [gone, more, most] = [idsOf(first.plan), idsOf(second.plan), idsOf(third.plan)];
  const inUse = inUseAtFirst(beginning, sight);
  const working = sight.listed.filter(secret => works(secret, sight.now) && !gone.includes(secret.id));
  const lastOnes = working.every(({ id }) => more.includes(id)) ? working.map(({ id }) => id) : [];
  const what = () => `first it prunes ${gone}, then ${more}, then ${most}, and ${[...inUse, ...lastOnes]} were in use`;
  mustHold(isMint(first.plan) || more.length === 0, what);
  mustHold(
    more.every(id => inUse.has(id) || lastOnes.includes(id)),
    what,
  );
  mustHold(most.length === 0, what);
}
