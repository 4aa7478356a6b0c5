import { describe, expect, test } from '@jest/globals';
import { asFailure, type ErrorCode, Failure } from '../../../src/model/failure.ts';
import type { SweepRequest } from '../../../src/model/request.ts';
import { Secret } from '../../../src/model/secret.ts';
import type { ListedSecret, ReadList } from '../../../src/model/vantage.ts';
import { newSweepRecord } from '../../../src/modes/sweep/record.ts';
import { sweep } from '../../../src/modes/sweep/run.ts';
import { type Answers, listOf, stepInMemory, UNREADABLE } from '../../support/memory.ts';
import { RUN, WORKFLOW } from '../../support/workflow.ts';

/** One client at a time, so that the order of events is known. */
const REQUEST: SweepRequest = {
  vantage: { baseUrl: 'https://vantage.example', tenantId: 'acme', apiVersion: 'v2' },
  signIn: { kind: 'access-token', accessToken: new Secret('canary-of-the-token') },
  run: RUN,
  workflow: WORKFLOW,
  warnings: [],
  pattern: { prefix: 'pr-', suffix: '' },
  maxDeletes: 20,
  concurrency: 1,
  github: { token: new Secret('canary-of-github'), apiUrl: 'https://api.github.com', isOwn: true },
};
const MATCH = (clients: number, matching: number) => `The tenant has ${clients} clients; ${matching} match pr-{pr}.`;
const OURS = listOf<ListedSecret>([
  {
    id: '1',
    description: '[vantage-client octo-org/octo-repo id=github.com/1001 to=e0ee8bb5 run=7.1 6921f0a0c0ffee00]',
  },
]);
const BY_HAND = listOf<ListedSecret>([{ id: '2', description: 'by hand' }]);
const NO_MARK = 'none of its secrets has an ownership mark';
const failure = (code: ErrorCode, operation: string, outcomeUnknown = false) =>
  new Failure(code, { operation, reason: 'so', outcomeUnknown });
const of = <Value>(numbers: readonly number[], value: Value): Readonly<Record<string, Value>> =>
  Object.fromEntries(numbers.map(number => [`pr-${number}`, value]));

/** A tenant with the clients of these closed pull requests, which this repository created, and one other client. */
const closed = (...numbers: number[]): Answers => ({
  clients: listOf(['other', ...numbers.map(number => `pr-${number}`)].map(clientId => ({ clientId }))),
  secrets: of(numbers, OURS),
  deletion: of(numbers, 'deleted' as const),
  pullRequest: Object.fromEntries(numbers.map(number => [number, 'closed' as const])),
});

/** Answers one way the first time, and another way from then on. */
const first = <Value>(once: Value, then: Value) => {
  let asked = 0;
  return () => {
    asked += 1;
    return asked === 1 ? once : then;
  };
};

async function run(answers: Answers, request: Partial<SweepRequest> = {}, stopAt?: string) {
  const { context, events, stop } = stepInMemory(answers);
  const { info } = context.log;
  const log = {
    ...context.log,
    info: (line: string) => {
      info(line);
      if (line === stopAt) stop();
    },
  };
  const record = newSweepRecord();
  const failed = await sweep({ ...REQUEST, ...request }, { ...context, log }, record).then(() => undefined, asFailure);
  return { record, events, failure: failed && [failed.code, failed.message] };
}

const fates = ({ record }: Awaited<ReturnType<typeof run>>) =>
  Object.fromEntries(record.clients.map(({ clientId, fate }) => [clientId, fate]));

