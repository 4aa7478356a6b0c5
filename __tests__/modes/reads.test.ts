import { describe, expect, test } from '@jest/globals';
import type { Deadline, StopCode, TimeBudget } from '../../src/http/deadline.ts';
import { type ErrorCode, Failure, type FailureParts } from '../../src/model/failure.ts';
import { type Mark, readMark } from '../../src/model/mark.ts';
import { type ListedSecret, type ReadableClient, type ReadList, unreadable } from '../../src/model/vantage.ts';
import { type ListRecord, listClients, readIfPossible, readOne, readOtherSecrets } from '../../src/modes/reads.ts';
import type { StepContext } from '../../src/modes/step-context.ts';
import type { Tenant } from '../../src/vantage/tenant.ts';

const REFUSED = 'GET https://vantage.example/clients answered 404 with an empty body';
const failure = (code: ErrorCode, parts: Partial<FailureParts> = {}) =>
  new Failure(code, { operation: 'listing the clients', reason: 'it answered 500', ...parts });

interface Time {
  /** The milliseconds that are left for the work. */
  readonly left?: number;
  readonly stopCode?: StopCode;
  /** The time for the read has already ended. */
  readonly isOver?: boolean;
}

/** The time of a step. `limits` are the times that were set aside for reads. */
function deadlineOf({ left = 8000, stopCode, isOver = false }: Time = {}) {
  const limits: number[] = [];
  const budget: TimeBudget = {
    signal: isOver ? AbortSignal.abort() : new AbortController().signal,
    remaining: () => left,
  };
  const within = (milliseconds: number) => {
    limits.push(milliseconds);
    return budget;
  };
  const deadline = { stopCode, within, work: { remaining: () => left } } as unknown as Deadline;
  return { deadline, budget, limits };
}

const reject = (error: unknown) => async () => {
  throw error;
};
const found = <Item>(items: readonly Item[], whole = true): ReadList<Item> => ({ kind: 'found', found: items, whole });
const unreadableBecause = (reason: string) => ({ kind: 'unreadable', reason, code: 'unexpected-response' });

describe('a read that may not be possible', () => {
  test.each([
    [8000, 2000],
    [40_000, 10_000],
    [300_000, 10_000],
  ])('gets a quarter of the %i ms that are left, and at most ten seconds: %i ms', async (left, limit) => {
    const { deadline, budget, limits } = deadlineOf({ left });
    expect(await readIfPossible(async given => ({ given }), deadline)).toEqual({ given: budget });
    expect(limits).toEqual([limit]);
  });

  test('is unreadable if it fails, with the request and the reason', async () => {
    const error = failure('vantage-unavailable', { request: 'GET https://vantage.example/clients' });
    expect(await readIfPossible(reject(error), deadlineOf().deadline)).toEqual(
      unreadableBecause('GET https://vantage.example/clients: it answered 500'),
    );
  });

  test('is unreadable if it fails without a request', async () => {
    expect(await readIfPossible(reject(failure('rate-limited')), deadlineOf().deadline)).toEqual(
      unreadableBecause('it: it answered 500'),
    );
  });

  test('is unreadable if its time is over', async () => {
    const error = failure('vantage-unavailable', { request: 'GET https://vantage.example/clients' });
    expect(await readIfPossible(reject(error), deadlineOf({ isOver: true }).deadline)).toEqual(
      unreadableBecause('GET https://vantage.example/clients did not answer in time'),
    );
  });

  test.each<readonly [string, unknown, Time]>([
    ['the workflow is cancelled', failure('cancelled'), { stopCode: 'cancelled' }],
    ['the time of the step is over', failure('timeout'), { stopCode: 'timeout' }],
    ['the action has a mistake', new TypeError('list is not a function'), {}],
  ])('ends the step if %s', async (_, error, time) => {
    await expect(readIfPossible(reject(error), deadlineOf(time).deadline)).rejects.toBe(error);
  });
});

describe('the read of one client of many', () => {
  const read = (work: () => Promise<unknown>, time?: Time) =>
    readOne({ deadline: deadlineOf(time).deadline } as StepContext, work);

  test('returns what it finds', async () => {
    expect(await read(async () => 'what it finds')).toBe('what it finds');
  });

  test.each<readonly [ErrorCode]>([['vantage-unavailable'], ['forbidden'], ['unexpected-response']])(
    'that fails with %s does not hide the others',
    async code => {
      const error = failure(code, { reason: 'it answered 500 (v1.0)', advice: 'Run the step again.' });
      expect(await read(reject(error))).toEqual(
        unreadableBecause('listing the clients failed: it answered 500 (v1.0). Run the step again'),
      );
    },
  );

  test.each<readonly [string, unknown, Time]>([
    ['the access token is refused', failure('authentication-failed'), {}],
    ['Vantage limits the rate', failure('rate-limited'), {}],
    ['the workflow is cancelled', failure('vantage-unavailable'), { stopCode: 'cancelled' }],
    ['the action has a mistake', new TypeError('list is not a function'), {}],
  ])('ends the run if %s', async (_, error, time) => {
    await expect(read(reject(error), time)).rejects.toBe(error);
  });
});

