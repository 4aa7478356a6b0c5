import { describe, expect, test } from '@jest/globals';
import type { ClientRequest } from '../../../../src/model/client.ts';
import { type ReadableClient, unreadable } from '../../../../src/model/vantage.ts';
import { applyClientStep, describeRefusal } from '../../../../src/modes/ensure/client.ts';
import { type ClientStep, planClient } from '../../../../src/plan/client-step.ts';
import {
  type Answers,
  ensureRequest,
  ensureRun,
  failing,
  refusal,
  rejection,
  Stage,
  type StageOptions,
} from '../../../support/stage.ts';

const DECLARED = { clientName: 'New', requireConsent: true };
const INITIAL = { ...DECLARED, allowedGrantTypes: ['client_credentials'] };
const OLD = { clientId: 'invoices', clientName: 'Old', requireConsent: false, memo: 'kept' };
const NEW = { ...OLD, ...DECLARED };
const DRIFT = { clientName: ['New', 'Old'], requireConsent: [true, false] };
const CREATE: ClientStep = { step: 'create', settings: INITIAL, why: 'GET /client answered 404' };
const wantedOf = (ifExists: ClientRequest['ifExists'], declared: ClientRequest['declared'] = DECLARED) =>
  ({ clientId: 'invoices', declared, initial: INITIAL, ifExists }) as const;

/** What a run does with a client that it read. */
async function withFound(ifExists: ClientRequest['ifExists'], found: ReadableClient, answers: Answers = {}) {
  const wanted = wantedOf(ifExists);
  return run(wanted, planClient(wanted, { kind: 'found', found }), answers);
}

/** What a run does with a client that it could not read. */
async function withUnread(
  ifExists: ClientRequest['ifExists'],
  answers: Answers,
  declared: ClientRequest['declared'] = DECLARED,
) {
  return run(wantedOf(ifExists, declared), CREATE, answers);
}

async function run(wanted: ClientRequest, planned: ClientStep, answers: Answers, options: StageOptions = {}) {
  using stage = new Stage(answers, options);
  stage.record.clientFound = planned.step === 'create' ? undefined : 'kept';
  const work = applyClientStep(ensureRun(stage, { request: ensureRequest([], { client: wanted }) }), planned);
  const result = await work.catch((error: unknown) => error);
  const { clientCreated, clientUpdated, clientUnknown, clientFound, drift, driftLeft, changed } = stage.record;
  const record = { clientCreated, clientUpdated, clientUnknown, clientFound, drift, driftLeft, changed };
  const { log, requests, topics } = stage;
  expect(topics.every(topic => topic === 'settings differ')).toBe(true);
  return { result, record, log, requests };
}

const UNTOUCHED = { clientCreated: false, clientUpdated: false, changed: false } as const;
const KEPT = { ...UNTOUCHED, clientFound: 'kept' } as const;

describe('a client that was read', () => {
  test('and has the declared settings is kept', async () => {
    expect(await withFound('adopt', NEW)).toEqual({
      result: { settings: NEW, isNew: 'no' },
      record: { ...KEPT, drift: {} },
      log: ['Client "invoices" exists and has the declared settings.'],
      requests: [],
    });
  });

  test('and has others is kept, with a warning for each', async () => {
    expect(await withFound('adopt', OLD)).toEqual({
      result: { settings: OLD, isNew: 'no' },
      record: { ...KEPT, drift: DRIFT },
      log: [
        'Warning: Client "invoices" has a different clientName: wanted "New", found "Old".',
        'Warning: Client "invoices" has a different requireConsent: wanted true, found false.',
      ],
      requests: [],
    });
  });

  test('and does not show all settings is kept, and those that are hidden are named', async () => {
    expect((await withFound('adopt', { clientId: 'invoices' })).log).toEqual([
      'Client "invoices" exists and has the declared settings.',
      'Vantage does not report clientName, requireConsent. These settings were not compared.',
    ]);
  });

  test('and has a long setting that contains a secret is reported in part, without it', async () => {
    const wanted = wantedOf('adopt', { clientName: 'New' });
    const found = { clientId: 'invoices', clientName: `canary-of-a-job${'x'.repeat(400)}` };
    const planned = planClient(wanted, { kind: 'found', found });
    const { log } = await run(wanted, planned, {}, { hidden: 'canary-of-a-job' });
    expect(log).toEqual([
      `Warning: Client "invoices" has a different clientName: wanted "New", found "***${'x'.repeat(295)}….`,
    ]);
  });
});

