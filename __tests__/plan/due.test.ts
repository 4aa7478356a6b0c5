import { describe, expect, test } from '@jest/globals';
import { markNonce, ownershipMark } from '../../src/model/mark.ts';
import type { PreparedTarget } from '../../src/model/prepared-target.ts';
import type { WorkflowRun } from '../../src/model/request.ts';
import type { SecretRequest } from '../../src/model/secret.ts';
import type { Target } from '../../src/model/target.ts';
import type { Duration } from '../../src/model/time.ts';
import type { ListedSecret } from '../../src/model/vantage.ts';
import { type Due, decideDue } from '../../src/plan/due.ts';
import { currentSecretDueDates, dueTime, type RotationFacts } from '../../src/plan/due-dates.ts';
import { markedSecrets, secretsFor } from '../../src/plan/marked-secrets.ts';
import {
  destinations,
  digests,
  OTHER_WORKFLOW,
  preparedTarget as prepared,
  targetOf,
  WORKFLOW,
} from '../support/workflow.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const REPOSITORY_TARGET = targetOf('repository');
const ENVIRONMENT_TARGET = targetOf('environment production');
const DEPENDABOT_TARGET = targetOf('dependabot repository');
const REPOSITORY_SECRET = 'the secret VANTAGE_CLIENT_SECRET in repository octo-org/octo-repo';
const UNREADABLE = { kind: 'unreadable', reason: 'GET … answered 404', code: 'unsupported' } as const;

function asked(secret: Partial<SecretRequest> = {}): SecretRequest {
  return { rotate: 'when-due', rotateBefore: { days: 30 }, verify: true, revokeAtJobEnd: false, ...secret };
}

interface CreatedSecret {
  readonly targets?: readonly Target[];
  readonly start?: string | undefined;
  readonly end?: string | undefined;
  readonly display?: string;
  readonly workflow?: WorkflowRun;
}

