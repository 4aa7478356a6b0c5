import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { PreparedTarget } from '../../src/github/preflight.ts';
import { type Due, decideDue, dueAt } from '../../src/plan/due.ts';
import { markNonce, ownershipMark, targetDigest } from '../../src/plan/mark.ts';
import { ownSecrets } from '../../src/plan/own-secrets.ts';
import { type Observation, planEnsure, type Wanted } from '../../src/plan/plan.ts';
import { resolveLife, type SecretRequest } from '../../src/request/secret.ts';
import { parseTarget, type Target, targetKey } from '../../src/request/targets.ts';
import { type Duration, earlier, later } from '../../src/request/time.ts';
import { Secret } from '../../src/secret.ts';
import type { ListedSecret } from '../../src/vantage/schema.ts';

const RUNS = Number(process.env.PROVE_RUNS ?? 2000);
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const REPOSITORY = 'octo-org/octo-repo';
const TARGETS = ['repository', 'environment production', 'dependabot repository']
  .map(line => parseTarget(line, REPOSITORY, 'VANTAGE_CLIENT_SECRET'))
  .filter((target): target is Target => typeof target !== 'string');
const [REPOSITORY_TARGET, ENVIRONMENT_TARGET] = TARGETS as [Target, Target];
const REPOSITORY_LINE = 'actions repository octo-org/octo-repo as VANTAGE_CLIENT_SECRET';
const UNREADABLE = { kind: 'unreadable', why: 'GET … answered 404', code: 'unsupported' } as const;

/** A target as the preflight found it: never written, or last written then. */
function prepared(target: Target, updatedAt?: string | Date): PreparedTarget {
  return { target, site: { place: target.place }, ...(updatedAt ? { updatedAt: new Date(updatedAt) } : {}) };
}

function asked(secret: Partial<SecretRequest> = {}): SecretRequest {
  return { rotate: 'when-due', rotateBefore: { days: 30 }, verify: true, revokeAtJobEnd: false, ...secret };
}

interface Minted {
  readonly targets?: readonly Target[];
  readonly start?: string | undefined;
  readonly end?: string | undefined;
  readonly display?: string;
}

/** A secret of the action's own, as Vantage lists it. */
function minted(at: string, { targets = [REPOSITORY_TARGET], start, end, display = 'abc' }: Minted = {}): ListedSecret {
  const digest = targetDigest(targets.map(targetKey));
  const run = { repository: REPOSITORY, runId: '1', runAttempt: '1' };
  return {
    id: `minted ${at}`,
    description: ownershipMark(run, digest, markNonce(new Date(at), '00000000')),
    valueDisplay: display,
    startTime: start ?? at,
    expiration: end,
  };
}

function foreign(end: string, display = 'xyz'): ListedSecret {
  return { id: 'foreign', description: null, valueDisplay: display, startTime: undefined, expiration: end };
}

interface Seen {
  readonly listed?: readonly ListedSecret[] | undefined;
  readonly targets?: readonly PreparedTarget[];
  readonly currentSecret?: { readonly accepted: boolean; readonly display: string };
}

/** Decides by what was seen. Secrets that are not given are not listed: tier 0. */
function decide(secret: SecretRequest, { listed, targets = [], currentSecret }: Seen, now: string | Date): Due {
  const digest = targetDigest(targets.map(({ target }) => targetKey(target)));
  return decideDue(
    secret,
    {
      currentSecret,
      secrets: listed ? { kind: 'found', found: listed } : UNREADABLE,
      own: ownSecrets(listed ?? [], { repository: REPOSITORY, digest }),
      targets,
    },
    new Date(now),
  );
}

const notDueBefore = (time: string) => ({ due: false, dueAt: new Date(time) });

