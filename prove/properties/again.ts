import fc from 'fast-check';
import type { ClientSettings } from '../../src/model/client.ts';
import type { Unreadable } from '../../src/model/vantage.ts';
import { CLOCK_SKEW, likelyHeldSecrets, possiblyHeldSecrets } from '../../src/plan/marked-secrets.ts';
import { type Observation, planEnsure, type Wanted } from '../../src/plan/plan.ts';
import { applied, type Planned } from './applied.ts';
import { someSettings } from './drift.ts';
import { aHistory, type History } from './history.ts';
import { type ObservedHistory, observe, prefixOf, works } from './observation.ts';
import { mustHold, type Property } from './property.ts';
import { aReading, aReason, type Reading, readAs } from './reading.ts';
import {
  anyGiven,
  aRequest,
  createsSecret,
  type Given,
  idsOf,
  planObservation,
  type RotationRequest,
  wantedFrom,
} from './request-gen.ts';
import { DAY, MINUTE } from './time.ts';
import { CLIENT_ID } from './variable-states.ts';

/** The maximum duration of a run of the step, in milliseconds. */
const TIMEOUT = 5 * MINUTE;

/** A workflow with at least one target, and its starting point. */
interface StartingPoint {
  readonly history: History;
  readonly request: RotationRequest;
  readonly given: Given;
  /** Whether the token endpoint accepts `current-secret`. */
  readonly isAccepted: boolean;
  readonly declared: ClientSettings;
  readonly ifExists: 'adopt' | 'update';
  /** `empty`: the client does not exist. `write-only`: Vantage accepts writes, but nothing can be read. */
  readonly vantage: 'readable' | 'empty' | 'write-only';
  /** How Vantage lists secrets, unless it is write-only. */
  readonly reading: Reading;
  /** Why Vantage reports nothing about a client, if it does not. */
  readonly reason: Unreadable;
  /** The settings of the client. */
  readonly settings: ClientSettings;
  /** The maximum life of a new secret in Vantage, in milliseconds. */
  readonly granted: number;
}

const aStartingPoint: fc.Arbitrary<StartingPoint> = fc.record(
  {
    history: fc
      .oneof(aHistory({ atLeast: 0 }), aHistory({ atLeast: 3 }))
      .map(history => ({ ...history, targets: Math.max(history.targets, 1) })),
    request: aRequest,
    given: anyGiven,
    isAccepted: fc.constantFrom(true, true, false),
    declared: someSettings,
    ifExists: fc.constantFrom('adopt', 'update'),
    vantage: fc.constantFrom('readable', 'readable', 'readable', 'readable', 'empty', 'write-only'),
    reading: aReading,
    reason: aReason,
    settings: someSettings,
    granted: fc.integer({ min: DAY, max: 3 * 366 * DAY }),
  },
  { noNullPrototype: true },
);

/** Plans three times. The second and third plan start from the result of the plan before, with `rotate: when-due`. */
function planThrice(start: StartingPoint, observation: ObservedHistory): readonly [Planned, Planned, Planned] {
  const { history, vantage, granted } = start;
  const isWriteOnly = vantage === 'write-only';
  const reading = isWriteOnly ? start.reason : start.reading;
  const plan = (wanted: Wanted, observed: Observation): Planned => {
    return { wanted, observed, plan: planEnsure(wanted, observed, observation.now) };
  };
  const again = (before: Planned): Planned => {
    const writtenAt = history.now + history.clocks.github + history.dateSkew;
    const { wanted, observed } = applied(before, { now: observation.now, writtenAt, granted, isWriteOnly, reading });
    return plan({ ...wanted, secret: { ...wanted.secret, rotate: 'when-due' } }, observed);
  };
  const first = plan(firstRequest(start), firstObservation(start, observation));
  const second = again(first);
  return [first, second, again(second)];
}

function firstRequest({ history, request, given, declared, ifExists }: StartingPoint): Wanted {
  const client = { clientId: CLIENT_ID, declared, initial: { clientName: CLIENT_ID, ...declared }, ifExists };
  return { ...wantedFrom(request, given, { client, outputSecret: history.targets === 0 }), run: { timeout: TIMEOUT } };
}

function firstObservation(start: StartingPoint, observation: ObservedHistory): Observation {
  const { given, vantage, reading, reason, settings } = start;
  const isAccepted = given.currentSecret === undefined ? undefined : start.isAccepted;
  const seen = planObservation(observation, { isAccepted, reading });
  return vantage === 'readable'
    ? { ...seen, client: { kind: 'found', found: { clientId: CLIENT_ID, ...settings } } }
    : { ...seen, client: reason, secrets: reason };
}

/**
 * The secrets that must be kept until another one is created, however long ago they were superseded: those that a target
 * can hold, or that another run may still write to a missing target, and the one that the workflow passes to the step.
 */