/** A secret that the action created, as Vantage lists it. */
function created(
  at: string,
  { targets = [REPOSITORY_TARGET], start, end, display = 'abc', workflow = WORKFLOW }: CreatedSecret = {},
): ListedSecret {
  return {
    id: `created ${at}`,
    description: ownershipMark(workflow, digests(targets, workflow), markNonce(new Date(at), '00000000')),
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
  /** Whether the list is known to be complete. */
  readonly whole?: boolean;
  readonly targets?: readonly PreparedTarget[];
  readonly currentSecret?: { readonly accepted: boolean; readonly display: string };
  readonly longestRun?: number;
  /** The secrets that were outputs of the step, if it has targets and an output. */
  readonly outputs?: readonly ListedSecret[];
}

/** The secrets whose mark names a target. */
function named(listed: readonly ListedSecret[], { target }: PreparedTarget) {
  return destinations([target]).flatMap(one => secretsFor(one, markedSecrets(listed)));
}

/** Decides from the observed facts. Without secrets, Vantage does not list them: tier 0. */
function decide(
  secret: SecretRequest,
  { listed, whole = true, targets = [], currentSecret, longestRun, outputs }: Seen,
  now: string | Date,
): Due {
  return decideDue(
    secret,
    {
      currentSecret,
      secrets: listed ? { kind: 'found', found: listed, whole } : UNREADABLE,
      secretsFor: target => named(listed ?? [], target),
      targets,
      outputSecrets: outputs && markedSecrets(outputs),
      clientId: 'invoices',
      longestRun,
    },
    { github: new Date(now), vantage: new Date(now) },
  );
}

/** Some text says which secret becomes due then. */
const notDueBefore = (time: string) => ({ due: false, dueAt: new Date(time), why: expect.any(String) });

describe('a secret is due at once', () => {
  const listed = [created('2027-01-31T09:00:00Z', { end: '2028-01-31T09:00:00Z' })];
  const now = '2027-02-01T09:00:00Z';
  const written = prepared(REPOSITORY_TARGET, '2027-01-31T09:00:02Z');

  test.each([
    ['tier 0', undefined],
    ['tier 1', listed],
  ])('if current-secret is refused, whatever else is known (%s)', (_, listed) => {
    const currentSecret = { accepted: false, display: 'abc' };
    expect(decide(asked(), { listed, targets: [written], currentSecret }, now)).toEqual({
      due: true,
      reason: 'current-secret-refused',
      why: 'the token endpoint refuses current-secret',
      targets: [written],
      isUnusable: true,
    });
  });

  test.each([
    ['tier 0', undefined, '2027-07-01T09:00:02Z'],
    ['tier 1', listed, '2028-01-01T09:00:00Z'],
  ])('if one of the targets does not exist, for that target only (%s)', (_, listed, restDueAt) => {
    const targets = [written, prepared(ENVIRONMENT_TARGET)];
    expect(decide(asked(), { listed, targets }, now)).toEqual({
      due: true,
      reason: 'target-missing',
      why: 'the secret VANTAGE_CLIENT_SECRET in environment "production" of octo-org/octo-repo does not exist yet',
      targets: [prepared(ENVIRONMENT_TARGET)],
      restDueAt: new Date(restDueAt),
    });
  });

  test('if nothing shows that a secret is in use', () => {
    expect(decide(asked(), { listed }, now)).toEqual({
      due: true,
      reason: 'nothing-holds-one',
      why: 'there is no target and no current-secret, so nothing shows that a secret is in use',
      targets: [],
    });
  });

  test('if several targets do not exist: the first one is named', () => {
    const targets = [prepared(ENVIRONMENT_TARGET), prepared(REPOSITORY_TARGET)];
    expect(decide(asked(), { listed, targets }, now)).toEqual({
      due: true,
      reason: 'target-missing',
      why: 'the secret VANTAGE_CLIENT_SECRET in environment "production" of octo-org/octo-repo does not exist yet',
      targets,
    });
    expect(decide(asked(), { listed, targets: targets.toReversed() }, now)).toMatchObject({
      why: `${REPOSITORY_SECRET} does not exist yet`,
    });
  });

  test.each([
    ['lists none', []],
    ['lists none of this action', [foreign('2029-01-01T00:00:00Z')]],
    [
      'lists only one for other targets',
      [created('2027-01-31T09:00:00Z', { targets: [ENVIRONMENT_TARGET, DEPENDABOT_TARGET] })],
    ],
    [
      'lists only one that was created after',
      [created('lists only a secret that was created afterwards', { end: '2028-01-31T09:00:00Z' })],
    ],
  ])('if a target was written and Vantage %s', (_, listed) => {
    expect(decide(asked(), { listed, targets: [written] }, now)).toEqual({
      due: true,
      reason: 'no-own-secret',
      why: `${REPOSITORY_SECRET} is not one that this action created and that Vantage still lists`,
      targets: [written],
    });
  });

  test('if the secret in a target was deleted in Vantage, although an older one is listed', () => {
    // No run takes ten days from creation to write, so the target does not hold the listed secret.
    const targets = [prepared(REPOSITORY_TARGET, '2027-02-10T09:00:00Z')];
    expect(decide(asked(), { listed, targets }, '2027-02-11T09:00:00Z')).toMatchObject({ due: true });
  });

  test('and one hour later if no run of the step takes that long', () => {
    const targets = [prepared(REPOSITORY_TARGET, '2027-01-31T10:00:00Z')];
    const minutes = (count: number) => ({ listed, targets, longestRun: count * 60_000 });
    expect(decide(asked(), minutes(60), now)).toMatchObject({ due: false });
    expect(decide(asked(), minutes(5), now)).toMatchObject({ due: true });
  });

  test.each([
    ['another client', 'payroll', true],
    ['this client in another case, which may be another client', 'Invoices', true],
    ['this client', 'invoices', false],
    ['this client, with spaces around it', ' invoices\n', false],
    ['no client, only spaces', '  ', false],
  ])('if the variable next to a target names %s', (_, value, due) => {
    const resolved = { scope: REPOSITORY_TARGET.scope, variables: { clientId: { name: 'ID', value } } };
    expect(decide(asked(), { listed, targets: [{ ...written, resolved }] }, now)).toMatchObject(
      due
        ? {
            due,
            reason: 'other-client',
            isUnusable: true,
            why: expect.stringContaining(`names another client: "${value}"`),
          }
        : { due },
    );
  });
});

describe('if Vantage lists secrets, the expiration of the secret in use decides', () => {
  const secret = created('2027-01-31T09:00:00Z', { end: '2027-07-31T09:00:00Z' });
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
        ? {
            due: true,
            reason: 'expires-soon',
            why: `${REPOSITORY_SECRET} expires at 2027-07-31T09:00:00.000Z`,
            targets,
          }
        : notDueBefore('2027-07-01T09:00:00Z'),
    );
  });

  test('but not the age of the target, or the life that is requested now', () => {
    const wanted = asked({ expiration: { after: { days: 40 } } });
    expect(decide(wanted, { listed: [secret], targets }, '2027-06-30T09:00:00Z')).toEqual(
      notDueBefore('2027-07-01T09:00:00Z'),
    );
  });

  test('of each target separately: the first to expire is due first', () => {
    const both = [REPOSITORY_TARGET, ENVIRONMENT_TARGET];
    const listed = [
      created('2027-01-31T09:00:00Z', { targets: both, end: '2027-07-31T09:00:00Z' }),
      created('2027-05-31T09:00:00Z', { targets: both, end: '2027-11-30T09:00:00Z' }),
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

  test('calculated from its mark if Vantage does not report it', () => {
    const unreported = created('2027-08-31T09:00:00Z');
    const targets = [prepared(REPOSITORY_TARGET, '2027-08-31T09:00:05Z')];
    const decided = decide(asked(), { listed: [unreported], targets }, '2027-09-01T09:00:00Z');
    expect(decided).toEqual(notDueBefore('2028-01-30T09:00:00Z'));
  });
});

test('if the list of secrets has no descriptions, marks cannot be read, and the age of a target decides', () => {
  const listed = [{ ...created('2027-01-31T09:00:00Z', { end: '2027-07-31T09:00:00Z' }), description: undefined }];
  const targets = [prepared(REPOSITORY_TARGET, '2027-01-31T09:00:05Z')];
  expect(decide(asked(), { listed, targets }, '2027-02-01T09:00:00Z')).toEqual(notDueBefore('2027-07-01T09:00:05Z'));
});

describe('if Vantage does not list secrets, the age of the target and the requested life decide, by the calendar', () => {
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
      reason: 'expires-soon',
      why: expect.stringContaining(`${REPOSITORY_SECRET} was written at ${new Date(written).toISOString()}`),
    });
  });

  test('an incomplete list counts as no list: a missing secret may exist', () => {
    const targets = [prepared(REPOSITORY_TARGET, '2027-01-31T09:00:05Z')];
    const life = asked({ expiration: { after: { days: 90 } } });
    expect(decide(life, { listed: [], whole: false, targets }, '2027-02-01T09:00:00Z')).toEqual(
      notDueBefore('2027-04-01T09:00:05Z'),
    );
    expect(decide(life, { listed: [], whole: true, targets }, '2027-02-01T09:00:00Z')).toMatchObject({ due: true });
  });

  test('a requested expiration date is the expiration', () => {
    const wanted = asked({ expiration: { at: new Date('2028-01-31T10:00:00Z') } });
    const targets = [prepared(REPOSITORY_TARGET, '2027-06-01T10:00:00Z')];
    expect(decide(wanted, { targets }, '2027-07-01T00:00:00Z')).toEqual(notDueBefore('2028-01-01T10:00:00Z'));
  });
});