describe('a secret is due at once', () => {
  const listed = [minted('2027-01-31T09:00:00Z', { end: '2028-01-31T09:00:00Z' })];
  const now = '2027-02-01T09:00:00Z';
  const written = prepared(REPOSITORY_TARGET, '2027-01-31T09:00:02Z');

  test.each([
    ['tier 0', undefined],
    ['tier 1', listed],
  ])('where current-secret is refused, whatever else is known (%s)', (_, listed) => {
    const currentSecret = { accepted: false, display: 'abc' };
    expect(decide(asked(), { listed, targets: [written], currentSecret }, now)).toEqual({
      due: true,
      why: 'the token endpoint refuses current-secret',
    });
  });

  test.each([
    ['tier 0', undefined],
    ['tier 1', listed],
  ])('where one of the targets does not exist (%s)', (_, listed) => {
    const targets = [written, prepared(ENVIRONMENT_TARGET)];
    expect(decide(asked(), { listed, targets }, now)).toEqual({
      due: true,
      why: 'environment octo-org/octo-repo production as VANTAGE_CLIENT_SECRET does not exist yet',
    });
  });

  test('where nothing says that anything holds one', () => {
    expect(decide(asked(), { listed }, now)).toMatchObject({ due: true });
  });

  test.each([
    ['lists none', []],
    ['lists none of this action', [foreign('2029-01-01T00:00:00Z')]],
    ['lists only one for other targets', [minted('2027-01-31T09:00:00Z', { targets: TARGETS })]],
    ['lists only one that was minted after', [minted('2027-01-31T10:00:00Z', { end: '2028-01-31T09:00:00Z' })]],
  ])('where a target was written and Vantage %s', (_, listed) => {
    expect(decide(asked(), { listed, targets: [written] }, now)).toEqual({
      due: true,
      why: `${REPOSITORY_LINE} holds no secret that this action minted and Vantage still knows`,
    });
  });

  test('where the secret that a target holds was deleted in Vantage, though an older one is listed', () => {
    // No run takes ten days from its mint to its write, so the listed one is not what the target holds.
    const targets = [prepared(REPOSITORY_TARGET, '2027-02-10T09:00:00Z')];
    expect(decide(asked(), { listed, targets }, '2027-02-11T09:00:00Z')).toMatchObject({ due: true });
  });
});

describe('where Vantage lists secrets, the end of the one in use decides', () => {
  const secret = minted('2027-01-31T09:00:00Z', { end: '2027-07-31T09:00:00Z' });
  const targets = [prepared(REPOSITORY_TARGET, '2027-01-31T09:00:05Z')];

  test.each([
    ['2027-02-01T09:00:00Z', false],
    ['2027-07-01T08:59:59.999Z', false],
    ['2027-07-01T09:00:00Z', true],
    ['2027-09-01T09:00:00Z', true],
  ])('%s: due %j', (now, due) => {
    const decided = decide(asked(), { listed: [foreign('2027-01-01T00:00:00Z'), secret], targets }, now);
    expect(decided).toEqual(
      due
        ? { due: true, why: `the secret in ${REPOSITORY_LINE} ends at 2027-07-31T09:00:00.000Z` }
        : notDueBefore('2027-07-01T09:00:00Z'),
    );
  });

  test('and not the age of the target, nor the life that is asked for by now', () => {
    const wanted = asked({ expiration: { after: { days: 40 } } });
    expect(decide(wanted, { listed: [secret], targets }, '2027-06-30T09:00:00Z')).toEqual(
      notDueBefore('2027-07-01T09:00:00Z'),
    );
  });

  test('of each target its own: the first that ends is due first', () => {
    const both = [REPOSITORY_TARGET, ENVIRONMENT_TARGET];
    const listed = [
      minted('2027-01-31T09:00:00Z', { targets: both, end: '2027-07-31T09:00:00Z' }),
      minted('2027-05-31T09:00:00Z', { targets: both, end: '2027-11-30T09:00:00Z' }),
    ];
    const targets = [
      prepared(REPOSITORY_TARGET, '2027-05-31T09:00:05Z'),
      prepared(ENVIRONMENT_TARGET, '2027-01-31T09:00:05Z'),
    ];
    expect(decide(asked(), { listed, targets }, '2027-06-30T09:00:00Z')).toEqual(notDueBefore('2027-07-01T09:00:00Z'));
    const written = targets.map(({ target }) => prepared(target, '2027-05-31T09:00:05Z'));
    expect(decide(asked(), { listed, targets: written }, '2027-06-30T09:00:00Z')).toEqual(
      notDueBefore('2027-10-31T09:00:00Z'),
    );
  });

  test('reckoned from its mint where Vantage does not tell it', () => {
    const untold = minted('2027-08-31T09:00:00Z');
    const targets = [prepared(REPOSITORY_TARGET, '2027-08-31T09:00:05Z')];
    const decided = decide(asked(), { listed: [untold], targets }, '2027-09-01T09:00:00Z');
    expect(decided).toEqual(notDueBefore('2028-01-30T09:00:00Z'));
  });
});

test('where the list of secrets tells no descriptions, nobody’s secrets can be told apart, and the age of a target decides', () => {
  const listed = [{ ...minted('2027-01-31T09:00:00Z', { end: '2027-07-31T09:00:00Z' }), description: undefined }];
  const targets = [prepared(REPOSITORY_TARGET, '2027-01-31T09:00:05Z')];
  expect(decide(asked(), { listed, targets }, '2027-02-01T09:00:00Z')).toEqual(notDueBefore('2027-07-01T09:00:05Z'));
});

