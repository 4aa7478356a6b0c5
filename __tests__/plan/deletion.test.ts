import { describe, expect, test } from '@jest/globals';
import { type Mark, ownershipMark, readMark } from '../../src/model/mark.ts';
import type { PreparedTarget, ScopeVariables } from '../../src/model/prepared-target.ts';
import type { ListedSecret } from '../../src/model/vantage.ts';
import {
  type DeletionFacts,
  type Deletions,
  describeDeletions,
  planDeletions,
  readableMarkedSecrets,
} from '../../src/plan/deletion.ts';
import { needsMarks } from '../../src/plan/variables.ts';
import { preparedTarget, WORKFLOW } from '../support/workflow.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;
const WRITTEN = new Date('2027-01-31T09:00:00Z');
const REPOSITORY = 'actions repository octo-org/octo-repo as VANTAGE_CLIENT_SECRET';
const DEPENDABOT = 'dependabot repository octo-org/octo-repo as VANTAGE_CLIENT_SECRET';

/** A target that was written, with the variables next to it. */
function written(line: string, variables?: ScopeVariables, updatedAt: Date | undefined = WRITTEN): PreparedTarget {
  const { target, resolved } = preparedTarget(line);
  return { target, resolved: { ...resolved, ...(variables ? { variables } : {}) }, updatedAt };
}

/** A target that does not exist. */
function missing(line: string, variables?: ScopeVariables): PreparedTarget {
  const { updatedAt: _, ...others } = written(line, variables);
  return others;
}

/** The mark of a secret that was created some time after the targets were written. Its digests are lines of targets. */
function mark(offset: number, digests = ['repository']): Mark {
  const createdAt = new Date(WRITTEN.getTime() + offset);
  return { repository: 'octo-org/octo-repo', owner: 'github.com/1001', digests, createdAt, nonce: '9d5b65ce8600fea5' };
}

const own = (offset: number, digests?: string[]) => ({
  id: `${offset}`,
  mark: mark(offset, digests),
  startTime: undefined,
  expiration: undefined,
});
const of = (clientId: string, offset: number, digests?: string[]) => ({ clientId, mark: mark(offset, digests) });

/** Plans for targets by their lines, which are also their digests. */
function plan(targets: Readonly<Record<string, PreparedTarget>>, facts: Partial<DeletionFacts> = {}): Deletions {
  return planDeletions({
    clientId: 'invoices',
    targets: Object.values(targets),
    destinations: Object.entries(targets).map(([digest, prepared]) => ({
      digest,
      isNamedBy: ({ digests }) => digests.includes(digest),
      prepared,
    })),
    marked: [],
    ...facts,
  });
}