describe('an accepted current-secret', () => {
  const currentSecret = { accepted: true, display: 'cur' };
  const now = '2027-02-01T09:00:00Z';

  test('is not due if its expiration is not known', () => {
    expect(decide(asked(), { currentSecret }, now)).toEqual({ due: false });
    expect(decide(asked(), { currentSecret, listed: [foreign('2027-02-02T00:00:00Z', 'oth')] }, now)).toEqual({
      due: false,
    });
  });

  test('is due by its own expiration, whoever created it', () => {
    const listed = [foreign('2027-03-31T09:00:00Z', 'cur')];
    expect(decide(asked(), { currentSecret, listed }, now)).toEqual(notDueBefore('2027-03-01T09:00:00Z'));
    expect(decide(asked(), { currentSecret, listed }, '2027-03-01T09:00:00Z')).toEqual({
      due: true,
      reason: 'expires-soon',
      why: 'current-secret expires at 2027-03-31T09:00:00.000Z',
      targets: [],
    });
  });

  test('is found by the characters that Vantage shows, however many', () => {
    const listed = [foreign('2027-03-31T09:00:00Z', 'curry'), foreign('2027-02-15T09:00:00Z', 'a cur')];
    expect(decide(asked(), { currentSecret, listed }, now)).toEqual(notDueBefore('2027-03-01T09:00:00Z'));
  });

  test('is due by the first expiration if several secrets start the same', () => {
    const listed = [foreign('2027-09-30T09:00:00Z', 'cur'), { ...foreign('2027-03-31T09:00:00Z', 'cur'), id: 'other' }];
    expect(decide(asked(), { currentSecret, listed }, now)).toEqual(notDueBefore('2027-03-01T09:00:00Z'));
  });

  test('is not an expired secret that starts the same', () => {
    const listed = [foreign('2027-09-30T09:00:00Z', 'cur'), { ...foreign('2027-01-01T09:00:00Z', 'cur'), id: 'ended' }];
    expect(decide(asked(), { currentSecret, listed }, now)).toEqual(notDueBefore('2027-08-31T09:00:00Z'));
  });

  test('is not a secret that expires at this moment, or whose first characters are not reported', () => {
    const { valueDisplay: _, ...unreported } = foreign('2027-03-31T09:00:00Z');
    expect(decide(asked(), { currentSecret, listed: [foreign(now, 'cur'), unreported] }, now)).toEqual({ due: false });
    expect(decide(asked(), { currentSecret, listed: [foreign('2027-02-01T09:00:00.001Z', 'cur')] }, now)).toMatchObject(
      { due: true, reason: 'expires-soon' },
    );
  });

  test('is due in the middle of a life that is not longer than rotate-before, if its start is reported', () => {
    const listed = [{ ...foreign('2027-02-10T09:00:00Z', 'cur'), startTime: '2027-01-31T09:00:00Z' }];
    expect(decide(asked(), { currentSecret, listed }, now)).toEqual(notDueBefore('2027-02-05T09:00:00Z'));
  });

  test('is due by its own expiration also if the list of secrets may be incomplete', () => {
    const listed = [foreign('2027-03-31T09:00:00Z', 'cur')];
    expect(decide(asked(), { currentSecret, listed, whole: false }, now)).toEqual(notDueBefore('2027-03-01T09:00:00Z'));
  });

  test('is due before a target, or after it', () => {
    const targets = [prepared(REPOSITORY_TARGET, '2027-01-31T09:00:05Z')];
    const seen = (end: string) => ({
      currentSecret,
      listed: [foreign(end, 'cur'), created('2027-01-31T09:00:00Z', { end: '2027-07-31T09:00:00Z' })],
      targets,
    });
    expect(decide(asked(), seen('2027-03-31T09:00:00Z'), now)).toEqual(notDueBefore('2027-03-01T09:00:00Z'));
    expect(decide(asked(), seen('2027-09-30T09:00:00Z'), now)).toEqual(notDueBefore('2027-07-01T09:00:00Z'));
  });

  test('does not hide a target that is due', () => {
    const targets = [prepared(REPOSITORY_TARGET, '2026-08-01T09:00:00Z')];
    expect(decide(asked(), { currentSecret, targets }, now)).toMatchObject({ due: true });
  });
});