test('a sweep reads each pull request, plans, reads both again, and deletes', async () => {
  const done = await run({ ...closed(10, 2), pullRequest: { 2: 'closed', 10: 'open' } });
  const steps = [
    { clientId: 'pr-2', pullRequest: 2, step: 'delete', why: 'pull request 2 is closed' },
    { clientId: 'pr-10', pullRequest: 10, step: 'keep', why: 'pull request 10 is open' },
  ];
  expect(done.failure).toBeUndefined();
  expect(done.record).toEqual({
    mode: 'sweep',
    listed: 3,
    plan: { schemaVersion: 1, mode: 'sweep', steps },
    clients: [
      { ...steps[0], fate: 'deleted' },
      { ...steps[1], fate: 'kept' },
    ],
    changed: true,
  });
  expect(done.events).toEqual([
    MATCH(3, 2),
    'pull request 2',
    'secrets of pr-2',
    'pull request 10',
    'Group: Kept: 1 client',
    'Client "pr-10": keep, because pull request 10 is open.',
    'End of the group.',
    'Client "pr-2": delete, because pull request 2 is closed.',
    'pull request 2',
    'secrets of pr-2',
    'delete pr-2',
    'Deleted client "pr-2".',
  ]);
});

test('a dry run plans, and changes nothing', async () => {
  const done = await run(closed(2), { run: { ...RUN, dryRun: true } });
  expect(done.failure).toBeUndefined();
  expect(done.events.slice(-2)).toEqual([
    'Client "pr-2": delete, because pull request 2 is closed.',
    'A dry run changes nothing.',
  ]);
  expect(fates(done)).toEqual({ 'pr-2': 'to be deleted' });
  expect(done.record.changed).toBe(false);
});

test.each([true, false])('a plan that exceeds its limit is refused as a whole (dry run: %s)', async dryRun => {
  const done = await run(closed(2, 3), { maxDeletes: 1, run: { ...RUN, dryRun } });
  expect(done.failure).toEqual([
    'too-many-deletes',
    'sweeping pr-{pr} failed: the plan deletes 2 clients, and `max-deletes` is 1: pr-2, pr-3. Nothing was deleted. To delete all of them, increase `max-deletes` for one run.',
  ]);
  expect(fates(done)).toEqual({ 'pr-2': 'to be deleted', 'pr-3': 'to be deleted' });
  expect(done.events.at(-1)).toBe('Client "pr-3": delete, because pull request 3 is closed.');
});

test.each([1, 3])('with concurrency %i, as many pull requests are read at once', async concurrency => {
  const { events } = await run(closed(1, 2, 3, 4), { concurrency, run: { ...RUN, dryRun: true } });
  expect(events.findIndex(event => event.startsWith('secrets'))).toBe(1 + concurrency);
});

test.each([1, 3])('with concurrency %i, as many clients are deleted at once', async concurrency => {
  const { events } = await run(closed(1, 2, 3, 4), { concurrency });
  const deletions = events.slice(events.indexOf('Client "pr-4": delete, because pull request 4 is closed.') + 1);
  expect(deletions.findIndex(event => event.startsWith('secrets'))).toBe(concurrency);
});

