import { describe, expect, jest, test } from '@jest/globals';
import { readMark } from '../../../../src/model/mark.ts';
import { Secret } from '../../../../src/model/secret.ts';
import { createSecret, type NewSecret } from '../../../../src/modes/ensure/create-secret.ts';
import type { SecretBody } from '../../../../src/vantage/secrets.ts';
import { withFastTime } from '../../../support/fast-time.ts';
import {
  type Answers,
  created,
  ensureRequest,
  ensureRun,
  failing,
  listOf,
  lost,
  NOW,
  refusal,
  rejection,
  Stage,
  type StageOptions,
  UNREADABLE,
} from '../../../support/stage.ts';

const END = '2027-07-31T09:00:00.000Z';
const WANTED: NewSecret = {
  life: {},
  digests: ['e0ee8bb5'],
  clock: 'vantage',
  isNewClient: false,
};
const CREATING = `Creating a secret for client "invoices", expires ${END}, marked`;
const LOST = 'Warning: Vantage did not confirm that it created a secret: it answered 500.';
const NOT_LISTED = (mark: string) =>
  `Vantage does not list a secret marked ${mark}. If it appears later, delete it (it would expire at ${END}).`;
const MAY_EXIST = (mark: string) =>
  `A secret marked ${mark} may exist until ${END}. Delete it in Vantage, because this Vantage does not list secrets (it answered 404).`;
const BOTH = ['MARK-1', 'MARK-2'].map(mark => ({ mark, expiration: END }));
const REVOKED = (mark: string) => `The secret marked ${mark} existed and was revoked.`;

const unlisted: Answers = { 'secrets.list': () => UNREADABLE };
const empty: Answers = { 'secrets.list': () => listOf([]) };

/** Answers the requests for secrets, one after the other. Vantage lists every secret whose mark it was sent. */
function creating(...results: readonly (object | Error)[]): { answers: Answers; bodies: SecretBody[] } {
  const bodies: SecretBody[] = [];
  const answers: Answers = {
    'secrets.create': (_: string, body: SecretBody) => {
      const result = results[bodies.length];
      bodies.push(body);
      if (result instanceof Error) {
        throw result;
      }
      return result;
    },
    'secrets.list': () => {
      const found = bodies.map(({ description }, index) => ({ id: `id-${index + 1}`, description }));
      return listOf(found);
    },
    'secrets.delete': () => undefined,
  };
  return { answers, bodies };
}

async function run(answers: Answers, wanted: Partial<NewSecret> = {}, options: StageOptions = {}) {
  using stage = new Stage(answers, options);
  const work = createSecret(ensureRun(stage), { ...WANTED, ...wanted });
  const result = await work.catch((error: unknown) => error);
  return {
    result,
    log: stage.log,
    saved: stage.saved,
    requests: stage.requests,
    topics: stage.topics,
    lost: stage.record.lost.map(({ mark, expiration }) => ({ mark: stage.named(mark), expiration })),
    named: (text = '') => stage.named(text),
  };
}

