import fc from 'fast-check';
import { defaultEnd, resolveLife } from '../../src/model/secret.ts';
import { type Duration, earlier } from '../../src/model/time.ts';
import type { Due } from '../../src/plan/due.ts';
import { dueTime } from '../../src/plan/due-dates.ts';
import { planEnsure } from '../../src/plan/plan.ts';
import { aHistory, aTime, type History } from './history.ts';
import { after, observe, prefixOf } from './observation.ts';
import { mustHold, type Property } from './property.ts';
import { aReading, type Reading, readAs } from './reading.ts';
import {
  anyGiven,
  aRequest,
  type Given,
  outputOf,
  planObservation,
  type RotationRequest,
  wantedFrom,
} from './request-gen.ts';
import { DAY, HOUR } from './time.ts';

/** What a run can know about the secret in use. */
interface Case {
  readonly history: History;
  readonly request: RotationRequest;
  readonly given: Given;
  /** How Vantage lists secrets. */
  readonly reading: Reading;
  /** How long `current-secret` is accepted after the plan, in milliseconds, unless it is known to expire earlier. */
  readonly acceptedFor: number;
}

const aCase: fc.Arbitrary<Case> = fc.record(
  {
    history: aHistory({ atLeast: 0 }),
    request: aRequest,
    given: anyGiven,
    reading: aReading,
    acceptedFor: fc.constantFrom(-1, 60 * DAY, 1000 * DAY, 1000 * DAY, 1000 * DAY),
  },
  { noNullPrototype: true },
);

/** Returns a function that makes the decision in one world, `wait` milliseconds after the plan. */
function decider({ history, request, given, reading, acceptedFor }: Case): (wait: number) => Due | undefined {
  // Secrets with the same prefix are mistaken for each other until the first of them expires. Here, no two have the same.
  const observation = observe(history, { sharePrefixes: false });
  const wanted = wantedFrom({ ...request, rotate: 'when-due' }, given, {
    sharePrefixes: false,
    ...outputOf(observation),
  });
  const prefix = prefixOf(given.currentSecret ?? -1, false);
  const listed = readAs(reading, observation.listed);
  const current = (listed.kind === 'found' ? listed.found : []).find(({ valueDisplay }) => valueDisplay === prefix);
  const end = current?.expiration === undefined ? Number.POSITIVE_INFINITY : Date.parse(current.expiration);
  const acceptedTo = Math.min(observation.now.vantage.getTime() + acceptedFor, end);
  return wait => {
    const now = after(wait, observation.now);
    const isAccepted = given.currentSecret === undefined ? undefined : now.vantage.getTime() < acceptedTo;
    return planEnsure(wanted, planObservation(observation, { isAccepted, reading }), now).rotation?.due;
  };
}

const aWait = fc.nat(300 * 24).map(hours => hours * HOUR);
const aRotateBefore = fc.record({ months: fc.nat(24), days: fc.nat(400), hours: fc.integer({ min: 1, max: 23 }) });

/** When a secret is due. */
export const DUE_PROPERTIES: readonly Property[] = [
  {
    name: 'due: a secret that is due stays due as long as nothing changes',
    property: relevant =>
      fc.property(aCase, aWait, aWait, (one, wait, more) => {
        const decide = decider(one);
        const dues = [0, wait, wait + more].map(time => decide(time)?.due);
        if (dues.includes(true) && dues.includes(false)) {
          relevant();
        }
        mustHold(
          dues.every((due, index) => due || !dues[index - 1]),
          () => `at these three times it is due: ${dues}`,
        );
      }),
  },
  {
    name: 'due: a secret that is not due becomes due at exactly the time that the plan names',
    property: relevant =>
      fc.property(aCase, one => {
        const decide = decider({ ...one, acceptedFor: Number.POSITIVE_INFINITY });
        const now = one.history.now + one.history.clockError + one.history.clocks.vantage;
        const decided = decide(0);
        if (!decided || decided.due || !decided.dueAt) {
          return;
        }
        relevant();
        const wait = decided.dueAt.getTime() - now;
        const before = decide(wait - 1);
        mustHold(wait > 0, () => `it is reported to be due since ${decided.dueAt?.toISOString()}`);
        mustHold(before?.due === false, () => 'it is due earlier');
        mustHold(decide(wait)?.due === true, () => `it is not due at ${decided.dueAt?.toISOString()}`);
      }),
  },
  {
    name: 'due: a secret is due between start and expiration, and rotate-before its expiration if its life is longer',
    property: relevant =>
      fc.property(aTime, fc.integer({ min: 2, max: 3 * 366 * DAY }), aRotateBefore, (from, life, rotateBefore) => {
        const [start, end] = [new Date(from), new Date(from + life)];
        const due = dueTime(start, end, rotateBefore);
        const requested = earlier(end, rotateBefore);
        if (requested > start) {
          relevant();
        }
        mustHold(due > start && due < end, () => `it is due at ${due.toISOString()}`);
        mustHold(
          requested <= start || due.getTime() === requested.getTime(),
          () => `it is due at ${due.toISOString()}`,
        );
      }),
  },
  {
    name: 'due: in the worlds of these properties, the requested life is longer than rotate-before',
    property: relevant =>
      fc.property(aRequest, aTime, (request, time) => {
        const now = new Date(time);
        const { startTime = now, expiration = defaultEnd(now) } = resolveLife(wantedLife(request), now);
        relevant();
        mustHold(earlier(expiration, request.rotateBefore) > startTime, () => 'the requested life is too short');
      }),
  },
];

function wantedLife({
  life,
  startsAfter,
}: {
  readonly life?: Duration | undefined;
  readonly startsAfter?: Duration | undefined;
}) {
  return {
    ...(life ? { expiration: { after: life } } : {}),
    ...(startsAfter ? { startTime: { after: startsAfter } } : {}),
  };
}