describe('an update', () => {
  const writing: Answers = { 'clients.update': () => undefined };

  test('writes the declared settings, keeps others, and reads the client again', async () => {
    const bodies: unknown[] = [];
    const answers = {
      'clients.update': (_: string, body: unknown) => bodies.push(body),
      'clients.read': () => ({ kind: 'found', found: NEW }),
    };
    expect(await withFound('update', OLD, answers)).toEqual({
      result: { settings: NEW, isNew: 'no' },
      record: { ...KEPT, clientUpdated: true, changed: true, drift: DRIFT, driftLeft: false },
      log: ['Updated client "invoices": clientName, requireConsent.'],
      requests: ['clients.update invoices', 'clients.read invoices'],
    });
    expect(bodies).toEqual([NEW]);
  });

  test('that Vantage applies in part is a warning', async () => {
    const found = { ...NEW, requireConsent: false };
    const answers = { ...writing, 'clients.read': () => ({ kind: 'found', found }) };
    expect(await withFound('update', OLD, answers)).toEqual({
      result: { settings: found, isNew: 'no' },
      record: {
        ...KEPT,
        clientUpdated: true,
        changed: true,
        drift: { requireConsent: [true, false] },
        driftLeft: true,
      },
      log: [
        'Updated client "invoices": clientName.',
        'Warning: Vantage reported that it updated client "invoices", but it did not apply requireConsent (wanted true, found false). Change this in Vantage, or remove it from the workflow. Otherwise each run with `if-exists: update` writes it again.',
      ],
      requests: ['clients.update invoices', 'clients.read invoices'],
    });
  });

  test('that Vantage does not apply at all is a warning that names all settings', async () => {
    const answers = { ...writing, 'clients.read': () => ({ kind: 'found', found: OLD }) };
    expect((await withFound('update', OLD, answers)).log).toEqual([
      'Updated client "invoices": Vantage applied none of the settings.',
      expect.stringContaining(
        'did not apply clientName (wanted "New", found "Old"), requireConsent (wanted true, found false). Change',
      ),
    ]);
  });

  test.each([
    ['is not offered', () => unreadable('GET /client answered 404'), 'GET /client answered 404'],
    ['fails', failing(new Error('it ended. Early.')), 'it ended. Early'],
  ])('whose result cannot be read, because the read %s, is done all the same', async (_, read, why) => {
    const written = { clientId: 'invoices', ...DECLARED, memo: 'kept' };
    expect(await withFound('update', OLD, { ...writing, 'clients.read': read })).toEqual({
      result: { settings: written, isNew: 'no' },
      record: { ...KEPT, clientUpdated: true, changed: true, drift: DRIFT },
      log: [
        'Updated client "invoices": clientName, requireConsent.',
        `Could not check whether Vantage applied the settings: ${why}.`,
      ],
      requests: ['clients.update invoices', 'clients.read invoices'],
    });
  });

  test.each([
    ['is refused', refusal('forbidden'), 'kept'],
    ['finds no client', refusal('not-found'), undefined],
    ['may have taken effect', refusal('forbidden', { outcomeUnknown: true }), undefined],
  ] as const)('that %s ends the run', async (_, error, clientFound) => {
    const { result, record, log } = await withFound('update', OLD, { 'clients.update': failing(error) });
    expect(result).toBe(error);
    expect(record).toEqual({ ...UNTOUCHED, clientFound });
    expect(log).toEqual([]);
  });

  test('of a client whose read contains a secret of this run is not sent', async () => {
    const wanted = wantedOf('update');
    const found = { ...OLD, memo: 'used with canary-of-a-job' };
    const planned = planClient(wanted, { kind: 'found', found });
    using stage = new Stage({}, { hidden: 'canary-of-a-job' });
    const work = applyClientStep(ensureRun(stage, { request: ensureRequest([], { client: wanted }) }), planned);
    expect(await rejection(work)).toMatchObject({ code: 'unsupported' });
    expect(stage.requests).toEqual([]);
    expect(stage.record).toMatchObject(UNTOUCHED);
  });
});