describe('the time at which a secret is due', () => {
  const start = new Date('2027-01-01T00:00:00Z');

  test('is rotate-before its expiration, or half of its life if Vantage grants no more than that', () => {
    const end = (days: number) => new Date(start.getTime() + days * DAY);
    expect(dueTime(start, end(90), { days: 30 })).toEqual(end(60));
    expect(dueTime(start, end(31), { days: 30 })).toEqual(end(1));
    expect(dueTime(start, end(30), { days: 30 })).toEqual(end(15));
    expect(dueTime(start, end(2), { days: 30 })).toEqual(end(1));
    // If clocks disagree, a secret can start after its expiration.
    expect(dueTime(start, end(-2), { days: 30 })).toEqual(end(-2));
  });
});

describe('if the clocks disagree', () => {
  const life = asked({ expiration: { after: { days: 90 } }, rotateBefore: { days: 30 } });
  const targets = [prepared(REPOSITORY_TARGET, '2027-01-31T10:00:00Z')];
  const facts: RotationFacts = {
    currentSecret: undefined,
    secrets: UNREADABLE,
    secretsFor: () => [],
    targets,
    clientId: 'invoices',
  };

  test('the age of a target counts from the clock of GitHub, and the result is a time of Vantage', () => {
    // The clock that dates the write is an hour ahead of the clock of Vantage.
    const at = (vantage: string, github: string) => ({ vantage: new Date(vantage), github: new Date(github) });
    const before = at('2027-04-01T08:59:59Z', '2027-04-01T09:59:59Z');
    expect(decideDue(life, facts, before)).toEqual(notDueBefore('2027-04-01T09:00:00Z'));
    expect(decideDue(life, facts, at('2027-04-01T09:00:00Z', '2027-04-01T10:00:00Z'))).toMatchObject({ due: true });
  });

  test('an expiration that Vantage does not list counts from the mark, which has the time of GitHub', () => {
    const listed = [created('2027-01-31T10:00:00Z')];
    const seen: RotationFacts = {
      ...facts,
      secrets: { kind: 'found', found: listed, whole: true },
      secretsFor: target => named(listed, target),
    };
    const now = { vantage: new Date('2027-02-01T09:00:00Z'), github: new Date('2027-02-01T10:00:00Z') };
    expect(decideDue(life, seen, now)).toEqual(notDueBefore('2027-04-01T09:00:00Z'));
  });
});