describe('a secret', () => {
  test('is created with a mark that was logged and saved before', async () => {
    const { answers, bodies } = creating(created({ id: '7', startTime: NOW.toISOString(), expiration: END }));
    const { result, log, saved } = await run(answers);
    const [body] = bodies;
    expect(result).toEqual({
      value: expect.any(Secret),
      mark: body?.description,
      id: '7',
      startTime: NOW.toISOString(),
      expiration: END,
      unconfirmedMarks: [],
    });
    expect(bodies).toEqual([{ description: expect.stringMatching(/^\[vantage-client /u) }]);
    expect(readMark(body?.description)).toEqual({
      repository: 'octo-org/octo-repo',
      owner: 'github.com/1001',
      digests: ['e0ee8bb5'],
      createdAt: NOW,
      nonce: expect.stringMatching(/^6b5ef810[\da-f]{8}$/u),
    });
    expect(log).toEqual([`${CREATING} MARK-1`]);
    expect(saved).toEqual([['MARK-1']]);
  });

  test('is created with the description and the life of the workflow, and dated by the clock of its mark', async () => {
    const { answers, bodies } = creating(created({}));
    using stage = new Stage(answers);
    const github = new Date('2027-01-31T09:30:00Z');
    const life = { startTime: new Date('2027-02-01T00:00:00Z'), expiration: new Date('2027-05-01T00:00:00Z') };
    const request = ensureRequest([], { secret: { description: 'Staging' } });
    const context = { ...stage.context, now: () => ({ vantage: NOW, github }) };
    await createSecret(ensureRun(stage, { request, context }), { ...WANTED, life, clock: 'github', isNewClient: true });
    expect(bodies).toEqual([
      {
        description: expect.stringMatching(/^Staging \[vantage-client /u),
        startTime: '2027-02-01T00:00:00.000Z',
        expiration: '2027-05-01T00:00:00.000Z',
      },
    ]);
    expect(readMark(bodies[0]?.description)?.createdAt).toEqual(github);
    expect(stage.log).toEqual([`${CREATING.replace(END, '2027-05-01T00:00:00.000Z')} MARK-1`]);
  });

  test.each([true, false])('is requested for a client that is new, or not (%s)', async isNewClient => {
    const options: unknown[] = [];
    const create = (_id: string, _body: SecretBody, given: object) => {
      options.push(given);
      return created({});
    };
    await run({ 'secrets.create': create }, { isNewClient });
    expect(options).toEqual([{ isNewClient }]);
  });

  test('of which Vantage reports nothing but the value has no id and no times', async () => {
    const { result } = await run(creating(created({})).answers);
    expect(result).toMatchObject({ id: undefined, startTime: undefined, expiration: undefined });
  });

  test('has times in UTC if Vantage omits the zone', async () => {
    const times = { startTime: '2027-01-31T09:00:00', expiration: '2027-07-31T09:00:00' };
    const { result } = await run(creating(created(times)).answers);
    expect(result).toMatchObject({ startTime: '2027-01-31T09:00:00Z', expiration: '2027-07-31T09:00:00Z' });
  });

  test('that is refused leaves nothing to look for', async () => {
    const error = refusal();
    const { result, log, saved } = await run(creating(error).answers);
    expect(result).toBe(error);
    expect(log).toEqual([`${CREATING} MARK-1`]);
    expect(saved).toEqual([['MARK-1'], []]);
  });

  test('whose answer could not be handled stays saved, and is named', async () => {
    const error = new Error('EPIPE');
    const { result, log, saved, topics, lost: left } = await run(creating(error).answers);
    expect(result).toBe(error);
    expect(left).toEqual([{ mark: 'MARK-1', expiration: END }]);
    expect(topics).toEqual(['secret to delete']);
    expect(log).toEqual([
      `${CREATING} MARK-1`,
      `Warning: A secret marked MARK-1 may exist until ${END}. The post step deletes it if Vantage lists it. If it is not deleted, delete it in Vantage.`,
    ]);
    expect(saved).toEqual([['MARK-1']]);
  });
});

describe('a secret whose creation is not confirmed', () => {
  test('is revoked, and another one is created', async () => {
    const { answers, bodies } = creating(lost(), created({}));
    const { result, log, saved, requests, topics, lost: left } = await run(answers);
    expect(result).toMatchObject({ mark: bodies[1]?.description, unconfirmedMarks: [] });
    expect({ topics, left }).toEqual({ topics: ['secret to delete'], left: [] });
    expect(log).toEqual([
      `${CREATING} MARK-1`,
      `${LOST} ${REVOKED('MARK-1')}`,
      'Creating another secret.',
      `${CREATING} MARK-2`,
    ]);
    expect(saved).toEqual([['MARK-1'], [], ['MARK-2']]);
    expect(requests).toEqual([
      'secrets.create invoices',
      'secrets.list invoices',
      'secrets.delete invoices id-1',
      'secrets.create invoices',
    ]);
  });

  test.each([
    ['is not listed', empty, NOT_LISTED('MARK-1')],
    ['cannot be looked up', unlisted, MAY_EXIST('MARK-1')],
  ])('and that %s stays saved, and another one is created', async (_, list, trace) => {
    const { answers } = creating(lost(), created({}));
    const { result, log, saved, named, lost: left } = await run({ ...answers, ...list });
    expect(log[1]).toBe(`${LOST} ${trace}`);
    expect(left).toEqual([{ mark: 'MARK-1', expiration: END }]);
    expect(saved).toEqual([['MARK-1'], ['MARK-1'], ['MARK-1', 'MARK-2']]);
    const { unconfirmedMarks } = result as { readonly unconfirmedMarks: readonly string[] };
    expect(unconfirmedMarks.map(mark => named(mark))).toEqual(['MARK-1']);
  });

  test.each([
    ['was revoked', {}, 'vantage-unavailable', 'Run the step again when Vantage is available.'],
    ['is not listed', empty, 'vantage-unavailable', 'Run the step again when Vantage is available.'],
  ] as const)('and that %s, is an error if there is no time for another', async (_, list, code, advice) => {
    const { answers } = creating(lost({ retryAfter: 3_600_000 }));
    const { result, log } = await run({ ...answers, ...list });
    expect(result).toMatchObject({
      code,
      outcomeUnknown: false,
      message: `creating a secret for client "invoices" failed at POST /secrets: it answered 500. ${advice}`,
    });
    expect(log).toHaveLength(2);
  });

  test('permanently is not requested again', async () => {
    const { result, requests } = await run(creating(lost({ permanent: true })).answers);
    expect(result).toMatchObject({
      code: 'unexpected-response',
      message:
        'creating a secret for client "invoices" failed at POST /secrets: it answered 500. Check that no proxy answers in place of Vantage.',
    });
    expect(requests.filter(request => request === 'secrets.create invoices')).toHaveLength(1);
  });

  test('permanently and that may remain is unaccounted for', async () => {
    const { answers } = creating(lost({ permanent: true }));
    const { result, named } = await run({ ...answers, ...unlisted });
    expect(result).toMatchObject({ code: 'secret-unaccounted', outcomeUnknown: true });
    expect(named((result as Error).message)).toBe(
      `creating a secret for client "invoices" failed at POST /secrets: it answered 500. It may have taken effect. ${MAY_EXIST('MARK-1')}`,
    );
  });

  test('because the step was cancelled is reported as that', async () => {
    const { answers } = creating(lost());
    using stage = new Stage({
      ...answers,
      'secrets.delete': () => {
        stage.deadline.cancel();
        return undefined;
      },
    });
    expect(await rejection(createSecret(ensureRun(stage), WANTED))).toMatchObject({
      code: 'cancelled',
      message: 'creating a secret for client "invoices" failed at POST /secrets: the workflow was cancelled.',
    });
    expect(stage.requests.filter(request => request.startsWith('secrets.create'))).toHaveLength(1);
  });

  test.each([
    [0.95, 'vantage-unavailable'],
    [0.001, undefined],
  ])('is requested again within a second if the answer does not say when: after %f s', async (seconds, code) => {
    const chance = jest.spyOn(Math, 'random').mockReturnValue(seconds);
    // 0.9 s of them are for the work.
    const { answers } = creating(lost({ retryAfter: undefined }), created({}));
    const { result } = await withFastTime({}, () => run(answers, {}, { timeout: 1000 }));
    chance.mockRestore();
    expect((result as { readonly code?: string }).code).toBe(code);
  });

  test('and a second one that is refused: the refusal, and the first secret if it may remain', async () => {
    const { answers } = creating(lost(), refusal('invalid-input'));
    const { result, saved, named } = await run({ ...answers, ...unlisted });
    expect(result).toMatchObject({
      code: 'secret-unaccounted',
      outcomeUnknown: true,
      cause: { code: 'invalid-input' },
    });
    expect(named((result as Error).message)).toBe(
      `creating another secret failed: asking failed at POST /somewhere: it answered 403. It may have taken effect. ${MAY_EXIST('MARK-1')}`,
    );
    expect(saved.at(-1)).toEqual(['MARK-1']);
  });

  test.each([
    ['was revoked', {}, refusal('invalid-input')],
    ['is not listed', empty, refusal('invalid-input')],
    ['may remain, and the runner fails', unlisted, new Error('EPIPE')],
  ])('and %s: the error of the second one stays as it is', async (_, list, error) => {
    const { answers } = creating(lost(), error);
    expect((await run({ ...answers, ...list })).result).toBe(error);
  });

  test.each([
    ['both were revoked', {}, `${REVOKED('MARK-1')} ${REVOKED('MARK-2')}`, false, []],
    ['neither is listed', empty, `${NOT_LISTED('MARK-1')} ${NOT_LISTED('MARK-2')}`, false, BOTH],
    ['neither can be looked up', unlisted, `${MAY_EXIST('MARK-1')} ${MAY_EXIST('MARK-2')}`, true, BOTH],
  ])('twice ends the run: %s', async (_, list, traces, outcomeUnknown, remaining) => {
    const { answers } = creating(lost(), lost());
    const { result, named, requests, lost: left } = await run({ ...answers, ...list });
    expect(left).toEqual(remaining);
    const doubt = outcomeUnknown ? ' It may have taken effect.' : '';
    expect(result).toMatchObject({ code: 'secret-unaccounted', outcomeUnknown });
    expect(named((result as Error).message)).toBe(
      `creating a secret for client "invoices" failed at POST /secrets: it answered 500.${doubt} ${traces}${outcomeUnknown ? '' : ' Run the step again when Vantage is available.'}`,
    );
    expect(requests.filter(request => request === 'secrets.create invoices')).toHaveLength(2);
  });

  test('twice, of which one may remain, may have taken effect', async () => {
    let lists = 0;
    const { answers } = creating(lost(), lost());
    const list = () => (lists++ === 0 ? UNREADABLE : listOf([]));
    expect((await run({ ...answers, 'secrets.list': list })).result).toMatchObject({ outcomeUnknown: true });
  });
});

test('a failure that is no failure of the step is passed on', async () => {
  const error = new Error('EIO');
  expect((await run({ 'secrets.create': failing(error) })).result).toBe(error);
});