describe('the list of the clients', () => {
  const CLIENTS: readonly ReadableClient[] = [{ clientId: 'a' }, { clientId: 'b' }];
  const list = async (answer: ReadList<ReadableClient>, advice?: string) => {
    const warnings: string[] = [];
    const record: ListRecord = {};
    const tenant = { clients: { list: async () => answer } } as unknown as Tenant;
    const context = { log: { warning: (line: string) => warnings.push(line) } } as unknown as StepContext;
    const clients = await listClients(tenant, context, record, advice).catch((error: unknown) => error);
    return { clients, record, warnings };
  };

  test('is counted', async () => {
    expect(await list(found(CLIENTS))).toEqual({ clients: CLIENTS, record: { listed: 2 }, warnings: [] });
  });

  test('that may be incomplete is used, with a warning', async () => {
    expect(await list(found(CLIENTS, false))).toEqual({
      clients: CLIENTS,
      record: { listed: 2, cut: true },
      warnings: [
        'The list of clients may be incomplete: this Vantage returns the same 2 clients for every page and does not report a total. Look for further clients in Vantage.',
      ],
    });
  });

  const BY_HAND = 'This Vantage does not offer it. Do it by hand, in Vantage under Configuration → Public API Client.';
  test.each([
    ['unsupported', 'Stop.', 'Stop.'],
    ['unsupported', undefined, BY_HAND],
    ['forbidden', 'Stop.', 'Sign in as a Tenant Administrator of this tenant.'],
  ] as const)('that is %s ends the run, and says what to do', async (code, advice, said) => {
    const { clients, ...rest } = await list(unreadable(REFUSED, code), advice);
    expect(clients).toMatchObject({
      code,
      message: `listing the clients of the tenant failed: ${REFUSED}. ${said}`,
    });
    expect(rest).toEqual({ record: {}, warnings: [] });
  });
});

describe('the secrets of the other clients', () => {
  const mark = (nonce: string) =>
    `[vantage-client octo-org/octo-repo id=github.com/1001 to=e0ee8bb5 run=7.1 6921f0a0${nonce}]`;
  const A: readonly ListedSecret[] = [
    { id: '1', description: `Staging ${mark('00000001')}` },
    { id: '2', description: 'by hand' },
    { id: '3', description: null },
  ];
  const B: readonly ListedSecret[] = [{ id: '4', description: mark('00000002') }];

  type Lists = Readonly<Record<string, ReadList<ListedSecret> | Error>>;
  const ALL: Lists = { a: found(A), b: found(B), c: found<ListedSecret>([]) };

  const read = async (lists: Lists, clients?: ReadList<ReadableClient>, time?: Time) => {
    const { deadline, budget } = deadlineOf(time);
    const budgets = new Set<unknown>();
    const asked: string[] = [];
    let underWay = 0;
    let most = 0;
    const tenant = {
      clients: {
        list: async (given: unknown) => {
          budgets.add(given);
          return clients ?? found(['invoices', ...Object.keys(lists)].map(clientId => ({ clientId })));
        },
      },
      secrets: {
        list: async (clientId: string, given: unknown) => {
          budgets.add(given);
          asked.push(clientId);
          underWay += 1;
          most = Math.max(most, underWay);
          await new Promise(done => setImmediate(done));
          underWay -= 1;
          const answer = lists[clientId];
          if (answer instanceof Error) {
            throw answer;
          }
          return answer;
        },
      },
    } as unknown as Tenant;
    const result = await readOtherSecrets('invoices', tenant, { deadline } as StepContext);
    expect(budgets).toEqual(new Set([budget]));
    return { result, asked, most };
  };

  test('are those with a mark, and the client itself is not asked', async () => {
    expect(await read(ALL)).toEqual({
      result: [
        { clientId: 'a', mark: readMark(mark('00000001')) },
        { clientId: 'b', mark: readMark(mark('00000002')) },
      ],
      asked: ['a', 'b', 'c'],
      most: 3,
    });
  });

  test('are none if there is no other client', async () => {
    expect(await read({})).toEqual({ result: [], asked: [], most: 0 });
  });

  test('are read for eight clients at once', async () => {
    const many = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`c-${index}`, found(B)]));
    const { result, asked, most } = await read(many);
    expect(result).toHaveLength(20);
    expect(asked).toHaveLength(20);
    expect(most).toBe(8);
  });

  test.each<readonly [string, ReadList<ReadableClient>]>([
    ['cannot be listed', unreadable(REFUSED)],
    ['are in a list that may be incomplete', found([{ clientId: 'a' }], false)],
  ])('are not known if the clients %s', async (_, clients) => {
    expect(await read(ALL, clients)).toEqual({ result: undefined, asked: [], most: 0 });
  });

  test.each<readonly [string, ReadList<ListedSecret> | Error]>([
    ['cannot be listed', unreadable(REFUSED)],
    ['are in a list that may be incomplete', found(B, false)],
    ['have no descriptions', found([{ id: '1' }])],
    ['are in a list that fails', failure('vantage-unavailable')],
  ])('are not known if those of one client %s', async (_, list) => {
    expect((await read({ ...ALL, b: list })).result).toBeUndefined();
  });

  test('are those that a fleet has read for all of its clients', async () => {
    const secrets = ['invoices', 'a'].map(clientId => ({ clientId, mark: readMark(mark('00000001')) as Mark }));
    const readBefore = (known: typeof secrets | undefined) =>
      readOtherSecrets('invoices', {} as Tenant, { deadline: deadlineOf().deadline, markedSecrets: async () => known });
    expect(await readBefore(secrets)).toEqual(secrets.slice(1));
    expect(await readBefore(undefined)).toBeUndefined();
  });

  test('are not read any more if the workflow is cancelled', async () => {
    const error = failure('cancelled');
    await expect(read({ a: error }, undefined, { stopCode: 'cancelled' })).rejects.toBe(error);
  });
});