describe('a client that could not be read', () => {
  const created = (found?: ReadableClient) => ({ 'clients.create': () => ({ kind: 'created', found }) });
  const notCreated = (kind: string, more: object = {}) => ({
    'clients.create': () => ({ kind, refusal: refused, ...more }),
  });
  const refused = refusal('conflict');
  const refusedUnknown = refusal('vantage-unavailable', { outcomeUnknown: true });
  const NOT_READ = 'Its settings were not compared: GET /client answered 404.';

  test.each(['adopt', 'update', 'fail'] as const)('is created with if-exists: %s', async ifExists => {
    expect(await withUnread(ifExists, created())).toEqual({
      result: { settings: INITIAL, isNew: 'yes' },
      record: { ...UNTOUCHED, clientCreated: true, changed: true },
      log: ['Created client "invoices".'],
      requests: ['clients.create invoices'],
    });
  });

  test('is created, and what Vantage stores otherwise is a warning', async () => {
    const { record, log } = await withUnread('adopt', created({ ...OLD, allowedGrantTypes: ['client_credentials'] }));
    expect(record.drift).toEqual(DRIFT);
    expect(log).toEqual([
      'Created client "invoices".',
      'Warning: Client "invoices" has a different clientName: wanted "New", found "Old".',
      'Warning: Client "invoices" has a different requireConsent: wanted true, found false.',
    ]);
  });

  test.each(['adopt', 'update'] as const)('and exists is kept, if nothing is declared (%s)', async ifExists => {
    expect(await withUnread(ifExists, notCreated('taken'), {})).toEqual({
      result: { settings: INITIAL, isNew: 'no', isTaken: true },
      record: { ...KEPT },
      log: [`Client "invoices" exists. ${NOT_READ}`],
      requests: ['clients.create invoices'],
    });
  });

  test('and exists, maybe because of a lost answer of this run, is kept as one that may be new', async () => {
    expect(await withUnread('adopt', notCreated('maybe-created'))).toEqual({
      result: { settings: INITIAL, isNew: 'maybe' },
      record: { ...UNTOUCHED, clientUnknown: true, changed: true },
      log: [
        `Client "invoices" exists. It is not known whether this step created it, because an answer was lost. ${NOT_READ}`,
      ],
      requests: ['clients.create invoices'],
    });
  });

  test.each([
    [false, 'no'],
    [true, 'maybe'],
  ] as const)(
    'and is refused is left to the next request (maybe created by this run: %s)',
    async (maybeOurs, isNew) => {
      expect(await withUnread('adopt', notCreated('refused', { maybeOurs }))).toEqual({
        result: { settings: INITIAL, isNew, refusal: refused },
        record: { ...UNTOUCHED, clientUnknown: true, changed: maybeOurs },
        log: [],
        requests: ['clients.create invoices'],
      });
    },
  );

  test.each([
    ['taken', {}, { code: 'conflict', outcomeUnknown: false, message: expect.stringContaining('it already exists') }],
    ['maybe-created', {}, { code: 'conflict', outcomeUnknown: true, parts: { request: 'POST /somewhere' } }],
    ['refused', { maybeOurs: true }, refused],
  ])('ends a run with if-exists: fail (%s)', async (kind, more, failure) => {
    const { result, record, log, requests } = await withUnread('fail', notCreated(kind, more));
    expect(result).toMatchObject(failure);
    expect(record).toEqual({ ...UNTOUCHED, clientFound: kind === 'taken' ? 'kept' : undefined });
    expect(log).toEqual([]);
    expect(requests).toEqual(['clients.create invoices']);
  });

  describe('and is to be updated', () => {
    const updating = (found: ReadableClient): Answers => {
      const reads = [found, { ...found, ...DECLARED }];
      return { 'clients.update': () => undefined, 'clients.read': () => ({ kind: 'found', found: reads.shift() }) };
    };
    const unread = { 'clients.read': () => unreadable('GET /client answered 405') };

    test.each([
      ['taken', {}, 'no', undefined],
      ['maybe-created', {}, 'maybe', true],
      ['refused', { maybeOurs: false }, 'no', false],
      ['refused', { maybeOurs: true, refusal: refusedUnknown }, 'maybe', true],
    ] as const)('is read again, and updated (%s %j)', async (kind, more, isNew, clientUnknown) => {
      expect(await withUnread('update', { ...notCreated(kind, more), ...updating(OLD) })).toEqual({
        result: { settings: NEW, isNew },
        record: { ...KEPT, clientUnknown, clientUpdated: true, changed: true, drift: DRIFT, driftLeft: false },
        log: ['Updated client "invoices": clientName, requireConsent.'],
        requests: [
          'clients.create invoices',
          'clients.read invoices',
          'clients.update invoices',
          'clients.read invoices',
        ],
      });
    });

    test('is read again, and kept if it has the settings', async () => {
      expect(await withUnread('update', { ...notCreated('taken'), ...updating(NEW) })).toMatchObject({
        result: { settings: NEW, isNew: 'no' },
        record: { ...KEPT, drift: {} },
        log: ['Client "invoices" exists and has the declared settings.'],
      });
    });

    test.each(['taken', 'maybe-created'])('ends the run if it still cannot be read (%s)', async kind => {
      const { result, record, log } = await withUnread('update', { ...notCreated(kind), ...unread });
      expect(result).toMatchObject({
        code: 'unsupported',
        message:
          'updating client "invoices" failed: it exists, but its settings cannot be read: GET /client answered 405. Set `if-exists` to adopt and change the client in the user interface of Vantage.',
      });
      expect(record.clientUpdated).toBe(false);
      expect(log).toEqual([]);
    });

    test('ends the run with the refusal of its creation if it still cannot be read', async () => {
      const { result, record } = await withUnread('update', {
        ...notCreated('refused', { maybeOurs: false }),
        ...unread,
      });
      expect(result).toBe(refused);
      expect(record).toEqual({ ...UNTOUCHED, clientUnknown: true });
    });
  });
});

test('a refusal to create a client is a sentence', () => {
  expect(describeRefusal(refusal(), 'invoices')).toBe(
    'Vantage refused to create client "invoices" (POST /somewhere): it answered 403.',
  );
});
