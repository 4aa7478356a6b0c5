import { describe, expect, test } from '@jest/globals';
import { type ErrorCode, Failure } from '../../../src/model/failure.ts';
import type { SweepRequest } from '../../../src/model/request.ts';
import { Secret } from '../../../src/model/secret.ts';
import { newSweepRecord } from '../../../src/modes/sweep/record.ts';
import { sweep } from '../../../src/modes/sweep/run.ts';
import { summarizeSweep } from '../../../src/modes/sweep/summary.ts';
import { renderSummary } from '../../../src/report/summary.ts';
import { readSummary } from '../../support/markdown.ts';
import { type Answers, failing, failureOf, listOf, NOW, Stage, UNREADABLE } from '../../support/stage.ts';
import { COMMON_REQUEST, RUN } from '../../support/workflow.ts';

/** One client at a time, so that the order of events is known. */
const REQUEST: SweepRequest = {
  ...COMMON_REQUEST,
  pattern: { prefix: 'pr-', suffix: '' },
  maxDeletes: 20,
  concurrency: 1,
  github: { token: new Secret('canary-of-github'), apiUrl: 'https://api.github.com', isOwn: true },
};
const MATCH = (clients: number, matching: number) => `The tenant has ${clients} clients; ${matching} match pr-{pr}.`;
const OURS = listOf([
  {
    id: '1',
    description: '[vantage-client octo-org/octo-repo id=github.com/1001 to=e0ee8bb5 run=7.1 6921f0a0c0ffee00]',
  },
]);
const BY_HAND = listOf([{ id: '2', description: 'by hand' }]);
const NO_MARK = 'none of its secrets has an ownership mark';
const failure = (code: ErrorCode, operation: string, outcomeUnknown = false) =>
  new Failure(code, { operation, reason: 'so', outcomeUnknown });
const ASKED_FIRST = ['tokens.signIn', 'clients.list'];
const STATE = 'github.pullRequests.state';

/** The same answer to a request for each of these pull requests. */
const each = (request: string, numbers: readonly number[], answer: unknown): Answers =>
  Object.fromEntries(numbers.map(number => [`${request}${number}`, () => answer]));

/** A tenant with the clients of these pull requests, which this repository created, and one other client. */
const tenantOf = (...numbers: readonly number[]): Answers => ({
  'tokens.signIn': () => ({}),
  'clients.list': () => listOf(['other', ...numbers.map(number => `pr-${number}`)].map(clientId => ({ clientId }))),
  ...each('secrets.list pr-', numbers, OURS),
  ...each('clients.delete pr-', numbers, 'deleted'),
});

/** The same, and the pull requests are closed. */
const closed = (...numbers: readonly number[]): Answers => ({
  ...tenantOf(...numbers),
  ...each(`${STATE} `, numbers, 'closed'),
});

/** Answers one way the first time, and another way from then on. */
const first = <Value>(once: Value, then: Value) => {
  let asked = 0;
  return () => {
    asked += 1;
    return asked === 1 ? once : then;
  };
};

async function run(answers: Answers, request: Partial<SweepRequest> = {}, cancelAt?: string) {
  using stage = new Stage(answers, { cancelAt });
  const record = newSweepRecord();
  const wanted = { ...REQUEST, ...request };
  const failed = await failureOf(sweep(wanted, stage.context, record));
  const markdown = renderSummary(
    (markdown, failure) => summarizeSweep({ request: wanted, record, markdown, failure }),
    failed,
    text => text,
    NOW,
  );
  const failure = failed && [failed.code, failed.message];
  return { record, events: stage.events, failure, summary: readSummary(markdown) };
}

const fates = ({ record }: Awaited<ReturnType<typeof run>>) =>
  Object.fromEntries(record.clients.map(({ clientId, fate }) => [clientId, fate]));

test('a sweep reads each pull request, plans, reads both again, and deletes', async () => {
  const done = await run({ ...closed(10, 2), [`${STATE} 10`]: () => 'open' });
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
    ...ASKED_FIRST,
    MATCH(3, 2),
    'github.pullRequests.state 2',
    'secrets.list pr-2',
    'github.pullRequests.state 10',
    'Group: Kept: 1 client',
    'Client "pr-10": keep, because pull request 10 is open.',
    'End of the group.',
    'Client "pr-2": delete, because pull request 2 is closed.',
    'github.pullRequests.state 2',
    'secrets.list pr-2',
    'clients.delete pr-2',
    'Deleted client "pr-2".',
  ]);
});