describe('in GitHub', () => {
  const id = (value?: string) => ({ clientId: { name: 'ID', ...(value === undefined ? {} : { value }) } });
  const ends = { expiration: { name: 'ENDS', value: '2027-07-31T09:00:00Z' } };

  test('what exists is deleted, with the variables next to it', () => {
    const repository = written('repository', { ...id('invoices'), ...ends });
    const dependabot = written('dependabot repository');
    const production = missing('environment production', { ...id(), expiration: { name: 'ENDS' } });
    const staging = missing('environment staging', ends);
    expect(plan({ repository, dependabot, production, staging })).toEqual({
      secrets: [
        { line: REPOSITORY, target: repository.target },
        { line: DEPENDABOT, target: dependabot.target },
      ],
      variables: [
        {
          line: 'variable ID of actions repository octo-org/octo-repo',
          scope: repository.target.scope,
          name: 'ID',
        },
        {
          line: 'variable ENDS of actions repository octo-org/octo-repo',
          scope: repository.target.scope,
          name: 'ENDS',
        },
        {
          line: 'variable ENDS of environment octo-org/octo-repo staging',
          scope: staging.target.scope,
          name: 'ENDS',
        },
      ],
      kept: [],
    });
  });

  test('the variables of several targets in one place are deleted once', () => {
    const one = written('repository as ONE', ends);
    const two = { ...written('repository as TWO'), resolved: one.resolved };
    expect(plan({ one, two }).variables.map(({ line }) => line)).toEqual([
      'variable ENDS of actions repository octo-org/octo-repo',
    ]);
    expect(plan({ one, two }).secrets).toHaveLength(2);
  });

  test.each(['payroll', 'Invoices', ''])('everything next to a variable that names client "%s" is kept', value => {
    const why = `variable ID there names client "${value}"`;
    const dependabot = written('dependabot repository');
    expect(plan({ repository: written('repository', { ...id(value), ...ends }), dependabot })).toEqual({
      secrets: [{ line: DEPENDABOT, target: dependabot.target }],
      variables: [],
      kept: [
        { line: REPOSITORY, why },
        { line: 'variable ID of actions repository octo-org/octo-repo', why },
        { line: 'variable ENDS of actions repository octo-org/octo-repo', why },
      ],
    });
  });

  test('spaces around the client in the variable do not matter', () => {
    expect(plan({ repository: written('repository', id(' invoices\n')) }).kept).toEqual([]);
  });

  test('the variable decides, whatever the marks say', () => {
    const others = [of('payroll', 0)];
    expect(plan({ repository: written('repository', id('invoices')) }, { others }).kept).toEqual([]);
    const orders = plan({ repository: written('repository', id('orders')) }, { others });
    expect(orders.kept[0]?.why).toBe('variable ID there names client "orders"');
  });
});

describe('a target without a variable', () => {
  /** Why the secret in the target is kept. */
  const why = (facts: Partial<DeletionFacts>) => {
    const { kept, secrets } = plan(
      { repository: written('repository'), 'dependabot repository': missing('dependabot repository') },
      facts,
    );
    expect(secrets).toHaveLength(1 - kept.length);
    return kept[0]?.why;
  };
  const tooLate = (created: string) =>
    `it was written at 2027-01-31T09:00:00.000Z, and this client's newest secret for it was created at ${created}`;
  const ofOther = (clientId: string) =>
    `it was written at 2027-01-31T09:00:00.000Z, when a secret was created for client "${clientId}": set \`client-id-variable\`, or delete it manually`;

  test('is deleted if nothing shows which client its secret belongs to', () => {
    expect(why({})).toBeUndefined();
    expect(why({ others: [] })).toBeUndefined();
    expect(why({ isAbsent: true })).toBeUndefined();
    expect(why({ others: 'unknown' })).toBeUndefined();
  });

  test('is kept if its client does not exist, and the secrets of other clients are not known', () => {
    expect(why({ others: 'unknown', isAbsent: true })).toBe(
      'the client does not exist, and Vantage does not show whether another client uses it: set `client-id-variable`, or delete it manually',
    );
  });

  test('is kept if no run that created a secret of the client can have written it', () => {
    const limit = -DAY - 5 * MINUTE;
    expect(why({ marked: [own(limit)] })).toBeUndefined();
    expect(why({ marked: [own(limit - 1)] })).toBe(tooLate('2027-01-30T08:54:59.999Z'));
    // Only the newest one counts, and only those for this target.
    expect(why({ marked: [own(0), own(limit - 1)] })).toBeUndefined();
    expect(why({ marked: [own(limit - 1), own(limit - 2)] })).toBe(tooLate('2027-01-30T08:54:59.999Z'));
    expect(why({ marked: [own(0, ['dependabot repository']), own(limit - 1)] })).toBe(
      tooLate('2027-01-30T08:54:59.999Z'),
    );
    expect(why({ marked: [own(limit - 1, ['dependabot repository'])] })).toBeUndefined();
  });

  test.each([
    ['when it was written', 0, true],
    ['five minutes later, as clocks differ', 5 * MINUTE, true],
    ['later', 5 * MINUTE + 1, false],
    ['as long before as a run can take', -DAY - 5 * MINUTE, true],
    ['longer before', -DAY - 5 * MINUTE - 1, false],
  ])('is kept if a secret of another client was created for it %s: %s ms, %j', (_, offset, isKept) => {
    expect(why({ others: [of('payroll', offset)] })).toBe(isKept ? ofOther('payroll') : undefined);
  });

  test('is kept for the first such client, not for one with a secret for another target', () => {
    const others = [of('elsewhere', 0, ['dependabot repository']), of('late', DAY), of('payroll', 0), of('orders', 0)];
    expect(why({ others })).toBe(ofOther('payroll'));
    expect(why({ others: others.slice(0, 2) })).toBeUndefined();
  });

  test('is deleted if the client created its own secret for it afterwards, or at the same time', () => {
    const marked = [own(-MINUTE)];
    expect(why({ marked, others: [of('payroll', -MINUTE - 1)] })).toBeUndefined();
    expect(why({ marked, others: [of('payroll', -MINUTE)] })).toBeUndefined();
    expect(why({ marked, others: [of('payroll', -MINUTE + 1)] })).toBe(ofOther('payroll'));
  });

  test('is kept for the stronger of two reasons', () => {
    const created = '2027-01-29T09:00:00.000Z';
    expect(why({ marked: [own(-2 * DAY)], others: [of('payroll', 0)] })).toBe(tooLate(created));
    expect(why({ marked: [own(-2 * DAY)], others: 'unknown', isAbsent: true })).toBe(tooLate(created));
  });
});