describe('a target holds the secret of its last writer', () => {
  const now = '2027-02-01T09:00:00Z';
  const written = (time: string) => prepared(REPOSITORY_TARGET, time);

  test('whichever repository that was: nothing is due for the other one', () => {
    const listed = [created('2027-01-31T09:00:00Z', { end: '2027-07-31T09:00:00Z', workflow: OTHER_WORKFLOW })];
    const targets = [written('2027-01-31T09:00:05Z')];
    expect(decide(asked(), { listed, targets }, now)).toEqual(notDueBefore('2027-07-01T09:00:00Z'));
  });

  test('whatever other targets the secret was created for', () => {
    const listed = [
      created('2027-01-31T09:00:00Z', { targets: [DEPENDABOT_TARGET, REPOSITORY_TARGET], end: '2027-07-31T09:00:00Z' }),
    ];
    expect(decide(asked(), { listed, targets: [written('2027-01-31T09:00:05Z')] }, now)).toEqual(
      notDueBefore('2027-07-01T09:00:00Z'),
    );
  });

  test('or of a simultaneous run, so the first of them to be due counts', () => {
    const listed = [
      created('2027-01-31T09:00:00Z', { end: '2027-04-30T09:00:00Z' }),
      created('2027-01-31T09:01:00Z', { end: '2027-07-31T09:01:00Z', workflow: OTHER_WORKFLOW }),
    ];
    const both = { listed, targets: [written('2027-01-31T09:01:05Z')] };
    expect(decide(asked(), both, now)).toEqual(notDueBefore('2027-03-31T09:00:00Z'));
    expect(decide(asked(), { ...both, longestRun: 5 * MINUTE }, now)).toEqual(notDueBefore('2027-03-31T09:00:00Z'));
    // A run that started that early did not still write then.
    const apart = { listed, targets: [written('2027-01-31T09:20:05Z')], longestRun: 15 * MINUTE };
    expect(decide(asked(), apart, now)).toEqual(notDueBefore('2027-07-01T09:01:00Z'));
  });
});

