import { describe, expect, test } from '@jest/globals';
import type { PreparedTarget } from '../../src/github/preflight.ts';
import { markNonce, ownershipMark, targetDigest } from '../../src/plan/mark.ts';
import { ownSecrets } from '../../src/plan/own-secrets.ts';
import { planEnsure, type Wanted } from '../../src/plan/plan.ts';
import { planPrune } from '../../src/plan/prune.ts';
import { parseTarget, type Target, targetKey } from '../../src/request/targets.ts';
import type { Duration } from '../../src/request/time.ts';
import { Secret } from '../../src/secret.ts';
import type { ListedSecret } from '../../src/vantage/schema.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2028, 2, 1, 12);
const REPOSITORY = 'octo-org/octo-repo';
const TARGETS = ['repository', 'environment production']
  .map(line => parseTarget(line, REPOSITORY, 'VANTAGE_CLIENT_SECRET'))
  .filter((target): target is Target => typeof target !== 'string');
const DIGEST = targetDigest(TARGETS.map(targetKey));
const WEEK: Duration = { days: 7 };

/** A moment so many days (or a part of one) before now. */
const daysAgo = (days: number) => new Date(NOW - days * DAY);

interface Listed {
  readonly digest?: string;
  readonly repository?: string;
  readonly startDaysAgo?: number;
  /** Default: it lives for a year. */
  readonly endDaysAgo?: number;
  readonly display?: string;
}

/** A secret with a mark. Its id says how many days ago it was minted. */
function minted(days: number, { digest = DIGEST, repository = REPOSITORY, ...more }: Listed = {}): ListedSecret {
  const { startDaysAgo = days, endDaysAgo = days - 365, display = 'abc' } = more;
  const nonce = markNonce(daysAgo(days), '00000000');
  return {
    id: `${days}`,
    description: ownershipMark({ repository, runId: '1', runAttempt: '1' }, digest, nonce),
    valueDisplay: display,
    startTime: daysAgo(startDaysAgo).toISOString(),
    expiration: daysAgo(endDaysAgo).toISOString(),
  };
}

function foreign(id: string, endDaysAgo: number): ListedSecret {
  return {
    id,
    description: 'Made by hand',
    valueDisplay: 'xyz',
    startTime: undefined,
    expiration: daysAgo(endDaysAgo).toISOString(),
  };
}

/** The targets, last written so many days ago; null: never. */
function written(...days: readonly (number | null)[]): readonly PreparedTarget[] {
  return TARGETS.slice(0, days.length).map((target, index) => {
    const ago = days[index];
    const updatedAt = typeof ago === 'number' ? { updatedAt: daysAgo(ago) } : {};
    return { target, site: { place: target.place }, ...updatedAt };
  });
}

function prune(
  listed: readonly ListedSecret[],
  targets: readonly PreparedTarget[],
  { after = WEEK, isNeeded = () => false, now = new Date(NOW) }: Options = {},
): readonly string[] {
  const own = ownSecrets(listed, { repository: REPOSITORY, digest: DIGEST });
  return planPrune(after, { listed, own, targets, isNeeded }, { github: now, vantage: now }).map(({ id }) => id);
}

interface Options {
  readonly after?: Duration;
  readonly isNeeded?: (secret: ListedSecret) => boolean;
  readonly now?: Date;
}

describe('what was superseded long enough ago goes', () => {
  test('and nothing else', () => {
    expect(prune([minted(90), minted(60), minted(30), minted(1)], written(1, 1))).toEqual(['60', '90']);
  });

  test('counted from the mint of the next one', () => {
    const secrets = [minted(90), minted(8)];
    expect(prune(secrets, written(8, 8), { after: { days: 9 } })).toEqual([]);
    expect(prune(secrets, written(8, 8), { after: { days: 7 } })).toEqual(['90']);
  });

  test('by the calendar', () => {
    // 1 March 12:00: a month ago is 1 February 12:00, 29 days before in a leap year.
    const month: Duration = { months: 1 };
    expect(prune([minted(90), minted(28.9)], written(28.9, 28.9), { after: month })).toEqual([]);
    expect(prune([minted(90), minted(29.1)], written(29.1, 29.1), { after: month })).toEqual(['90']);
  });

  test('ended ones too, once they are superseded', () => {
    const secrets = [minted(400, { endDaysAgo: 35 }), minted(40)];
    expect(prune(secrets, written(40, 40))).toEqual(['400']);
  });

  test('for a step output, where there are no targets', () => {
    expect(prune([minted(90), minted(60), minted(1)], [])).toEqual(['90']);
  });
});

