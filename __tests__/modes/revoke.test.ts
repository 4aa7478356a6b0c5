import { describe, expect, test } from '@jest/globals';
import type { TimeBudget } from '../../src/http/deadline.ts';
import type { RevocationRequest } from '../../src/model/request.ts';
import { type ListedSecret, type ReadList, unreadable } from '../../src/model/vantage.ts';
import { revokeMarked, revokeOnceListed, revokePending } from '../../src/modes/revoke.ts';
import type { StepContext } from '../../src/modes/step-context.ts';
import type { Tenant } from '../../src/vantage/tenant.ts';
import { withFastTime } from '../support/fast-time.ts';
import { Stage } from '../support/stage.ts';
import { COMMON_REQUEST } from '../support/workflow.ts';

const MARK = '[vantage-client octo-org/octo-repo id=github.com/1001 to=e0ee8bb5 run=7.1 6921f0a0c0ffee00]';
const OTHER = MARK.replace('c0ffee', 'facade');

/** The times that the tests wait are short, because time passes fast. */
const FAST = {};
const budgetUntil = (signal: AbortSignal): TimeBudget => ({ signal, remaining: () => 60_000 });
const BUDGET = budgetUntil(new AbortController().signal);
const OVER = budgetUntil(AbortSignal.abort());

const listOf = (found: readonly ListedSecret[], whole = true): ReadList<ListedSecret> => ({
  kind: 'found',
  found,
  whole,
});
const OURS: ListedSecret = { id: 'ours', description: `Staging ${MARK}` };
const THEIRS: ListedSecret = { id: 'theirs', description: OTHER };
const BY_HAND: ListedSecret = { id: 'by hand', description: null };
const UNREADABLE = unreadable('GET https://vantage.example answered 404');

interface Answers {
  /** What each list returns or throws, the last one from then on. */
  readonly lists: readonly (ReadList<ListedSecret> | Error)[];
  /** Why Vantage does not delete a secret. */
  readonly refusal?: string;
}

/** The secrets of a client, as a tenant shows them. `asked` is everything that it was asked. */
function tenantOf({ lists, refusal }: Answers) {
  const asked: unknown[][] = [];
  let answered = 0;
  const secrets = {
    list: async (...of: unknown[]) => {
      asked.push(['list', ...of]);
      const answer = lists[Math.min(answered, lists.length - 1)];
      answered += 1;
      if (answer instanceof Error) {
        throw answer;
      }
      return answer;
    },
    delete: async (...of: unknown[]) => {
      asked.push(['delete', ...of]);
      return refusal;
    },
  };
  return { tenant: { secrets } as unknown as Tenant, asked };
}

const LIST = ['list', 'invoices', BUDGET];
const DELETE = ['delete', 'invoices', 'ours', BUDGET];

describe('a secret with the mark', () => {
  const revoke = async (answers: Answers) => {
    const { tenant, asked } = tenantOf(answers);
    return { result: await revokeMarked(tenant, 'invoices', MARK, BUDGET), asked };
  };

  test('is deleted, and no other secret', async () => {
    const done = await revoke({ lists: [listOf([BY_HAND, THEIRS, OURS])] });
    expect(done).toEqual({ result: { kind: 'revoked' }, asked: [LIST, DELETE] });
  });

  test('is deleted even if the list is incomplete, or hides the descriptions of others', async () => {
    const done = await revoke({ lists: [listOf([{ id: 'hidden' }, OURS], false)] });
    expect(done).toEqual({ result: { kind: 'revoked' }, asked: [LIST, DELETE] });
  });

  test('remains if Vantage does not delete it', async () => {
    const done = await revoke({ lists: [listOf([OURS])], refusal: 'it answered 403' });
    expect(done).toEqual({ result: { kind: 'remains', reason: 'it answered 403' }, asked: [LIST, DELETE] });
  });

  test.each<readonly [string, ReadList<ListedSecret> | Error, object]>([
    [
      'Vantage does not list secrets',
      UNREADABLE,
      {
        kind: 'remains',
        reason: 'this Vantage does not list secrets (GET https://vantage.example answered 404)',
      },
    ],
    [
      'the list hides descriptions',
      listOf([THEIRS, { id: 'hidden' }]),
      { kind: 'remains', reason: 'the list of secrets does not include their descriptions' },
    ],
    [
      'the list is incomplete',
      listOf([THEIRS, BY_HAND], false),
      {
        kind: 'remains',
        reason: 'it is not among the 2 secrets that this Vantage lists, and the list may be incomplete',
        isUnlisted: true,
      },
    ],
    ['only other secrets exist', listOf([THEIRS, BY_HAND]), { kind: 'not-listed' }],
    ['no secret exists', listOf([]), { kind: 'not-listed' }],
    [
      'the list fails',
      new Error('listing failed: it answered 500. Run the step again.'),
      { kind: 'remains', reason: 'listing failed: it answered 500. Run the step again' },
    ],
    ['the list fails without a full stop', new Error('e.g. so'), { kind: 'remains', reason: 'e.g. so' }],
  ])('is not deleted if %s', async (_, list, result) => {
    expect(await revoke({ lists: [list] })).toEqual({ result, asked: [LIST] });
  });
});

