import { describe, expect, test } from '@jest/globals';
import { markNonce, ownershipMark } from '../../src/model/mark.ts';
import type { PreparedTarget } from '../../src/model/prepared-target.ts';
import type { WorkflowRun } from '../../src/model/request.ts';
import { Secret } from '../../src/model/secret.ts';
import type { Duration } from '../../src/model/time.ts';
import type { ListedSecret } from '../../src/model/vantage.ts';
import { destinationsOf } from '../../src/plan/destinations.ts';
import { markedSecrets } from '../../src/plan/marked-secrets.ts';
import { planEnsure, type Wanted } from '../../src/plan/plan.ts';
import { planPrune } from '../../src/plan/prune.ts';
import { DELIVERY, digests, GITHUB, OTHER_WORKFLOW, preparedTarget, targetOf, WORKFLOW } from '../support/workflow.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2028, 2, 1, 12);
const TARGETS = ['repository', 'environment production'];
const WEEK: Duration = { days: 7 };

/** A time a number of days before now. */
const daysAgo = (days: number) => new Date(NOW - days * DAY);

interface Listed {
  /** The lines of `write-to` that it was created for. Empty: an output. */
  readonly to?: readonly string[];
  readonly workflow?: WorkflowRun;
  readonly startDaysAgo?: number;
  /** Default: a life of one year. */
  readonly endDaysAgo?: number;
  readonly display?: string;
}