describe('what stays', () => {
  test('the newest, even where it has ended', () => {
    expect(prune([minted(400, { endDaysAgo: 35 }), foreign('foreign', -100)], written(400, 400))).toEqual([]);
  });

  test.each([
    ['made by hand', foreign('90', -275)],
    ['of another repository', minted(90, { repository: 'octo-org/other' })],
    ['of other targets', minted(90, { digest: targetDigest([]) })],
    ['whose description is not told', { ...minted(90), description: undefined }],
  ])('a secret %s', (_, secret) => {
    expect(prune([secret, minted(60), minted(1)], written(1, 1))).toEqual([]);
  });

  test('what a target holds that was not written since', () => {
    expect(prune([minted(90), minted(60), minted(30)], written(30, 60))).toEqual(['90']);
    expect(prune([minted(90), minted(60), minted(30)], written(30, 90))).toEqual(['60']);
  });

  test('what a target may hold, as two runs were at work at once', () => {
    const secrets = [minted(90), minted(60.9), minted(60), minted(1)];
    expect(prune(secrets, written(59.95, 1))).toEqual(['90']);
    expect(prune(secrets, written(59.85, 1))).toEqual(['60.9', '90']);
  });

  test('all of them while a target is missing: the next run may write it anything', () => {
    expect(prune([minted(90), minted(60), minted(1)], written(1, null))).toEqual([]);
  });

  test('what this run signs in with, or was handed back', () => {
    const secrets = [minted(90, { display: 'key' }), minted(60), minted(1)];
    const isNeeded = ({ valueDisplay }: ListedSecret) => valueDisplay === 'key';
    expect(prune(secrets, written(1, 1), { isNeeded })).toEqual([]);
  });

  test('the last one that works', () => {
    const secrets = [minted(90), minted(60, { endDaysAgo: 59 }), minted(30, { endDaysAgo: 29 })];
    expect(prune(secrets, written(30, 30))).toEqual(['60']);
    expect(prune([...secrets, foreign('foreign', -1)], written(30, 30))).toEqual(['60', '90']);
  });

  test('the last one that works now, though another one will', () => {
    const secrets = [minted(90), minted(60, { startDaysAgo: -10 })];
    expect(prune(secrets, written(60, 60))).toEqual([]);
  });

  test('a secret that its run may still be writing, as the clocks lie five minutes apart', () => {
    // Minted a day and five minutes ago less a second, by the clock of this run; that clock may be five minutes ahead.
    const started = 1 + (5 * MINUTE - SECOND) / DAY;
    const secrets = [
      minted(90),
      { ...minted(started), id: 'under way' },
      { ...minted(started), id: 'newest' },
    ].reverse();
    const targets = written(90, 90);
    expect(prune(secrets, targets, { after: { days: 1 } })).toEqual([]);
    expect(prune(secrets, targets, { after: { days: 1 }, now: new Date(NOW + SECOND) })).toEqual(['under way']);
  });
});

describe('what this run was given stays', () => {
  const listed = [minted(90, { display: 'key' }), minted(60, { display: 'oth' }), minted(1, { display: 'new' })];
  const plan = (wanted: Partial<Wanted>, secret: Partial<Wanted['secret']> = {}, secrets = listed) =>
    planEnsure(
      {
        client: { clientId: 'invoices', declared: {}, initial: {}, ifExists: 'adopt' },
        secret: {
          rotate: 'when-due',
          rotateBefore: { days: 30 },
          pruneAfter: { hours: 12 },
          verify: true,
          revokeAtJobEnd: false,
          ...secret,
        },
        signIn: { kind: 'access-token', accessToken: new Secret('token') },
        workflow: { repository: REPOSITORY, runId: '1', runAttempt: '1' },
        ...wanted,
      },
      {
        client: { kind: 'found', found: { clientId: 'invoices' } },
        secrets: { kind: 'found', found: secrets },
        targets: written(1, 1),
        currentSecretAccepted: secret.currentSecret && true,
      },
      { github: new Date(NOW), vantage: new Date(NOW) },
    ).prune.map(({ id }) => id);
  const signIn = (clientId: string) =>
    ({ kind: 'client-credentials', clientId, clientSecret: new Secret('key-of-invoices'), scope: 'openid' }) as const;

  test('the secret that it signs in with', () => {
    expect(plan({})).toEqual(['60', '90']);
    expect(plan({ signIn: signIn('invoices') })).toEqual(['60']);
    expect(plan({ signIn: signIn('Invoices') })).toEqual(['60']);
    expect(plan({ signIn: signIn('administration') })).toEqual(['60', '90']);
  });

  test('and that of the user, by whose client it signs in', () => {
    const credentials = {
      ...signIn('invoices'),
      kind: 'password',
      username: 'anna',
      password: new Secret('word'),
    } as const;
    expect(plan({ signIn: credentials })).toEqual(['60']);
  });

  test('current-secret', () => {
    expect(plan({}, { currentSecret: new Secret('other') })).toEqual(['90']);
    expect(plan({ signIn: signIn('invoices') }, { currentSecret: new Secret('other') })).toEqual([]);
  });

  test('all of them, where their beginnings are not told', () => {
    const untold = listed.map(secret => ({ ...secret, valueDisplay: undefined }));
    expect(plan({ signIn: signIn('invoices') }, {}, untold)).toEqual([]);
    expect(plan({}, {}, untold)).toEqual(['60', '90']);
  });

  test('all of them, where nothing is to be pruned', () => {
    expect(plan({}, { rotate: 'never' })).toEqual([]);
  });
});