describe('a secret that exists', () => {
  const revoke = async (answers: Answers, budget = BUDGET) => {
    const { tenant, asked } = tenantOf(answers);
    const result = await withFastTime(FAST, () => revokeOnceListed(tenant, 'invoices', MARK, budget));
    return { result, asked };
  };

  test('is searched once if Vantage lists it at once', async () => {
    expect(await revoke({ lists: [listOf([OURS])] })).toEqual({ result: { kind: 'revoked' }, asked: [LIST, DELETE] });
  });

  test.each([
    ['complete', true],
    ['incomplete', false],
  ])('is searched again if a list that is %s does not contain it yet', async (_, whole) => {
    const done = await revoke({ lists: [listOf([], whole), listOf([THEIRS], whole), listOf([OURS], whole)] });
    expect(done).toEqual({ result: { kind: 'revoked' }, asked: [LIST, LIST, LIST, DELETE] });
  });

  test('is searched five times in four seconds', async () => {
    const began = performance.now();
    const done = await revoke({ lists: [listOf([THEIRS])] });
    expect(done).toEqual({ result: { kind: 'not-listed' }, asked: [LIST, LIST, LIST, LIST, LIST] });
    expect(performance.now() - began).toBeGreaterThanOrEqual(3700);
  });

  test('is searched a last time if four lists did not contain it', async () => {
    const none = listOf([THEIRS]);
    const done = await revoke({ lists: [none, none, none, none, listOf([OURS])] });
    expect(done).toEqual({ result: { kind: 'revoked' }, asked: [LIST, LIST, LIST, LIST, LIST, DELETE] });
  });

  test.each<readonly [string, ReadList<ListedSecret>, string | undefined]>([
    ['Vantage lists no secrets', UNREADABLE, undefined],
    ['Vantage hides descriptions', listOf([{ id: 'hidden' }]), undefined],
    ['Vantage does not delete it', listOf([OURS]), 'it answered 403'],
  ])('is not searched again if %s', async (_, list, refusal) => {
    const done = await revoke({ lists: [list], ...(refusal ? { refusal } : {}) });
    expect(done.result).toMatchObject({ kind: 'remains' });
    expect(done.asked.filter(([what]) => what === 'list')).toEqual([LIST]);
  });

  test('is not searched again if the time is over', async () => {
    const done = await revoke({ lists: [listOf([THEIRS])] }, OVER);
    expect(done).toEqual({ result: { kind: 'not-listed' }, asked: [['list', 'invoices', OVER]] });
  });
});

describe('at the end of the job', () => {
  const SIGN_IN = { kind: 'access-token' };
  const revoke = async (marks: readonly string[], answers: Answers) => {
    const { tenant, asked } = tenantOf(answers);
    const log: string[] = [];
    const context = {
      tokens: { signIn: async (way: unknown) => ({ signedInBy: way }) },
      openTenant: (session: unknown) => {
        asked.push(['open', session]);
        return tenant;
      },
      deadline: { work: OVER },
      log: {
        info: (line: string) => log.push(line),
        warning: (line: string, topic: string) => log.push(`Warning about ${topic}: ${line}`),
      },
    } as unknown as StepContext;
    const secrets = marks.map(mark => ({ clientId: 'invoices', mark }));
    await revokePending({ signIn: SIGN_IN } as RevocationRequest, secrets, context);
    return { log, asked };
  };
  const OPEN = ['open', { signedInBy: SIGN_IN }];

  test('each pending secret is deleted', async () => {
    expect(await revoke([OTHER, MARK], { lists: [listOf([OURS, THEIRS])] })).toEqual({
      log: [
        `Deleted the secret of client "invoices" marked ${OTHER}`,
        `Deleted the secret of client "invoices" marked ${MARK}`,
      ],
      asked: [
        OPEN,
        ['list', 'invoices', OVER],
        ['delete', 'invoices', 'theirs', OVER],
        ['list', 'invoices', OVER],
        ['delete', 'invoices', 'ours', OVER],
      ],
    });
  });

  test('a secret that is not listed was deleted or never created', async () => {
    const { log } = await revoke([MARK], { lists: [listOf([THEIRS])] });
    expect(log).toEqual([
      `Vantage does not list a secret of client "invoices" with this mark. It was deleted or never created: ${MARK}`,
    ]);
  });

  test('a secret that may remain is named in a warning, and the next one is deleted', async () => {
    const { log } = await revoke([MARK, OTHER], { lists: [new Error('It answered 500.'), listOf([THEIRS])] });
    expect(log).toEqual([
      `Warning about secret to delete: A secret of client "invoices" may still exist, because It answered 500. Delete it in Vantage: ${MARK}`,
      `Deleted the secret of client "invoices" marked ${OTHER}`,
    ]);
  });

  test('the secrets of eight clients are deleted at once, and those of one client one after the other', async () => {
    const underWay: string[] = [];
    const twice: string[] = [];
    let most = 0;
    using stage = new Stage({
      'tokens.signIn': () => ({}),
      'secrets.list': async (clientId: string) => {
        twice.push(...underWay.filter(other => other === clientId));
        underWay.push(clientId);
        most = Math.max(most, underWay.length);
        await new Promise(done => setImmediate(done));
        underWay.splice(underWay.indexOf(clientId), 1);
        return listOf([OURS, THEIRS]);
      },
      'secrets.delete': () => undefined,
    });
    const clientIds = Array.from({ length: 20 }, (_, index) => `client-${index}`);
    const pending = clientIds.flatMap(clientId => [MARK, OTHER].map(mark => ({ clientId, mark })));
    await revokePending(COMMON_REQUEST, pending, stage.context);
    expect({ most, twice }).toEqual({ most: 8, twice: [] });
    expect(stage.requests.filter(request => request.startsWith('secrets.delete')).sort()).toEqual(
      clientIds.flatMap(clientId => ['ours', 'theirs'].map(id => `secrets.delete ${clientId} ${id}`)).sort(),
    );
  });
});