describe('a pull request that cannot be read', () => {
  const unread = (number: number, code: ErrorCode = 'github-unavailable') =>
    failure(code, `reading pull request ${number}`);

  test('keeps its client, and the others are deleted', async () => {
    const done = await run({ ...closed(1, 2, 3), pullRequest: { 1: unread(1), 2: unread(2), 3: 'closed' } });
    expect(done.failure).toBeUndefined();
    expect(done.events).toEqual([
      MATCH(4, 3),
      'pull request 1',
      'pull request 2',
      'pull request 3',
      'secrets of pr-3',
      'Group: Kept: 2 clients',
      expect.stringContaining('pr-1": keep, because pull request 1 cannot be read: reading pull request 1 failed: so.'),
      expect.stringContaining('pr-2": keep, because pull request 2 cannot be read: reading pull request 2 failed: so.'),
      'End of the group.',
      'Client "pr-3": delete, because pull request 3 is closed.',
      'Warning: Clients kept because their pull requests cannot be read: 2. The first: reading pull request 1 failed: so.',
      'pull request 3',
      'secrets of pr-3',
      'delete pr-3',
      'Deleted client "pr-3".',
    ]);
  });

  test('like all others fails the step', async () => {
    const done = await run({ ...closed(1, 2), pullRequest: { 1: unread(1), 2: unread(2) } });
    expect(done.failure).toEqual(['github-unavailable', 'reading pull request 1 failed: so.']);
    expect(fates(done)).toEqual({ 'pr-1': 'kept', 'pr-2': 'kept' });
  });

  test('because GitHub asks to wait is the last one that is read', async () => {
    const pullRequest = { 1: 'closed', 2: unread(2, 'rate-limited'), 3: 'closed' } as const;
    const done = await run({ ...closed(1, 2, 3), pullRequest });
    expect(done.events.filter(event => event.startsWith('pull request'))).toEqual([
      'pull request 1',
      'pull request 2',
      'pull request 1',
    ]);
    expect(fates(done)).toEqual({ 'pr-1': 'deleted', 'pr-2': 'kept', 'pr-3': 'kept' });
    expect(done.record.clients[2]?.why).toBe('pull request 3 cannot be read: reading pull request 2 failed: so');
  });

  test('because the workflow is cancelled ends the sweep', async () => {
    const pullRequest = { 1: failure('cancelled', 'reading pull request 1'), 2: 'closed' } as const;
    const done = await run({ ...closed(1, 2), pullRequest }, {}, MATCH(3, 2));
    expect(done.failure).toEqual(['cancelled', 'reading pull request 1 failed: so.']);
    expect(done.events).toEqual([MATCH(3, 2), 'pull request 1']);
    expect(done.record.clients).toEqual([]);
  });

  test('because the step has no GitHub keeps its client', async () => {
    const { pullRequest: _, ...vantage } = closed(1);
    const done = await run(vantage);
    expect(done.failure).toEqual(['internal-error', 'the step failed: the request names no GitHub. Please report it.']);
    expect(fates(done)).toEqual({ 'pr-1': 'kept' });
  });

  test('is no reason to fail if no client matches', async () => {
    expect((await run(closed())).failure).toBeUndefined();
  });
});

describe('right before its deletion, a client', () => {
  test('is kept if the pull request is open again', async () => {
    const done = await run({ ...closed(1), pullRequest: { 1: first('closed' as const, 'open' as const) } });
    expect(done.events.slice(-2)).toEqual([
      'pull request 1',
      'Kept client "pr-1", because pull request 1 was reopened.',
    ]);
    expect(done.record.clients).toEqual([
      { clientId: 'pr-1', pullRequest: 1, step: 'delete', why: 'pull request 1 was reopened', fate: 'kept' },
    ]);
    expect(done.record.changed).toBe(false);
  });

  test('is kept if it got a secret of somebody else', async () => {
    const done = await run({ ...closed(1), secrets: { 'pr-1': first(OURS, BY_HAND) } });
    expect(done.failure).toBeUndefined();
    expect(done.events.slice(-3)).toEqual([
      'secrets of pr-1',
      `Kept client "pr-1", because ${NO_MARK}.`,
      `Warning: 1 client is kept although the pull request is closed, because nothing proves that this repository created them. The first: client "pr-1", because ${NO_MARK}. Delete what is no longer needed manually, in Vantage.`,
    ]);
    expect(done.record.clients).toEqual([
      { clientId: 'pr-1', pullRequest: 1, step: 'delete', why: NO_MARK, fate: 'kept', unproven: true },
    ]);
  });

  const laterHidden = () => ({ 'pr-1': first<ReadList<ListedSecret>>(OURS, UNREADABLE) });
  const GONE = [
    { clientId: 'pr-1', pullRequest: 1, step: 'delete', why: 'pull request 1 is closed', fate: 'gone' },
  ] as const;

  test('is gone if somebody else deleted it', async () => {
    const done = await run({ ...closed(1), secrets: laterHidden(), presence: { 'pr-1': { kind: 'absent' } } });
    expect(done.failure).toBeUndefined();
    expect(done.events.slice(-3)).toEqual(['secrets of pr-1', 'find pr-1', 'Client "pr-1" does not exist any more.']);
    expect(done.record).toMatchObject({ clients: GONE, changed: false });
    expect(done.record.clients[0]).not.toHaveProperty('unproven');
  });

  test('is gone if somebody else deletes it first', async () => {
    const done = await run({ ...closed(1), deletion: { 'pr-1': 'absent' } });
    expect(done.failure).toBeUndefined();
    expect(done.events.at(-1)).toBe('Client "pr-1" does not exist any more.');
    expect(done.record).toMatchObject({ clients: GONE, changed: false });
  });

  test.each(['present', 'not-listed'] as const)(
    'is kept if its secrets are hidden by then, and it is %s',
    async kind => {
      const done = await run({ ...closed(1), secrets: laterHidden(), presence: { 'pr-1': { kind } } });
      expect(done.record.clients).toMatchObject([{ clientId: 'pr-1', fate: 'kept', unproven: true }]);
      expect(done.events).not.toContain('delete pr-1');
    },
  );
});