describe('where Vantage lists none, the age of the target and the life that is asked for decide, by the calendar', () => {
  const day: Duration = { days: 1 };
  test.each([
    // written, asked life, rotate-before, due
    ['2027-01-15T10:00:00Z', undefined, { days: 30 }, '2027-06-15T10:00:00Z'],
    ['2027-08-31T10:00:00Z', undefined, day, '2028-02-28T10:00:00Z'], // six months: 29 February
    ['2026-08-31T10:00:00Z', undefined, day, '2027-02-27T10:00:00Z'], // six months: 28 February
    ['2028-02-29T10:00:00Z', { years: 1 }, day, '2029-02-27T10:00:00Z'],
    ['2028-02-29T10:00:00Z', { years: 2 }, { months: 1 }, '2030-01-28T10:00:00Z'],
    ['2028-02-29T10:00:00Z', { years: 3 }, { months: 1 }, '2031-01-28T09:55:00Z'], // asked for just inside the limit
    ['2027-12-31T23:59:59Z', { months: 2 }, { days: 30 }, '2028-01-30T23:59:59Z'],
    ['2027-01-31T10:00:00Z', { months: 1 }, { weeks: 1 }, '2027-02-21T10:00:00Z'],
    ['2027-03-28T00:30:00Z', { days: 90 }, { hours: 12 }, '2027-06-25T12:30:00Z'],
    ['2027-01-31T10:00:00Z', { days: 90 }, { months: 1 }, '2027-04-01T10:00:00Z'],
  ] as const)('written %s, for %j, %j before: %s', (written, life, rotateBefore, time) => {
    const wanted = asked({ rotateBefore, ...(life ? { expiration: { after: life } } : {}) });
    const targets = [prepared(REPOSITORY_TARGET, written)];
    const justBefore = new Date(Date.parse(time) - 1);
    expect(decide(wanted, { targets }, justBefore)).toEqual(notDueBefore(time));
    expect(decide(wanted, { targets }, time)).toMatchObject({
      due: true,
      why: expect.stringContaining(`${REPOSITORY_LINE} was written at ${new Date(written).toISOString()}`),
    });
  });

  test('an end that is named outright is that end', () => {
    const wanted = asked({ expiration: { at: new Date('2028-01-31T10:00:00Z') } });
    const targets = [prepared(REPOSITORY_TARGET, '2027-06-01T10:00:00Z')];
    expect(decide(wanted, { targets }, '2027-07-01T00:00:00Z')).toEqual(notDueBefore('2028-01-01T10:00:00Z'));
  });
});

describe('current-secret that is accepted', () => {
  const currentSecret = { accepted: true, display: 'cur' };
  const now = '2027-02-01T09:00:00Z';

  test('is not due where nothing tells its end', () => {
    expect(decide(asked(), { currentSecret }, now)).toEqual({ due: false });
    expect(decide(asked(), { currentSecret, listed: [foreign('2027-02-02T00:00:00Z', 'oth')] }, now)).toEqual({
      due: false,
    });
  });

  test('is due by its own end, whoever minted it', () => {
    const listed = [foreign('2027-03-31T09:00:00Z', 'cur')];
    expect(decide(asked(), { currentSecret, listed }, now)).toEqual(notDueBefore('2027-03-01T09:00:00Z'));
    expect(decide(asked(), { currentSecret, listed }, '2027-03-01T09:00:00Z')).toEqual({
      due: true,
      why: 'current-secret ends at 2027-03-31T09:00:00.000Z',
    });
  });

  test('is due by the first end, where several begin alike', () => {
    const listed = [foreign('2027-09-30T09:00:00Z', 'cur'), { ...foreign('2027-03-31T09:00:00Z', 'cur'), id: 'other' }];
    expect(decide(asked(), { currentSecret, listed }, now)).toEqual(notDueBefore('2027-03-01T09:00:00Z'));
  });

  test('is none that has ended, though that begins alike', () => {
    const listed = [foreign('2027-09-30T09:00:00Z', 'cur'), { ...foreign('2027-01-01T09:00:00Z', 'cur'), id: 'ended' }];
    expect(decide(asked(), { currentSecret, listed }, now)).toEqual(notDueBefore('2027-08-31T09:00:00Z'));
  });

  test('does not hide a target that is due', () => {
    const targets = [prepared(REPOSITORY_TARGET, '2026-08-01T09:00:00Z')];
    expect(decide(asked(), { currentSecret, targets }, now)).toMatchObject({ due: true });
  });
});

