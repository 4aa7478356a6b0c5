import fc from 'fast-check';
import { maybeHeldSince } from '../../src/plan/own-secrets.ts';
import { type Observation, planEnsure, type Wanted } from '../../src/plan/plan.ts';
import type { ClientSettings } from '../../src/request/client.ts';
import { applied, type Planned } from './applied.ts';
import { someSettings } from './drift.ts';
import { aPast, DAY, type Past } from './past.ts';
import { mustHold, type Property } from './property.ts';
import { beginningOf, clocksOf, look, type Sight, works } from './sight.ts';
import { anyGiven, aWish, type Given, idsOf, isMint, observationOf, type Wish, wantedFrom } from './wish.ts';

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
    settings: someSettings,
    granted: fc.integer({ min: DAY, max: 3 * 366 * DAY }),
  },
  { noNullPrototype: true },
);

const UNREADABLE = { kind: 'unreadable', why: 'GET … answered 404', code: 'unsupported' } as const;

/** Plans once, and again and again from where the plan before has led, each time with `rotate: when-due`. */
function planThrice(beginning: Beginning, sight: Sight): readonly [Planned, Planned, Planned] {
  const { past, vantage, granted } = beginning;
  const plan = (wanted: Wanted, observed: Observation): Planned => {
    return { wanted, observed, plan: planEnsure(wanted, observed, clocksOf(sight.now)) };
  };
  const again = (before: Planned): Planned => {
    const writtenAt = past.now + past.githubClock;
    const { wanted, observed } = applied(before, { now: sight.now, writtenAt, granted, isMute: vantage === 'mute' });
    return plan({ ...wanted, secret: { ...wanted.secret, rotate: 'when-due' } }, observed);
  };
  const first = plan(wantedAtFirst(beginning), observedAtFirst(beginning, sight));
  const second = again(first);
  return [first, second, again(second)];
}

function wantedAtFirst({ wish, given, declared, ifExists }: Beginning): Wanted {
  const client = { clientId: 'invoices', declared, initial: { clientName: 'invoices', ...declared }, ifExists };
  return wantedFrom(wish, given, { client });
}

function observedAtFirst({ given, isAccepted, vantage, settings }: Beginning, sight: Sight): Observation {
  const seen = observationOf(sight, given.currentSecret === undefined ? undefined : isAccepted);
  return vantage === 'readable'
    ? { ...seen, client: { kind: 'found', found: { clientId: 'invoices', ...settings } } }
    : { ...seen, client: UNREADABLE, secrets: UNREADABLE };
}

/**
 * The own secrets that have to stay until another one was minted, however long ago they were superseded: those that a
 * target may hold, or might be written by whoever writes one that is missing, and the one that was handed back.
 */
function inUseAtFirst({ past, given }: Beginning, { own, targets, listed }: Sight): ReadonlySet<string> {
  const held = targets.flatMap(({ updatedAt }) => (updatedAt ? maybeHeldSince(updatedAt, own) : own));
  const beginning = given.currentSecret === undefined ? undefined : beginningOf(given.currentSecret, true);
  const handedBack = listed.filter(
    ({ valueDisplay }) => beginning && (!past.showsBeginnings || valueDisplay === beginning),
  );
  return new Set([...held, ...handedBack].map(({ id }) => id));
}

/** When nothing has happened since a plan was carried out. */
export const AGAIN_PROPERTIES: readonly Property[] = [
  {
    name: 'again: where a plan has led there is nothing to do, but to prune what its mint took out of use',
    property: telling =>
      fc.property(aBeginning, beginning => {
        const sight = look(beginning.past);
        const [first, second, third] = planThrice(beginning, sight);
        if (idsOf(first.plan).length > 0) {
          telling();
        }
        expectClientAndSecretStay(beginning, [second, third]);
        expectPrunedWithGoodReason(beginning, sight, [first, second, third]);
      }),
  },
];

function expectClientAndSecretStay({ vantage }: Beginning, planned: readonly Planned[]): void {
  // A client that cannot be read is created each time, and is told to exist.
  const step = vantage === 'mute' ? 'create' : 'keep';
  for (const { plan } of planned) {
    mustHold(plan.client.step === step, () => `then it is to ${plan.client.step} the client`);
    mustHold(!isMint(plan), () => `then a secret is due: ${JSON.stringify(plan.mint)}`);
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