test('clients that nobody proves to own are kept, and one warning counts them', async () => {
  const done = await run({ ...closed(1, 2, 3), secrets: { 'pr-1': BY_HAND, 'pr-2': OURS, 'pr-3': BY_HAND } });
  expect(done.failure).toBeUndefined();
  expect(done.events.slice(-2)).toEqual([
    'Deleted client "pr-2".',
    `Warning: 2 clients are kept although the pull request is closed, because nothing proves that this repository created them. The first: client "pr-1", because ${NO_MARK}. Delete what is no longer needed manually, in Vantage.`,
  ]);
});

describe('a deletion that fails', () => {
  const deletion = (failed: Failure) => ({ 'pr-1': failed, 'pr-2': 'deleted' as const });

  test('does not stop the others', async () => {
    const done = await run({ ...closed(1, 2), deletion: deletion(failure('conflict', 'deleting client "pr-1"')) });
    expect(done.failure).toEqual(['conflict', 'deleting client "pr-1" failed: so.']);
    expect(done.events.slice(-5)).toEqual([
      'Deleting client "pr-1" failed.',
      'pull request 2',
      'secrets of pr-2',
      'delete pr-2',
      'Deleted client "pr-2".',
    ]);
    expect(done.record.clients).toMatchObject([
      { clientId: 'pr-1', fate: 'failed', failure: { code: 'conflict', outcomeUnknown: false } },
      { clientId: 'pr-2', fate: 'deleted' },
    ]);
    expect(done.record.changed).toBe(true);
  });

  test.each([
    [true, true],
    [false, false],
  ])('and may have taken effect (%s) may be a change (%s)', async (outcomeUnknown, changed) => {
    const failed = failure('vantage-unavailable', 'deleting client "pr-1"', outcomeUnknown);
    const done = await run({ ...closed(1), deletion: { 'pr-1': failed } });
    expect(done.record.changed).toBe(changed);
    expect(done.record.clients[0]?.failure).toMatchObject({
      code: 'vantage-unavailable',
      outcomeUnknown,
      message: failed.message,
    });
  });

  test('is reported with the other failures', async () => {
    const failed = { 'pr-1': failure('conflict', 'one'), 'pr-2': failure('not-found', 'two') };
    expect((await run({ ...closed(1, 2), deletion: failed })).failure).toEqual([
      'not-found',
      'deleting the clients of closed pull requests failed: one failed: so. · two failed: so.',
    ]);
  });

  test.each(['authentication-failed', 'forbidden', 'unsupported', 'rate-limited'] as const)(
    'and would fail for each, because it is %s, stops the others',
    async code => {
      const done = await run({ ...closed(1, 2), deletion: deletion(failure(code, 'deleting client "pr-1"')) });
      expect(done.failure).toEqual([code, 'deleting client "pr-1" failed: so.']);
      expect(done.events.at(-1)).toBe('Deleting client "pr-1" failed.');
      expect(fates(done)).toEqual({ 'pr-1': 'failed', 'pr-2': 'to be deleted' });
    },
  );
});

test('a cancellation between two deletions leaves the rest to the next run', async () => {
  const done = await run(closed(1, 2), {}, 'Deleted client "pr-1".');
  expect(done.failure).toEqual([
    'cancelled',
    'deleting the clients of closed pull requests failed: the workflow was cancelled.',
  ]);
  expect(done.events.at(-1)).toBe('Deleted client "pr-1".');
  expect(fates(done)).toEqual({ 'pr-1': 'deleted', 'pr-2': 'to be deleted' });
});