test('a dry run plans, and changes nothing', async () => {
  const done = await run(closed(2), { run: { ...RUN, dryRun: true } });
  expect(done.failure).toBeUndefined();
  expect(done.events).toEqual([
    ...ASKED_FIRST,
    MATCH(2, 1),
    'github.pullRequests.state 2',
    'secrets.list pr-2',
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
  expect(events.findIndex(event => event.startsWith('secrets.list'))).toBe(ASKED_FIRST.length + 1 + concurrency);
});

test.each([1, 3])('with concurrency %i, as many clients are deleted at once', async concurrency => {
  const { events } = await run(closed(1, 2, 3, 4), { concurrency });
  const deletions = events.slice(events.indexOf('Client "pr-4": delete, because pull request 4 is closed.') + 1);
  expect(deletions.findIndex(event => event.startsWith('secrets.list'))).toBe(concurrency);
});

describe('a pull request that cannot be read', () => {
  const unread = (number: number, code: ErrorCode = 'github-unavailable'): Answers => ({
    [`${STATE} ${number}`]: failing(failure(code, `reading pull request ${number}`)),
  });

  test('keeps its client, and the others are deleted', async () => {
    const done = await run({ ...closed(1, 2, 3), ...unread(1), ...unread(2) });
    expect(done.failure).toBeUndefined();
    expect(done.summary.alert).toEqual([
      'To do: Find out why the pull requests cannot be read. Until then, their clients are kept.',
    ]);
    expect(done.summary.tables.find(({ under }) => under === 'Kept, and needs a look: 2')?.rows).toHaveLength(2);
    expect(done.events).toEqual([
      ...ASKED_FIRST,
      MATCH(4, 3),
      'github.pullRequests.state 1',
      'github.pullRequests.state 2',
      'github.pullRequests.state 3',
      'secrets.list pr-3',
      'Group: Kept: 2 clients',
      expect.stringContaining('pr-1": keep, because pull request 1 cannot be read: reading pull request 1 failed: so.'),
      expect.stringContaining('pr-2": keep, because pull request 2 cannot be read: reading pull request 2 failed: so.'),
      'End of the group.',
      'Client "pr-3": delete, because pull request 3 is closed.',
      'Warning: Clients kept because their pull requests cannot be read: 2. The first: reading pull request 1 failed: so.',
      'github.pullRequests.state 3',
      'secrets.list pr-3',
      'clients.delete pr-3',
      'Deleted client "pr-3".',
    ]);
  });

  test('like all others fails the step', async () => {
    const done = await run({ ...closed(1, 2), ...unread(1), ...unread(2) });
    expect(done.failure).toEqual(['github-unavailable', 'reading pull request 1 failed: so.']);
    expect(fates(done)).toEqual({ 'pr-1': 'kept', 'pr-2': 'kept' });
  });

  test('because GitHub asks to wait is the last one that is read', async () => {
    const done = await run({ ...closed(1, 2, 3), ...unread(2, 'rate-limited') });
    expect(done.events.filter(event => event.startsWith('github.pullRequests.state'))).toEqual([
      'github.pullRequests.state 1',
      'github.pullRequests.state 2',
      'github.pullRequests.state 1',
    ]);
    expect(fates(done)).toEqual({ 'pr-1': 'deleted', 'pr-2': 'kept', 'pr-3': 'kept' });
    expect(done.record.clients[2]?.why).toBe('pull request 3 cannot be read: reading pull request 2 failed: so');
  });

  test('because the workflow is cancelled ends the sweep', async () => {
    const done = await run({ ...closed(1, 2), ...unread(1, 'cancelled') }, {}, MATCH(3, 2));
    expect(done.failure).toEqual(['cancelled', 'reading pull request 1 failed: so.']);
    expect(done.events).toEqual([...ASKED_FIRST, MATCH(3, 2), `${STATE} 1`]);
    expect(done.record.clients).toEqual([]);
  });

  test('because the step has no GitHub keeps its client', async () => {
    const done = await run(tenantOf(1));
    expect(done.failure).toEqual(['internal-error', 'the step failed: the request names no GitHub. Please report it.']);
    expect(fates(done)).toEqual({ 'pr-1': 'kept' });
  });

  test('is no reason to fail if no client matches', async () => {
    expect((await run(closed())).failure).toBeUndefined();
  });
});

describe('right before its deletion, a client', () => {
  test('is kept if the pull request is open again', async () => {
    const done = await run({ ...closed(1), [`${STATE} 1`]: first('closed', 'open') });
    expect(done.events.slice(-2)).toEqual([
      'github.pullRequests.state 1',
      'Kept client "pr-1", because pull request 1 was reopened.',
    ]);
    expect(done.record.clients).toEqual([
      { clientId: 'pr-1', pullRequest: 1, step: 'delete', why: 'pull request 1 was reopened', fate: 'kept' },
    ]);
    expect(done.record.changed).toBe(false);
  });

  test('is kept if it got a secret of somebody else', async () => {
    const done = await run({ ...closed(1), 'secrets.list pr-1': first(OURS, BY_HAND) });
    expect(done.failure).toBeUndefined();
    expect(done.events.slice(-3)).toEqual([
      'secrets.list pr-1',
      `Kept client "pr-1", because ${NO_MARK}.`,
      `Warning: 1 client is kept although the pull request is closed, because nothing proves that this repository created them. The first: client "pr-1", because ${NO_MARK}. Delete what is no longer needed manually, in Vantage.`,
    ]);
    expect(done.record.clients).toEqual([
      { clientId: 'pr-1', pullRequest: 1, step: 'delete', why: NO_MARK, fate: 'kept', unproven: true },
    ]);
  });

  /** Vantage hides its secrets by then, and finds the client or does not. */
  const hidden = (kind: string): Answers => ({
    'secrets.list pr-1': first<unknown>(OURS, UNREADABLE),
    'clients.find pr-1': () => ({ kind }),
  });
  const GONE = [
    { clientId: 'pr-1', pullRequest: 1, step: 'delete', why: 'pull request 1 is closed', fate: 'gone' },
  ] as const;

  test('is gone if somebody else deleted it', async () => {
    const done = await run({ ...closed(1), ...hidden('absent') });
    expect(done.failure).toBeUndefined();
    expect(done.events.slice(-3)).toEqual([
      'secrets.list pr-1',
      'clients.find pr-1',
      'Client "pr-1" does not exist any more.',
    ]);
    expect(done.record).toMatchObject({ clients: GONE, changed: false });
    expect(done.record.clients[0]).not.toHaveProperty('unproven');
  });

  test('is gone if somebody else deletes it first', async () => {
    const done = await run({ ...closed(1), 'clients.delete pr-1': () => 'absent' });
    expect(done.failure).toBeUndefined();
    expect(done.events.at(-1)).toBe('Client "pr-1" does not exist any more.');
    expect(done.record).toMatchObject({ clients: GONE, changed: false });
  });

  test.each(['present', 'not-listed'] as const)(
    'is kept if its secrets are hidden by then, and it is %s',
    async kind => {
      const done = await run({ ...closed(1), ...hidden(kind) });
      expect(done.record.clients).toMatchObject([{ clientId: 'pr-1', fate: 'kept', unproven: true }]);
      expect(done.events).not.toContain('clients.delete pr-1');
    },
  );
});

test('clients that nobody proves to own are kept, and one warning counts them', async () => {
  const done = await run({ ...closed(1, 2, 3), ...each('secrets.list pr-', [1, 3], BY_HAND) });
  expect(done.failure).toBeUndefined();
  expect(done.events.slice(-2)).toEqual([
    'Deleted client "pr-2".',
    `Warning: 2 clients are kept although the pull request is closed, because nothing proves that this repository created them. The first: client "pr-1", because ${NO_MARK}. Delete what is no longer needed manually, in Vantage.`,
  ]);
});

describe('a deletion that fails', () => {
  const withFailure = (code: ErrorCode): Answers => ({
    ...closed(1, 2),
    'clients.delete pr-1': failing(failure(code, 'deleting client "pr-1"')),
  });

  test('does not stop the others', async () => {
    const done = await run(withFailure('conflict'));
    expect(done.failure).toEqual(['conflict', 'deleting client "pr-1" failed: so.']);
    expect(done.events.slice(-5)).toEqual([
      'Deleting client "pr-1" failed.',
      'github.pullRequests.state 2',
      'secrets.list pr-2',
      'clients.delete pr-2',
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
    const done = await run({ ...closed(1), 'clients.delete pr-1': failing(failed) });
    expect(done.record.changed).toBe(changed);
    expect(done.record.clients[0]?.failure).toMatchObject({
      code: 'vantage-unavailable',
      outcomeUnknown,
      message: failed.message,
    });
  });

  test('is reported with the other failures', async () => {
    const answers: Answers = {
      ...closed(1, 2),
      'clients.delete pr-1': failing(failure('conflict', 'one')),
      'clients.delete pr-2': failing(failure('not-found', 'two')),
    };
    expect((await run(answers)).failure).toEqual([
      'not-found',
      'deleting the clients of closed pull requests failed: one failed: so. · two failed: so.',
    ]);
  });

  test.each(['authentication-failed', 'forbidden', 'unsupported', 'rate-limited'] as const)(
    'and would fail for each, because it is %s, stops the others',
    async code => {
      const done = await run(withFailure(code));
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
