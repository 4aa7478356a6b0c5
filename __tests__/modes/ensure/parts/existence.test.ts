import { describe, expect, test } from '@jest/globals';
import { Secret, type SecretRequest } from '../../../../src/model/secret.ts';
import type { EnsuredClient } from '../../../../src/modes/ensure/client.ts';
import { assertExists } from '../../../../src/modes/ensure/existence.ts';
import {
  type Answers,
  ensureRequest,
  ensureRun,
  failureOf,
  listOf,
  observedOf,
  refusal,
  Stage,
  UNREADABLE,
} from '../../../support/stage.ts';

const refused = refusal('conflict');
const REFUSED = 'Warning: Vantage refused to create client "invoices" (POST /somewhere): it answered 403.';
const NOT_COMPARED = 'Its settings were not compared.';

interface Scenario {
  readonly rotate?: SecretRequest['rotate'];
  readonly step?: 'create' | 'keep';
  readonly isNew?: EnsuredClient['isNew'];
  readonly isRefused?: boolean;
  /** Whether the token endpoint accepted `current-secret` before. */
  readonly accepted?: boolean;
  readonly hasCurrentSecret?: boolean;
  readonly answers?: Answers;
}

async function run(scenario: Scenario) {
  const { rotate = 'never', step = 'create', isNew = 'no', accepted, answers = {} } = scenario;
  using stage = new Stage(answers);
  stage.record.clientUnknown = true;
  const currentSecret = scenario.hasCurrentSecret ? { currentSecret: new Secret('canary-in-use') } : {};
  const work = assertExists(
    ensureRun(stage, {
      request: ensureRequest([], { secret: { rotate, ...currentSecret } }),
      observed: observedOf(stage, { currentSecretAccepted: accepted }),
    }),
    { step },
    { settings: {}, isNew, ...(scenario.isRefused ? { refusal: refused } : {}) },
  );
  const failure = await failureOf(work);
  const { clientFound, clientUnknown } = stage.record;
  return { failure, log: stage.log, requests: stage.requests, clientFound, clientUnknown };
}

const listing = (whole: boolean, ...ids: readonly string[]): Answers => {
  const clients = ids.map(clientId => ({ clientId }));
  return { 'clients.list': () => listOf(clients, whole) };
};
const NO_LIST: Answers = { 'clients.list': () => UNREADABLE };
const probing = (kind: string): Answers => ({ 'tokens.probe': () => ({ kind }) });

const CERTAIN = { clientFound: 'kept', clientUnknown: false, failure: undefined };
const UNCERTAIN = { clientFound: undefined, clientUnknown: true };

describe('nothing is asked', () => {
  test.each<Scenario>([{ step: 'keep' }, { isNew: 'yes' }, { isNew: 'maybe' }])(
    'if the client is known: %j',
    async one => {
      expect(await run(one)).toEqual({ ...UNCERTAIN, failure: undefined, log: [], requests: [] });
    },
  );
});

describe('current-secret shows that the client exists', () => {
  test('if it was accepted before', async () => {
    expect(await run({ accepted: true, isRefused: true })).toEqual({
      ...CERTAIN,
      log: [`${REFUSED} The client exists: the token endpoint accepts current-secret. ${NOT_COMPARED}`],
      requests: [],
    });
  });

  test('if it was accepted before, without a word if the id is taken', async () => {
    expect(await run({ accepted: true })).toEqual({ ...CERTAIN, log: [], requests: [] });
  });

  test('if it is accepted now', async () => {
    const answers = probing('accepted');
    expect(await run({ hasCurrentSecret: true, isRefused: true, answers })).toEqual({
      ...CERTAIN,
      log: [expect.stringContaining('accepts current-secret')],
      requests: ['tokens.probe'],
    });
  });

  test('but is not sent if the id is taken, because then the client exists somewhere', async () => {
    expect(await run({ hasCurrentSecret: true, answers: listing(true, 'invoices') })).toEqual({
      ...CERTAIN,
      log: [],
      requests: ['clients.list'],
    });
  });

  test('but is not sent again if it was refused before', async () => {
    const answers = listing(true, 'invoices');
    const { requests } = await run({ hasCurrentSecret: true, isRefused: true, accepted: false, answers });
    expect(requests).toEqual(['clients.list']);
  });

  test('but not if it is refused now', async () => {
    const answers = { ...probing('refused'), ...NO_LIST };
    const { failure, requests } = await run({ hasCurrentSecret: true, isRefused: true, answers });
    expect(failure).toBe(refused);
    expect(requests).toEqual(['tokens.probe', 'clients.list']);
  });
});

describe('the list of clients', () => {
  test.each([true, false])('shows that the client exists, in any case (whole: %s)', async whole => {
    expect(await run({ isRefused: true, answers: listing(whole, 'orders', 'INVOICES') })).toEqual({
      ...CERTAIN,
      log: [`${REFUSED} The client exists: the tenant lists it. ${NOT_COMPARED}`],
      requests: ['clients.list'],
    });
  });

  test('shows that the client does not exist: the refusal is the error', async () => {
    expect(await run({ isRefused: true, answers: listing(true, 'orders') })).toEqual({
      failure: refused,
      clientFound: 'absent',
      clientUnknown: true,
      log: [],
      requests: ['clients.list'],
    });
  });

  test('shows that an id that is taken belongs to another tenant', async () => {
    const { failure, clientFound } = await run({ answers: listing(true) });
    expect(failure).toMatchObject({
      code: 'conflict',
      message:
        'ensuring client "invoices" failed: Vantage reports that the id is taken, but this tenant does not list the client. Another tenant of the region may use the id. Choose another client-id.',
    });
    expect(clientFound).toBe('absent');
  });

  describe.each([
    ['is not offered', NO_LIST],
    ['may be incomplete', listing(false, 'orders')],
  ])('that %s shows nothing', (_, answers) => {
    test('an id that is taken is enough', async () => {
      expect(await run({ answers })).toMatchObject({ ...UNCERTAIN, failure: undefined, log: [] });
    });

    test('a refusal is the error', async () => {
      expect(await run({ isRefused: true, answers })).toMatchObject({ ...UNCERTAIN, failure: refused, log: [] });
    });

    test('a refusal is a warning if the targets were written before', async () => {
      expect(await run({ isRefused: true, rotate: 'when-due', answers })).toMatchObject({
        ...UNCERTAIN,
        failure: undefined,
        log: [
          `${REFUSED} It is not known whether the client exists. The targets were written before, and no secret is due. Set current-secret to check it.`,
        ],
      });
    });
  });
});