/** A secret with a mark. Its ID is its age in days. */
function created(days: number, { to = TARGETS, workflow = WORKFLOW, ...more }: Listed = {}): ListedSecret {
  const { startDaysAgo = days, endDaysAgo = days - 365, display = 'abc' } = more;
  const nonce = markNonce(daysAgo(days), '00000000');
  return {
    id: `${days}`,
    description: ownershipMark(workflow, digests(to, workflow), nonce),
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

/** The targets, by the days since their last write. Null: never written. */
function written(...days: readonly (number | null)[]): readonly PreparedTarget[] {
  return TARGETS.slice(0, days.length).map((line, index) => {
    const ago = days[index];
    return preparedTarget(line, typeof ago === 'number' ? daysAgo(ago) : undefined);
  });
}

function prune(
  listed: readonly ListedSecret[],
  targets: readonly PreparedTarget[],
  { after = WEEK, mayBeInUse = () => false, now = new Date(NOW), workflow = WORKFLOW }: Options = {},
): readonly string[] {
  const destinations = destinationsOf(targets, workflow, GITHUB);
  const marked = markedSecrets(listed);
  return planPrune(after, { workflow, listed, marked, destinations, mayBeInUse, marksNow: now }, now).map(
    ({ id }) => id,
  );
}

interface Options {
  readonly after?: Duration;
  readonly mayBeInUse?: (secret: ListedSecret) => boolean;
  readonly now?: Date;
  readonly workflow?: WorkflowRun;
}

describe('secrets that were superseded long enough ago are deleted', () => {
  test('and no others', () => {
    expect(prune([created(90), created(60), created(30), created(1)], written(1, 1))).toEqual(['60', '90']);
  });

  test('measured from the creation of the next secret', () => {
    const secrets = [created(90), created(8)];
    expect(prune(secrets, written(8, 8), { after: { days: 9 } })).toEqual([]);
    expect(prune(secrets, written(8, 8), { after: { days: 7 } })).toEqual(['90']);
  });

  test('by the calendar', () => {
    // 1 March 12:00: a month ago is 1 February 12:00, 29 days earlier in a leap year.
    const month: Duration = { months: 1 };
    expect(prune([created(90), created(28.9)], written(28.9, 28.9), { after: month })).toEqual([]);
    expect(prune([created(90), created(29.1)], written(29.1, 29.1), { after: month })).toEqual(['90']);
  });

  test('expired ones as well, if they are superseded', () => {
    const secrets = [created(400, { endDaysAgo: 35 }), created(40)];
    expect(prune(secrets, written(40, 40))).toEqual(['400']);
  });

  test('for the output of a step without targets', () => {
    const output = { to: [] };
    expect(prune([created(90, output), created(60, output), created(1, output)], [])).toEqual(['90']);
  });
});

describe('these secrets are kept', () => {
  test('the newest, even if it has expired', () => {
    expect(prune([created(400, { endDaysAgo: 35 }), foreign('foreign', -100)], written(400, 400))).toEqual([]);
  });

  test.each([
    ['made by hand', foreign('created manually', -275)],
    ['of another repository', created(90, { workflow: OTHER_WORKFLOW })],
    ['of a deleted repository of the same name', created(90, { workflow: { ...WORKFLOW, repositoryId: 4711 } })],
    [
      'of the same repository on another GitHub',
      created(90, { workflow: { ...WORKFLOW, host: 'github.acme.example' } }),
    ],
    ['of other targets', created(90, { to: ['dependabot repository', 'environment staging'] })],
    ['of an output', created(90, { to: [] })],
    ['that was also delivered to a target of another step', created(90, { to: [...TARGETS, 'dependabot repository'] })],
    ['whose description is not reported', { ...created(90), description: undefined }],
  ])('a secret %s', (_, secret) => {
    expect(prune([secret, created(60), created(1)], written(1, 1))).toEqual([]);
  });

  test('the one in a target that was not written afterwards', () => {
    expect(prune([created(90), created(60), created(30)], written(30, 60))).toEqual(['90']);
    expect(prune([created(90), created(60), created(30)], written(30, 90))).toEqual(['60']);
  });

  test('those that a target can hold because two runs were simultaneous', () => {
    const secrets = [created(90), created(60.9), created(60), created(1)];
    expect(prune(secrets, written(59.95, 1))).toEqual(['90']);
    expect(prune(secrets, written(59.85, 1))).toEqual(['60.9', '90']);
  });

  test('all if something else wrote a target, which then can hold any of them', () => {
    const secrets = [created(90), created(60), created(30)];
    expect(prune(secrets, written(30, 30))).toEqual(['60', '90']);
    expect(prune(secrets, written(1, 30))).toEqual([]);
  });

  test('all while a target is missing: the next run may write any of them', () => {
    expect(prune([created(90), created(60), created(1)], written(1, null))).toEqual([]);
  });

  test('those that this run received', () => {
    const secrets = [created(90, { display: 'key' }), created(60), created(1)];
    const mayBeInUse = ({ valueDisplay }: ListedSecret) => valueDisplay === 'key';
    expect(prune(secrets, written(1, 1), { mayBeInUse })).toEqual([]);
  });

  test('the last valid one', () => {
    const secrets = [created(90), created(60, { endDaysAgo: 59 }), created(30, { endDaysAgo: 29 })];
    expect(prune(secrets, written(30, 30))).toEqual(['60']);
    expect(prune([...secrets, foreign('foreign', -1)], written(30, 30))).toEqual(['60', '90']);
  });

  test('the last one that is valid now, even if another one will be valid later', () => {
    const secrets = [created(90), created(60, { startDaysAgo: -10 })];
    expect(prune(secrets, written(60, 60))).toEqual([]);
  });

  test('one that its run may still be writing because clocks differ by five minutes', () => {
    // Created a day and five minutes ago less a second, from the clock of this run, which can be five minutes ahead.
    const started = 1 + (5 * MINUTE - SECOND) / DAY;
    const secrets = [
      created(90),
      { ...created(started), id: 'under way' },
      { ...created(started), id: 'newest' },
    ].reverse();
    const targets = written(90, 90);
    expect(prune(secrets, targets, { after: { days: 1 } })).toEqual([]);
    expect(prune(secrets, targets, { after: { days: 1 }, now: new Date(NOW + SECOND) })).toEqual(['under way']);
  });
});

describe('in a repository', () => {
  const before = [created(90), created(60), created(30)];

  test.each<readonly [string, Partial<WorkflowRun>, readonly string[]]>([
    ['that was renamed, its earlier secrets are deleted', { repository: 'octo-org/renamed' }, ['30', '60', '90']],
    ['that was transferred, its earlier secrets are deleted', { repository: 'acme/octo-repo' }, ['30', '60', '90']],
    [
      'whose name changed its case, its earlier secrets are deleted',
      { repository: 'Octo-Org/OCTO-repo' },
      ['30', '60', '90'],
    ],
    ['that was recreated under the name of another one, no secret of that one is deleted', { repositoryId: 4711 }, []],
    ['of the same name on another GitHub, no secret of this one is deleted', { host: 'github.acme.example' }, []],
  ])('%s', (_, change, deleted) => {
    const workflow = { ...WORKFLOW, ...change };
    const targets = TARGETS.map(line => preparedTarget(targetOf(line, workflow.repository), daysAgo(10)));
    const newest = { ...created(10, { workflow }), description: describedBy(workflow, 10) };
    expect(prune([...before, newest], targets, { workflow })).toEqual(deleted);
  });

  test('that was transferred, the secrets of its former organization are kept', () => {
    const workflow = { ...WORKFLOW, repository: 'acme/octo-repo' };
    const secrets = [
      created(90, { to: ['organization octo-org'] }),
      created(10, { to: ['organization acme'], workflow }),
    ];
    expect(prune(secrets, [preparedTarget('organization acme', daysAgo(10))], { workflow })).toEqual([]);
  });

  test('whose ID is not known, no secret is deleted', () => {
    const { repositoryId: _, ...workflow } = WORKFLOW;
    expect(prune([...before, created(10, { workflow })], written(10, 10), { workflow })).toEqual([]);
  });
});

/** The mark of a secret for the same targets, by the current names of the repository. */
function describedBy(workflow: WorkflowRun, days: number): string {
  const to = digests(
    TARGETS.map(line => targetOf(line, workflow.repository)),
    workflow,
  );
  return ownershipMark(workflow, to, markNonce(daysAgo(days), '00000000'));
}

describe('if a step has more targets than before', () => {
  test('its secrets for some of the targets are deleted after they are superseded there', () => {
    const first = { to: TARGETS.slice(0, 1) };
    expect(prune([created(90, first), created(60, first), created(30)], written(30, 30))).toEqual(['60', '90']);
    expect(prune([created(90, first), created(60, first)], written(60, 60))).toEqual(['90']);
  });
});

describe('if targets are shared', () => {
  test('each of two repositories deletes only what it created, whoever superseded it', () => {
    const theirs = { workflow: OTHER_WORKFLOW };
    const secrets = [created(90), created(60, theirs), created(30, theirs), created(10)];
    expect(prune(secrets, written(10, 10))).toEqual(['90']);
    expect(prune(secrets, written(10, 10), { workflow: OTHER_WORKFLOW })).toEqual(['30', '60']);
  });

  test('a secret is kept until all targets in its mark have a newer one', () => {
    const both = created(90);
    const [one, other] = [created(30, { to: TARGETS.slice(0, 1) }), created(10, { to: TARGETS.slice(1) })];
    expect(prune([both, one], written(30, 90))).toEqual([]);
    expect(prune([both, one, other], written(30, 10))).toEqual(['90']);
    // The time counts from the creation of the last of them.
    expect(prune([both, one, other], written(30, 10), { after: { days: 11 } })).toEqual([]);
  });

  test('each step with overlapping targets deletes only what it wrote, after it is superseded in every place', () => {
    const first = ['repository', 'environment production'];
    const second = ['environment production', 'dependabot repository'];
    const secrets = [created(90, { to: first }), created(60, { to: second }), created(30, { to: first })];
    const seen = (lines: readonly string[], days: number) => lines.map(line => preparedTarget(line, daysAgo(days)));
    expect(prune(secrets, seen(first, 30))).toEqual(['90']);
    // It is superseded in one of its places. In the other one, it is the newest.
    expect(prune(secrets, seen(second, 30))).toEqual([]);
    const next = [...secrets, created(10, { to: second })];
    expect(prune(next, seen(second, 10))).toEqual(['60']);
    expect(prune(next, seen(first, 30))).toEqual(['90']);
  });
});

describe('a secret that this run received is kept', () => {
  const listed = [created(90, { display: 'key' }), created(60, { display: 'oth' }), created(1, { display: 'new' })];
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
        workflow: WORKFLOW,
        delivery: DELIVERY,
        ...wanted,
      },
      {
        client: { kind: 'found', found: { clientId: 'invoices' } },
        secrets: { kind: 'found', whole: true, found: secrets },
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

  test('also for a sign-in with username and password', () => {
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

  test('all of them if the access token is of this client: it is not known which one it was requested with', () => {
    const token = (clientId: string) => {
      const claims = Buffer.from(JSON.stringify({ client_id: clientId })).toString('base64url');
      return { kind: 'access-token', accessToken: new Secret(`header.${claims}.signature`) } as const;
    };
    expect(plan({ signIn: token('Invoices') })).toEqual([]);
    expect(plan({ signIn: token('administration') })).toEqual(['60', '90']);
  });

  test('by the first characters, however many Vantage shows', () => {
    const longer = [created(90, { display: 'key***' }), created(60, { display: 'oth***' }), created(1)];
    expect(plan({ signIn: signIn('invoices') }, {}, longer)).toEqual(['60']);
    // Not by its last ones.
    const last = [created(90, { display: '***key' }), created(60, { display: 'key***' }), created(1)];
    expect(plan({ signIn: signIn('invoices') }, {}, last)).toEqual(['90']);
  });

  test('each whose first characters are not reported', () => {
    const { valueDisplay: _, ...unreported } = created(75);
    expect(plan({ signIn: signIn('invoices') }, {}, [...listed, unreported])).toEqual(['60']);
  });

  test('all of them if Vantage does not show how secrets start', () => {
    const unreported = listed.map(secret => ({ ...secret, valueDisplay: undefined }));
    expect(plan({ signIn: signIn('invoices') }, {}, unreported)).toEqual([]);
    expect(plan({}, {}, unreported)).toEqual(['60', '90']);
  });

  test('all of them if nothing is to be pruned', () => {
    expect(plan({}, { rotate: 'never' })).toEqual([]);
  });

  test('all outputs if current-secret is refused: it is not known which secret is in use', () => {
    const secrets = [created(90, { to: [] }), created(60, { to: [], display: 'oth' }), created(1, { to: [] })];
    const outcome = (currentSecretAccepted: boolean) =>
      planEnsure(
        {
          client: { clientId: 'invoices', declared: {}, initial: {}, ifExists: 'adopt' },
          secret: {
            rotate: 'when-due',
            rotateBefore: { days: 30 },
            pruneAfter: WEEK,
            verify: true,
            revokeAtJobEnd: false,
            currentSecret: new Secret('other'),
          },
          signIn: { kind: 'access-token', accessToken: new Secret('token') },
          workflow: WORKFLOW,
          delivery: { outputSecret: true },
        },
        {
          client: { kind: 'found', found: { clientId: 'invoices' } },
          secrets: { kind: 'found', whole: true, found: secrets },
          targets: [],
          currentSecretAccepted,
        },
        { github: new Date(NOW), vantage: new Date(NOW) },
      ).prune.map(({ id }) => id);
    expect(outcome(true)).toEqual(['90']);
    expect(outcome(false)).toEqual([]);
  });
});