describe('the targets that get the new secret', () => {
  const now = '2027-07-01T09:00:00Z';
  const end = '2027-07-31T09:00:00Z';
  const at = '2027-01-31T09:00:00Z';
  const old = prepared(REPOSITORY_TARGET, '2027-01-31T09:00:05Z');
  const of = (target: Target, time: string, ends: string) =>
    [created(time, { targets: [target], end: ends }), prepared(target, new Date(Date.parse(time) + 5000))] as const;

  test.each([
    ['a day later', '2027-08-01T09:00:00Z', true],
    ['a day and a second later', '2027-08-01T09:00:01Z', false],
  ])('are those that are due, and one that becomes due %s: %s %j', (_, time, isRotated) => {
    const [next, other] = of(ENVIRONMENT_TARGET, '2027-02-01T09:00:00Z', time);
    const decided = decide(asked(), { listed: [created(at, { end }), next], targets: [old, other] }, now);
    expect(decided).toEqual({
      due: true,
      reason: 'expires-soon',
      why: `${REPOSITORY_SECRET} expires at 2027-07-31T09:00:00.000Z`,
      targets: isRotated ? [old, other] : [old],
      ...(isRotated ? {} : { restDueAt: new Date('2027-07-02T09:00:01Z') }),
    });
  });

  test('are all targets that share variables with a target that is due', () => {
    const second = targetOf('repository as SECOND');
    const [next, fresh] = of(second, '2027-06-01T09:00:00Z', '2027-12-01T09:00:00Z');
    const listed = [created(at, { end }), next];
    const resolved = { scope: REPOSITORY_TARGET.scope, variables: { expiration: { name: 'ENDS' } } };
    const sharing = [
      { ...old, resolved },
      { ...fresh, resolved },
    ];
    expect(decide(asked(), { listed, targets: sharing }, now)).toMatchObject({ due: true, targets: sharing });
    const apart = [old, fresh];
    expect(decide(asked(), { listed, targets: apart }, now)).toMatchObject({
      due: true,
      targets: [old],
      restDueAt: new Date('2027-11-01T09:00:00Z'),
    });
  });

  test('are not those that only share a place without variables, or other variables', () => {
    const second = targetOf('repository as SECOND');
    const [next, fresh] = of(second, '2027-06-01T09:00:00Z', '2027-12-01T09:00:00Z');
    const listed = [created(at, { end }), next];
    const { scope } = REPOSITORY_TARGET;
    const rotated = (oldPlace: PreparedTarget['resolved'], freshPlace: PreparedTarget['resolved']) => {
      const targets = [
        { ...old, resolved: oldPlace },
        { ...fresh, resolved: freshPlace },
      ];
      const decided = decide(asked(), { listed, targets }, now);
      return decided.due && decided.targets.map(({ target }) => target.secretName);
    };
    const [place, variables] = [{ scope }, { expiration: { name: 'ENDS' } }];
    const withVariables = { scope, variables };
    expect(rotated(withVariables, withVariables)).toEqual(['VANTAGE_CLIENT_SECRET', 'SECOND']);
    expect(rotated(place, place)).toEqual(['VANTAGE_CLIENT_SECRET']);
    expect(rotated(withVariables, { scope, variables })).toEqual(['VANTAGE_CLIENT_SECRET']);
    expect(rotated(place, withVariables)).toEqual(['VANTAGE_CLIENT_SECRET']);
  });

  test('are those that share variables with any of the targets that are due', () => {
    const second = targetOf('repository as SECOND');
    const [next, fresh] = of(second, '2027-06-01T09:00:00Z', '2027-12-01T09:00:00Z');
    const resolved = { scope: REPOSITORY_TARGET.scope, variables: { expiration: { name: 'ENDS' } } };
    const missing = prepared(DEPENDABOT_TARGET);
    const targets = [missing, { ...old, resolved }, { ...fresh, resolved }];
    expect(decide(asked(), { listed: [created(at, { end }), next], targets }, now)).toEqual({
      due: true,
      reason: 'target-missing',
      why: 'the Dependabot secret VANTAGE_CLIENT_SECRET in repository octo-org/octo-repo does not exist yet',
      targets,
    });
  });

  test('are all due for the same reason: the first one that expires is named', () => {
    const [next, other] = of(ENVIRONMENT_TARGET, '2027-02-01T09:00:00Z', '2027-07-30T09:00:00Z');
    const listed = [created(at, { end }), next];
    const why =
      'the secret VANTAGE_CLIENT_SECRET in environment "production" of octo-org/octo-repo expires at 2027-07-30T09:00:00.000Z';
    for (const targets of [
      [old, other],
      [other, old],
    ]) {
      expect(decide(asked(), { listed, targets }, now)).toEqual({ due: true, reason: 'expires-soon', why, targets });
    }
  });

  test('are all targets if current-secret is due, because each may hold it', () => {
    const [next, fresh] = of(ENVIRONMENT_TARGET, '2027-06-01T09:00:00Z', '2027-12-01T09:00:00Z');
    const currentSecret = { accepted: true, display: 'abc' };
    const seen = { listed: [created(at, { end }), next], targets: [old, fresh], currentSecret };
    expect(decide(asked(), seen, now)).toMatchObject({ due: true, targets: [old, fresh] });
    expect(decide(asked(), { ...seen, targets: [fresh] }, now)).toEqual({
      due: true,
      reason: 'expires-soon',
      why: 'current-secret expires at 2027-07-31T09:00:00.000Z',
      targets: [fresh],
    });
  });

  test('do not include a target that is not due, even if another one is missing or holds the secret of another client', () => {
    const [secret, healthy] = of(ENVIRONMENT_TARGET, '2027-06-01T09:00:00Z', '2027-12-01T09:00:00Z');
    const stranger = {
      ...old,
      resolved: { scope: REPOSITORY_TARGET.scope, variables: { clientId: { name: 'ID', value: 'payroll' } } },
    };
    const missing = prepared(DEPENDABOT_TARGET);
    const foreignOne = prepared(REPOSITORY_TARGET, '2027-03-01T09:00:00Z');
    const restDueAt = new Date('2027-11-01T09:00:00Z');
    const listed = [secret];
    expect(decide(asked(), { listed, targets: [stranger, healthy] }, now)).toMatchObject({
      reason: 'other-client',
      targets: [stranger],
      isUnusable: true,
      restDueAt,
    });
    expect(decide(asked(), { listed, targets: [healthy, missing] }, now)).toMatchObject({
      reason: 'target-missing',
      targets: [missing],
      restDueAt,
    });
    expect(decide(asked(), { listed, targets: [healthy, foreignOne] }, now)).toMatchObject({
      reason: 'no-own-secret',
      targets: [foreignOne],
      restDueAt,
    });
  });

  test('are reported with the most important reason', () => {
    const missing = prepared(DEPENDABOT_TARGET);
    const stranger = {
      ...prepared(ENVIRONMENT_TARGET, '2027-03-01T09:00:00Z'),
      resolved: { scope: ENVIRONMENT_TARGET.scope, variables: { clientId: { name: 'ID', value: 'payroll' } } },
    };
    const unknown = prepared(targetOf('repository as UNKNOWN'), '2027-03-01T09:00:00Z');
    const listed = [created(at, { end })];
    const reasonOf = (...targets: readonly PreparedTarget[]) => decide(asked(), { listed, targets }, now);
    expect(reasonOf(old, unknown, stranger, missing)).toMatchObject({ reason: 'target-missing', isUnusable: true });
    expect(reasonOf(old, unknown, stranger)).toMatchObject({ reason: 'other-client', isUnusable: true });
    expect(reasonOf(old, unknown)).toMatchObject({ reason: 'no-own-secret' });
    expect(reasonOf(old)).toMatchObject({ reason: 'expires-soon' });
    expect(reasonOf(old, unknown, missing)).not.toHaveProperty('isUnusable');
  });
});