describe('when a secret is due that lives from its start to its end', () => {
  const start = new Date('2027-01-01T00:00:00Z');

  test('rotate-before its end, or at half its life where Vantage granted no more than that', () => {
    const end = (days: number) => new Date(start.getTime() + days * DAY);
    expect(dueAt(start, end(90), { days: 30 })).toEqual(end(60));
    expect(dueAt(start, end(31), { days: 30 })).toEqual(end(1));
    expect(dueAt(start, end(30), { days: 30 })).toEqual(end(15));
    expect(dueAt(start, end(2), { days: 30 })).toEqual(end(1));
  });

  test('it is after its start, and before its end', () => {
    const durations = fc.record({ months: fc.nat(24), days: fc.nat(400), hours: fc.integer({ min: 1, max: 23 }) });
    const life = fc.integer({ min: 2, max: 3 * 366 * DAY });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5 * 366 * DAY }), life, durations, (offset, life, rotateBefore) => {
        const from = new Date(start.getTime() + offset);
        const to = new Date(from.getTime() + life);
        const due = dueAt(from, to, rotateBefore);
        expect(due > from && due < to).toBe(true);
      }),
      { numRuns: RUNS },
    );
  });
});

const EPOCH = Date.UTC(2027, 0, 1);
const aTime = fc.integer({ min: 0, max: 3 * 366 * DAY }).map(offset => new Date(EPOCH + offset));
const aLife: fc.Arbitrary<Duration> = fc.constantFrom(
  { days: 45 },
  { days: 90 },
  { months: 6 },
  { months: 8 },
  { years: 1 },
  { years: 3 },
);
const aWish = fc
  .record({
    rotateBefore: fc.constantFrom<Duration>({ hours: 12 }, { days: 7 }, { days: 30 }, { months: 1 }),
    life: fc.option(aLife, { nil: undefined }),
    startsAfter: fc.option(fc.constantFrom<Duration>({ hours: 1 }, { days: 3 }), { nil: undefined }),
  })
  .map(({ rotateBefore, life, startsAfter }) =>
    asked({
      rotateBefore,
      ...(life ? { expiration: { after: life } } : {}),
      ...(startsAfter ? { startTime: { after: startsAfter } } : {}),
    }),
  );
/** Secrets of these targets, of others, and of nobody known; each begins with letters of its own. */
const aList = fc
  .array(
    fc.tuple(aTime, fc.integer({ min: DAY, max: 3 * 366 * DAY }), fc.constantFrom('own', 'own', 'other', 'none')),
    {
      maxLength: 6,
    },
  )
  .map(secrets =>
    secrets.map(([at, life, whose], index): ListedSecret => {
      const end = new Date(at.getTime() + life).toISOString();
      const display = `s${index}`;
      if (whose === 'none') {
        return { ...foreign(end, display), id: `foreign ${index}` };
      }
      const targets = whose === 'own' ? TARGETS : [REPOSITORY_TARGET];
      return { ...minted(at.toISOString(), { targets, end, display }), id: `${whose} ${index}` };
    }),
  );
const aSight = fc
  .record({
    listed: fc.option(aList, { nil: undefined }),
    written: fc.option(fc.array(fc.option(aTime, { freq: 8 }), { minLength: 3, maxLength: 3 })),
    current: fc.option(fc.record({ accepted: fc.boolean(), display: fc.constantFrom('s0', 's1', 'no') })),
  })
  .map(({ listed, written, current }): Seen => {
    const targets = (written ?? []).flatMap((at, index) => {
      const target = TARGETS[index];
      return target ? [prepared(target, at ?? undefined)] : [];
    });
    return { listed, targets, ...(current ? { currentSecret: current } : {}) };
  });