function initiallyInUse(start: StartingPoint, { named, targets, listed }: ObservedHistory): ReadonlySet<string> {
  const { history, given, reading, isAccepted } = start;
  const list = readAs(reading, listed);
  const described = list.kind === 'found' ? list.found.filter(({ description }) => description !== undefined) : [];
  // If the list leaves out one of two secrets that a target can hold, the target seems to hold the other.
  const held = targets.flatMap(({ updatedAt }, index) => {
    const seen = (named[index] ?? []).filter(({ id }) => described.some(secret => secret.id === id));
    const isKnown = updatedAt !== undefined && likelyHeldSecrets(updatedAt, seen).length > 0;
    return isKnown ? possiblyHeldSecrets(updatedAt, seen) : seen;
  });
  const isOwnSignIn = given.signIn.toLowerCase() === CLIENT_ID;
  const places = [given.currentSecret, isOwnSignIn ? given.signInSecret : undefined];
  const passedIn = places.flatMap(scope => {
    const prefix = scope === undefined ? undefined : prefixOf(scope, true);
    const alike = listed.filter(({ valueDisplay }) => !history.showsPrefixes || valueDisplay === prefix);
    // If no secret starts like it, it can be any of them.
    return prefix === undefined ? [] : alike.length > 0 ? alike : listed;
  });
  // If `current-secret` is refused, it is not known which secret is in use instead.
  const any = targets.length === 0 && given.currentSecret !== undefined && !isAccepted ? listed : [];
  return new Set([...held, ...passedIn, ...any].map(({ id }) => id));
}

/** Plans when nothing has changed since the previous plan took effect. */
export const AGAIN_PROPERTIES: readonly Property[] = [
  {
    name: 'again: after a plan took effect, nothing is left to do but to prune what its new secret took out of use',
    property: relevant =>
      fc.property(aStartingPoint, start => {
        const observation = observe(start.history);
        const [first, second, third] = planThrice(start, observation);
        if (idsOf(first.plan).length > 0 || first.plan.variables.length > 0) {
          relevant();
        }
        if (isDueToSimultaneousRun(start, observation, [second, third])) {
          return;
        }
        expectClientAndSecretKept(start, [second, third]);
        expectVariablesKept([second, third]);
        expectOnlyUnusedPruned(start, observation, [first, second, third]);
      }),
  },
];

/**
 * Whether a secret is due only because another one was created within minutes of the write and expires soon. The target can
 * hold either of the two, so the first of them to be due counts.
 */
function isDueToSimultaneousRun(
  { history }: StartingPoint,
  { named }: ObservedHistory,
  planned: readonly Planned[],
): boolean {
  const earliest = history.now + history.clocks.github + history.dateSkew - TIMEOUT - CLOCK_SKEW;
  const hasOther = named.flat().some(({ mark }) => mark.createdAt.getTime() >= earliest);
  return (
    hasOther &&
    planned.some(({ plan: { rotation } }) => rotation?.due.due === true && rotation.due.reason === 'expires-soon')
  );
}

function expectClientAndSecretKept({ vantage }: StartingPoint, planned: readonly Planned[]): void {
  // Each run tries to create a client that cannot be read, and learns that it exists.
  const step = vantage === 'write-only' ? 'create' : 'keep';
  for (const { plan } of planned) {
    mustHold(plan.client.step === step, () => `then the plan is to ${plan.client.step} the client`);
    mustHold(!createsSecret(plan), () => `then a secret is due: ${JSON.stringify(plan.rotation)}`);
  }
}

function expectVariablesKept(planned: readonly Planned[]): void {
  for (const { plan } of planned) {
    mustHold(plan.variables.length === 0, () => `then the plan writes ${JSON.stringify(plan.variables)}`);
  }
}

/** The second plan deletes only what was in use before the first one created a secret. The third plan deletes nothing. */
function expectOnlyUnusedPruned(
  start: StartingPoint,
  observation: ObservedHistory,
  [first, second, third]: readonly [Planned, Planned, Planned],
): void {
  const [gone, more, most] = [idsOf(first.plan), idsOf(second.plan), idsOf(third.plan)];
  const inUse = initiallyInUse(start, observation);
  const working = observation.listed.filter(secret => works(secret, observation.now) && !gone.includes(secret.id));
  const lastOnes = working.every(({ id }) => more.includes(id)) ? working.map(({ id }) => id) : [];
  const what = () => `first it prunes ${gone}, then ${more}, then ${most}, and ${[...inUse, ...lastOnes]} were in use`;
  mustHold(createsSecret(first.plan) || more.length === 0, what);
  mustHold(
    more.every(id => inUse.has(id) || lastOnes.includes(id)),
    what,
  );
  mustHold(most.length === 0, what);
}