describe('a target with an expiration variable, if Vantage does not list secrets', () => {
  const written = '2027-01-31T09:00:05Z';
  const now = '2027-02-01T09:00:00Z';
  const life = asked({ expiration: { after: { days: 90 } } });
  const byAge = `${REPOSITORY_SECRET} was written at 2027-01-31T09:00:05.000Z, so it expires at about 2027-05-01T09:00:05.000Z`;

  /** What is decided if the variable contains this, written some seconds after the target. */
  function decided(
    value: string | undefined,
    at: string,
    { seconds = 0, longestRun, wanted = life }: { seconds?: number; longestRun?: number; wanted?: typeof life } = {},
  ) {
    const updatedAt = new Date(Date.parse(written) + seconds * 1000);
    const expiration = { name: 'ENDS', ...(value === undefined ? {} : { value, updatedAt }) };
    const { scope } = REPOSITORY_TARGET;
    const targets = [{ ...prepared(REPOSITORY_TARGET, written), resolved: { scope, variables: { expiration } } }];
    return decide(wanted, { targets, ...(longestRun === undefined ? {} : { longestRun }) }, at);
  }
  const says = (end: string) =>
    `the variable ENDS in repository octo-org/octo-repo says that the secret expires at ${end}`;

  test('is due by the variable if that is earlier than by its age', () => {
    const value = '2027-04-01T09:00:00Z';
    expect(decided(value, now)).toEqual(notDueBefore('2027-03-02T09:00:00Z'));
    expect(decided(value, '2027-03-02T09:00:00Z')).toMatchObject({
      due: true,
      reason: 'expires-soon',
      why: says('2027-04-01T09:00:00.000Z'),
    });
  });

  test('is due by its age if that is earlier', () => {
    const value = '2027-06-01T09:00:00Z';
    expect(decided(value, now)).toEqual(notDueBefore('2027-04-01T09:00:05Z'));
    expect(decided(value, '2027-04-01T09:00:05Z')).toMatchObject({ due: true, reason: 'expires-soon', why: byAge });
  });

  test('is due by the variable, which is exact, if both are the same', () => {
    expect(decided('2027-05-01T09:00:05Z', '2027-04-01T09:00:05Z')).toMatchObject({
      due: true,
      why: says('2027-05-01T09:00:05.000Z'),
    });
  });

  test('is due by half of the life that the variable shows, if that life is not longer than rotate-before', () => {
    expect(decided('2027-02-10T09:00:05Z', now)).toEqual(notDueBefore('2027-02-05T09:00:05Z'));
  });

  test.each([
    ['is not a time', 'soon', {}],
    ['is older by less than servers of GitHub may disagree', '2027-03-10T09:00:00Z', { seconds: -300 }],
    ['is newer than any run of the step takes', '2027-03-10T09:00:00Z', { seconds: 301, longestRun: 300_000 }],
  ] as const)('is due by its age if the variable %s', (_, value, options) => {
    expect(decided(value, now, options)).toEqual(notDueBefore('2027-04-01T09:00:05Z'));
  });

  test.each([
    ['is missing', undefined, 0, 'does not exist'],
    ['is older than the secret', '2027-03-10T09:00:00Z', -301, 'is older than the secret'],
  ])('is due if the variable %s, because nothing shows when the secret expires', (_, value, seconds, problem) => {
    expect(decided(value, now, { seconds })).toMatchObject({
      due: true,
      reason: 'expiration-unknown',
      why: `the variable ENDS in repository octo-org/octo-repo ${problem}, so it is not known when ${REPOSITORY_SECRET} expires`,
    });
  });

  test('is due by its age if the variable is older, but each secret expires at the same time', () => {
    const wanted = asked({ expiration: { at: new Date('2027-05-01T09:00:00Z') } });
    expect(decided('2027-05-01T09:00:00Z', now, { seconds: -86_400, wanted })).toEqual(
      notDueBefore('2027-04-01T09:00:00Z'),
    );
    expect(decided(undefined, now, { wanted })).toMatchObject({ due: true, reason: 'expiration-unknown' });
  });
});