test('marks are only needed for a secret that exists, next to no variable that names a client', () => {
  expect(needsMarks(written('repository'))).toBe(true);
  expect(needsMarks(written('repository', {}))).toBe(true);
  expect(needsMarks(written('repository', { clientId: { name: 'ID' } }))).toBe(true);
  expect(needsMarks(written('repository', { clientId: { name: 'ID', value: '' } }))).toBe(false);
  expect(needsMarks(missing('repository'))).toBe(false);
});

test('the marks of a client are known if its list of secrets shows all of them', () => {
  const description = ownershipMark(WORKFLOW, ['ee3da562'], '9d5b65ce8600fea5');
  const marked: ListedSecret = { id: 'one', description };
  const found = [marked, { id: 'two', description: null }];
  expect(readableMarkedSecrets({ kind: 'found', found, whole: true })).toEqual([
    { id: 'one', mark: readMark(description), startTime: undefined, expiration: undefined },
  ]);
  expect(readableMarkedSecrets({ kind: 'found', found, whole: false })).toEqual([]);
  expect(readableMarkedSecrets({ kind: 'found', found: [marked, { id: 'two' }], whole: true })).toEqual([]);
  expect(readableMarkedSecrets({ kind: 'unreadable', reason: 'it answered 404', code: 'unsupported' })).toEqual([]);
});

describe('the plan output', () => {
  const nothing = { secrets: [], variables: [], kept: [] };
  const { target } = preparedTarget('repository');
  const { scope } = target;
  const unreadable = { kind: 'unreadable', reason: 'it answered 404', code: 'unsupported' } as const;

  test.each([
    [{ kind: 'present' }, 'delete'],
    [{ kind: 'absent' }, 'gone'],
    [{ kind: 'not-listed' }, 'delete if it exists'],
    [unreadable, 'unknown'],
  ] as const)('says of a client that is %j: %s', (presence, client) => {
    expect(describeDeletions('invoices', presence, nothing)).toEqual({
      schemaVersion: 1,
      mode: 'delete',
      clientId: 'invoices',
      client,
    });
  });

  test('names what is deleted and what is kept, and why', () => {
    const kept = [{ line: 'kept', why: 'it is not ours' }];
    const deletions = {
      secrets: [{ line: 'a secret', target }],
      variables: [{ line: 'a variable', scope, name: 'ID' }],
      kept,
    };
    expect(describeDeletions('invoices', { kind: 'present' }, deletions)).toEqual({
      schemaVersion: 1,
      mode: 'delete',
      clientId: 'invoices',
      client: 'delete',
      deleteFrom: ['a secret', 'a variable'],
      keep: kept,
    });
  });
});