describe('in any world', () => {
  test('what is due stays due, and what is not is due from the very time that the plan names', () => {
    fc.assert(
      fc.property(aWish, aSight, aTime, fc.nat(400 * DAY), (wish, seen, now, wait) => {
        // A secret that was accepted has not ended: what has is not current-secret, and plays no part in this.
        const listed = seen.listed?.filter(
          ({ expiration }) => new Date(expiration ?? 0).getTime() > now.getTime() + wait,
        );
        const world = seen.currentSecret ? { ...seen, listed } : seen;
        const decided = decide(wish, world, now);
        const muchLater = new Date(now.getTime() + wait);
        if (decided.due) {
          expect(decide(wish, world, muchLater).due).toBe(true);
        } else if (decided.dueAt) {
          expect(decided.dueAt > now).toBe(true);
          expect(decide(wish, world, new Date(decided.dueAt.getTime() - 1))).toEqual(decided);
          if (!seen.currentSecret) {
            expect(decide(wish, world, decided.dueAt).due).toBe(true);
          }
        } else {
          expect(world.currentSecret?.accepted).toBe(true);
        }
      }),
      { numRuns: RUNS },
    );
  });

  test('planning once more from where the plan led mints nothing, and prunes at most what the first plan took out of use', () => {
    const grants = fc.integer({ min: DAY, max: 3 * 366 * DAY });
    const prunes = fc.constantFrom<Duration>({ days: 1 }, { days: 7 }, { months: 1 });
    fc.assert(
      fc.property(aWish, prunes, aSight, aTime, grants, fc.nat(60), (wish, pruneAfter, seen, now, granted, seconds) => {
        fc.pre((seen.targets ?? []).length > 0);
        const wanted = wantedFrom({ ...wish, pruneAfter });
        const soon = new Date(now.getTime() + seconds * 1000);
        const first = { observed: observationOf(seen), plan: planEnsure(wanted, observationOf(seen), now) };
        const second = follow(wanted, first, now, granted, soon);
        const third = follow(wanted, second, soon, granted, soon);
        const outOfUse = isMint(first.plan) ? second.plan.prune.map(({ id }) => id) : [];
        expect([second, third].map(({ plan }) => isMint(plan))).toEqual([false, false]);
        expect([second, third].map(({ plan }) => plan.prune.map(({ id }) => id))).toEqual([outOfUse, []]);
      }),
      { numRuns: RUNS },
    );
  });
});

interface Planned {
  readonly observed: Observation;
  readonly plan: ReturnType<typeof planEnsure>;
}

function isMint({ mint }: Planned['plan']): boolean {
  return mint?.due.due === true;
}

/** Carries a plan out, looks, and plans again. */
function follow(wanted: Wanted, { observed, plan }: Planned, now: Date, granted: number, then: Date): Planned {
  const found = applied(wanted, observed, plan, now, granted);
  return { observed: found, plan: planEnsure(wanted, found, then) };
}

function wantedFrom(secret: SecretRequest): Wanted {
  return {
    client: { clientId: 'invoices', declared: {}, initial: {}, ifExists: 'adopt' },
    secret,
    signIn: { kind: 'access-token', accessToken: new Secret('token') },
    workflow: { repository: REPOSITORY, runId: '1', runAttempt: '1' },
  };
}

function observationOf({ listed, targets = [] }: Seen): Observation {
  return {
    client: { kind: 'found', found: { clientId: 'invoices' } },
    secrets: listed ? { kind: 'found', found: listed } : UNREADABLE,
    targets,
    currentSecretAccepted: undefined,
  };
}

/** What is found after a plan was carried out. @param granted the most milliseconds that Vantage lets a secret live. */
function applied(
  { secret }: Wanted,
  observed: Observation,
  { mint, prune }: ReturnType<typeof planEnsure>,
  now: Date,
  granted: number,
): Observation {
  const due = mint?.due.due === true;
  const { startTime = now, expiration = later(now, { months: 6 }) } = resolveLife(secret, now);
  const end = new Date(Math.min(expiration.getTime(), startTime.getTime() + granted));
  const fresh = minted(now.toISOString(), {
    targets: observed.targets.map(({ target }) => target),
    start: startTime.toISOString(),
    end: end.toISOString(),
  });
  const second = new Date(Math.floor(now.getTime() / 1000) * 1000);
  const found = observed.secrets?.kind === 'found' ? observed.secrets.found : [];
  const left = found.filter(({ id }) => !prune.some(gone => gone.id === id));
  return {
    ...observed,
    secrets: observed.secrets?.kind === 'found' ? { kind: 'found', found: due ? [...left, fresh] : left } : UNREADABLE,
    targets: due ? observed.targets.map(({ target }) => prepared(target, second)) : observed.targets,
  };
}

test('the life that is asked for is longer than rotate-before in all of these worlds', () => {
  fc.assert(
    fc.property(aWish, aTime, (wish, now) => {
      const { startTime = now, expiration = later(now, { months: 6 }) } = resolveLife(wish, now);
      expect(earlier(expiration, wish.rotateBefore) > startTime).toBe(true);
    }),
    { numRuns: 500 },
  );
});