describe('the output of a step that also has targets', () => {
  const now = '2027-02-01T09:00:00Z';
  const output = (at: string, end?: string) => created(at, { targets: [], end });
  const targets = [prepared(REPOSITORY_TARGET, '2027-01-31T09:00:05Z')];
  const held = created('2027-01-31T09:00:00Z', { end: '2027-07-31T09:00:00Z' });
  const why = 'the secret that was an output of this step expires at 2027-02-28T09:00:00.000Z';

  test('is due by the expiration of its newest secret, for all targets', () => {
    const outputs = [
      output('2027-01-31T09:00:00Z', '2027-02-28T09:00:00Z'),
      output('2027-01-30T09:00:00Z', '2028-01-30T09:00:00Z'),
    ];
    expect(decide(asked({ rotateBefore: { days: 7 } }), { listed: [held], outputs, targets }, now)).toEqual(
      notDueBefore('2027-02-21T09:00:00Z'),
    );
    expect(
      decide(asked({ rotateBefore: { days: 7 } }), { listed: [held], outputs, targets }, '2027-02-21T09:00:00Z'),
    ).toEqual({ due: true, reason: 'expires-soon', why, targets });
  });

  test('does not make the targets due earlier if it expires later', () => {
    const outputs = [output('2027-01-31T09:00:00Z', '2027-12-31T09:00:00Z')];
    expect(decide(asked(), { listed: [held], outputs, targets }, now)).toEqual(notDueBefore('2027-07-01T09:00:00Z'));
  });

  test('is due at once if Vantage lists none', () => {
    expect(decide(asked(), { listed: [held], outputs: [], targets }, now)).toEqual({
      due: true,
      reason: 'no-own-secret',
      why: 'Vantage lists no secret that was an output of this step',
      targets,
    });
  });

  test('is not due if the list of secrets may not show it', () => {
    const age = notDueBefore('2027-07-01T09:00:05Z');
    expect(decide(asked(), { outputs: [], targets }, now)).toEqual(age);
    expect(decide(asked(), { listed: [held], whole: false, outputs: [], targets }, now)).toEqual(age);
  });

  test('is due by a life that is calculated from its mark, as far as Vantage does not report it', () => {
    const dueOf = (secret: Partial<ListedSecret>) =>
      decide(asked(), { listed: [held], outputs: [{ ...output('2027-01-31T09:00:00Z'), ...secret }], targets }, now);
    // Half of the life from its creation, from a later start, and six months from its creation.
    expect(dueOf({ startTime: undefined, expiration: '2027-02-10T09:00:00Z' })).toEqual(
      notDueBefore('2027-02-05T09:00:00Z'),
    );
    expect(dueOf({ startTime: '2027-02-04T09:00:00Z', expiration: '2027-02-10T09:00:00Z' })).toEqual(
      notDueBefore('2027-02-07T09:00:00Z'),
    );
    expect(dueOf({ startTime: undefined, expiration: undefined })).toEqual(notDueBefore('2027-07-01T09:00:00Z'));
  });
});

test('without a list of secrets, nothing shows when current-secret is due', () => {
  const facts = { currentSecret: undefined, secrets: undefined, secretsFor: () => [], targets: [], clientId: 'a' };
  expect(currentSecretDueDates('cur', asked(), facts, new Date('2027-02-01T09:00:00Z'))).toEqual([]);
});
