import { describe, expect, test } from '@jest/globals';
import type { PreparedTarget } from '../../../../src/model/prepared-target.ts';
import type { SecretRequest } from '../../../../src/model/secret.ts';
import type { EnsuredClient } from '../../../../src/modes/ensure/client.ts';
import { issueSecret } from '../../../../src/modes/ensure/issue-secret.ts';
import { Unfinished } from '../../../../src/modes/ensure/unfinished.ts';
import type { RotationPlan } from '../../../../src/plan/plan.ts';
import type { SecretBody } from '../../../../src/vantage/secrets.ts';
import { rotationOf } from '../../../support/plans.ts';
import {
  type Answers,
  created,
  ensureRequest,
  ensureRun,
  failing,
  failureOf,
  listOf,
  lost,
  refusal,
  Stage,
  UNREADABLE,
} from '../../../support/stage.ts';
import { digests, preparedTarget } from '../../../support/workflow.ts';

const END = '2027-07-31T09:00:00.000Z';
const CREATING = `Creating a secret for client "invoices", expires ${END}, marked MARK-1`;
const VERIFIED = 'Verified the new secret at the token endpoint.';
const DELIVERED = `Delivered the new secret. It expires ${END}.`;
const OWN = preparedTarget('repository');
const WEBSITE = preparedTarget('repository octo-org/website');
const OWN_LINE = 'actions repository octo-org/octo-repo as VANTAGE_CLIENT_SECRET';
const WEBSITE_LINE = 'actions repository octo-org/website as VANTAGE_CLIENT_SECRET';

const vantage: Answers = {
  'secrets.create': () => created(),
  'secrets.list': () => UNREADABLE,
  'tokens.probe': () => ({ kind: 'accepted' }),
};
const github: Answers = { 'github.secrets.write': () => undefined };
const writeOnly = (...targets: readonly PreparedTarget[]): Answers => ({
  'github.secrets.write': ({ target }: PreparedTarget) => {
    if (!targets.some(one => one.target === target)) throw refusal('github-permission');
  },
});

interface Scenario {
  readonly answers?: Answers;
  readonly targets?: readonly PreparedTarget[];
  readonly client?: Partial<EnsuredClient>;
  readonly secret?: Partial<SecretRequest>;
  readonly life?: RotationPlan['life'];
  /** Whether the secret is also an output. */
  readonly hasOutput?: boolean;
  /** Cancels the step at a line of the log. */
  readonly cancelAt?: string;
}

async function run(scenario: Scenario = {}) {
  const { answers = {}, targets = [], client = {}, secret = {}, life = {}, hasOutput, cancelAt } = scenario;
  using stage = new Stage({ ...vantage, ...answers }, { cancelAt });
  const request = ensureRequest(
    targets.map(({ target }) => target),
    { secret },
  );
  const rotation = rotationOf({ due: true, reason: 'always', why: 'rotate is always', targets }, { life });
  const delivery = { ...request.delivery, ...(hasOutput ? { outputSecret: true } : {}) };
  const work = issueSecret(ensureRun(stage, { request: { ...request, delivery } }), {
    client: { settings: {}, isNew: 'no', ...client },
    rotation,
    targets,
    unfinished: new Unfinished([], 'adopt', stage.context),
  });
  const failure = await failureOf(work);
  const { log, saved, unfinished, outputs, requests, record } = stage;
  return { failure, log, saved, unfinished, outputs, requests, record };
}

describe('a secret for the job', () => {
  test('is created, verified and set as the output', async () => {
    const { failure, log, saved, outputs, requests, record } = await run();
    expect(failure).toBeUndefined();
    expect(log).toEqual([CREATING, VERIFIED, DELIVERED]);
    expect(saved).toEqual([['MARK-1'], []]);
    expect(outputs).toEqual(['canary-of-the-secret']);
    expect(requests).toEqual(['secrets.create invoices', 'tokens.probe']);
    expect(record).toMatchObject({
      secret: { id: '7', verified: 'true', fate: 'handed-out' },
      secretLost: false,
      written: [],
      changed: true,
    });
  });

  test('is not verified if the workflow does not want it', async () => {
    const { log, requests, record } = await run({ secret: { verify: false } });
    expect(log).toEqual([CREATING, DELIVERED]);
    expect(requests).toEqual(['secrets.create invoices']);
    expect(record.secret?.verified).toBe('skipped');
  });

  test('is not verified before it starts', async () => {
    const life = { startTime: new Date('2027-02-01T00:00:00Z') };
    const { log, requests } = await run({ life });
    expect(log[1]).toBe('The new secret is valid from 2027-02-01T00:00:00.000Z, so it is not verified now.');
    expect(requests).toEqual(['secrets.create invoices']);
  });

  test('is verified as the settings of its client ask for', async () => {
    const { log } = await run({ client: { settings: { requireClientSecret: false } } });
    expect(log[1]).toBe('The client does not require a secret, so the token endpoint cannot verify the new one.');
  });

  test('stays saved for the post step if it is to be revoked there', async () => {
    expect((await run({ secret: { revokeAtJobEnd: true } })).saved).toEqual([['MARK-1'], ['MARK-1']]);
  });

  test('is named for the post step while targets are written, and not if there is none', async () => {
    const { record, unfinished } = await run({ answers: github, targets: [OWN] });
    expect(unfinished).toEqual([
      `The step was stopped before it finished. If no target stores the new secret, delete it in Vantage: client "invoices", id 7, expires ${END}, marked ${record.secret?.mark}`,
    ]);
    expect((await run({ hasOutput: true })).unfinished).toEqual([]);
  });

  test('is not delivered by a step that was cancelled', async () => {
    const { failure, outputs, record } = await run({ cancelAt: VERIFIED });
    expect(failure).toMatchObject({
      code: 'cancelled',
      message: 'delivering the new secret of client "invoices" failed: the workflow was cancelled.',
    });
    expect(outputs).toEqual([]);
    expect(record.secret?.fate).toBe('minted');
  });

  test('has a mark that names its destinations', async () => {
    const bodies: SecretBody[] = [];
    const create = (_: string, body: SecretBody) => {
      bodies.push(body);
      return created();
    };
    const answers = { ...github, 'secrets.create': create };
    await run({ answers, targets: [OWN, WEBSITE], secret: { description: 'Staging' } });
    await run({ answers, targets: [OWN], hasOutput: true });
    const targets = digests([OWN.target, WEBSITE.target]);
    expect(bodies.map(({ description }) => description)).toEqual([
      expect.stringMatching(new RegExp(`^Staging \\[.* to=${targets.join(',')} `, 'u')),
      expect.stringMatching(new RegExp(`^\\[.* to=${targets[0]},${digests([])[0]} `, 'u')),
    ]);
  });
});

describe('the client of the secret', () => {
  test.each([
    [{ isNew: 'yes' }, true],
    [{ isNew: 'maybe' }, true],
    [{ isNew: 'no' }, false],
    [{ refusal: refusal('conflict', { outcomeUnknown: true }) }, true],
    [{ refusal: refusal('conflict') }, false],
  ] as const)('may be new: %j', async (client, isNewClient) => {
    const options: unknown[] = [];
    const create = (_id: string, _body: SecretBody, given: object) => {
      options.push(given);
      return created();
    };
    await run({ answers: { 'secrets.create': create }, client });
    expect(options).toEqual([{ isNewClient }]);
  });

  test.each([true, false])(
    'exists, although Vantage refused to create it (outcome unknown: %s)',
    async outcomeUnknown => {
      const { log, record } = await run({ client: { refusal: refusal('conflict', { outcomeUnknown }) } });
      expect(log.slice(0, 2)).toEqual([
        CREATING,
        'Warning: Vantage refused to create client "invoices" (POST /somewhere): it answered 403. The client exists: Vantage created a secret for it. Its settings were not compared.',
      ]);
      expect(record).toMatchObject({ clientFound: 'kept', clientUnknown: outcomeUnknown });
    },
  );

  test('does not exist, and the error is why it was not created', async () => {
    const refused = refusal('conflict');
    const answers = { 'secrets.create': failing(refusal('not-found')) };
    const { failure, record } = await run({ answers, client: { refusal: refused } });
    expect(failure).toBe(refused);
    expect(record.clientFound).toBeUndefined();
  });

  test('does not exist in this tenant, although its id is taken', async () => {
    const answers = { 'secrets.create': failing(refusal('not-found')) };
    const { failure } = await run({ answers, client: { isTaken: true } });
    expect(failure).toMatchObject({
      code: 'conflict',
      message:
        'ensuring client "invoices" failed at POST /somewhere: Vantage reports that the id is taken, but this tenant has no such client. Another tenant of the region may use the id. Choose another client-id.',
    });
  });
});

describe('a creation that fails', () => {
  test.each([
    ['is refused', refusal('forbidden'), false, 'kept'],
    ['finds no client', refusal('not-found'), false, undefined],
    ['may have taken effect', refusal('timeout', { outcomeUnknown: true }), true, 'kept'],
    ['is not accounted for', refusal('secret-unaccounted'), true, 'kept'],
    ['ends with an error of the runner', new Error('EPIPE'), true, 'kept'],
  ] as const)('because it %s ends the run', async (_, error, secretLost, clientFound) => {
    using stage = new Stage({ 'secrets.create': failing(error) });
    stage.record.clientFound = 'kept';
    const rotation = rotationOf({ due: true, reason: 'always', why: 'rotate is always', targets: [] });
    const unfinished = new Unfinished([], 'adopt', stage.context);
    const issue = { client: { settings: {}, isNew: 'no' }, rotation, targets: [], unfinished } as const;
    await expect(issueSecret(ensureRun(stage), issue)).rejects.toBe(error);
    expect(stage.record).toMatchObject({ secretLost, clientFound, changed: false });
    expect(stage.record.secret).toBeUndefined();
  });
});

describe('a secret for targets', () => {
  test('is written to each of them', async () => {
    const { failure, log, outputs, record } = await run({ answers: github, targets: [OWN, WEBSITE] });
    expect(failure).toBeUndefined();
    expect(log).toEqual([
      CREATING,
      VERIFIED,
      'Wrote secret VANTAGE_CLIENT_SECRET in repository octo-org/octo-repo.',
      'Wrote secret VANTAGE_CLIENT_SECRET in repository octo-org/website.',
      DELIVERED,
    ]);
    expect(outputs).toEqual([]);
    expect(record.written).toEqual([OWN_LINE, WEBSITE_LINE]);
    expect(record).toMatchObject({ secret: { fate: 'handed-out' }, otherWrites: [] });
  });

  test('is written with its variables, which hold when it expires', async () => {
    const values: unknown[] = [];
    const write = (_: unknown, { name, value }: { readonly name: string; readonly value: string }) => {
      values.push([name, value]);
    };
    const variables = { clientId: { name: 'ID' }, expiration: { name: 'ENDS' } };
    const target = { ...OWN, resolved: { ...OWN.resolved, variables } };
    const answers = { ...github, 'github.variables.write': write };
    const { record } = await run({ answers, targets: [target] });
    expect(values).toEqual([
      ['ID', 'invoices'],
      ['ENDS', END],
    ]);
    expect(record.otherWrites).toEqual(['ID', 'ENDS'].map(name => `variable ${name} in repository octo-org/octo-repo`));
    const other = { ...answers, 'secrets.create': () => created({}) };
    values.length = 0;
    await run({ answers: other, targets: [target], life: { expiration: new Date(END) } });
    expect(values.at(-1)).toEqual(['ENDS', END]);
  });

  test('that one of them refuses is kept, and the step fails', async () => {
    const { failure, record, requests } = await run({ answers: writeOnly(OWN), targets: [OWN, WEBSITE] });
    expect(failure).toMatchObject({ code: 'partial-hand-off' });
    expect(record).toMatchObject({ written: [OWN_LINE], secret: { fate: 'handed-out' } });
    expect(record.unwritten).toEqual([{ line: WEBSITE_LINE, why: 'it answered 403', maybe: false }]);
    expect(requests).not.toContain('secrets.list invoices');
  });

  test('that one of them may have stored is kept, and the step fails', async () => {
    const answers = { 'github.secrets.write': failing(refusal('github-unavailable', { outcomeUnknown: true })) };
    const { failure, record } = await run({ answers, targets: [OWN] });
    expect(failure).toMatchObject({ code: 'partial-hand-off' });
    expect(record).toMatchObject({ written: [], secret: { fate: 'handed-out' } });
    expect(record.unwritten).toEqual([{ line: OWN_LINE, why: 'it answered 403', maybe: true }]);
  });

  test('that one of them holds and another one may hold is kept', async () => {
    const write = ({ target }: PreparedTarget) => {
      if (target === WEBSITE.target) throw refusal('github-unavailable', { outcomeUnknown: true });
    };
    const { failure, record } = await run({ answers: { 'github.secrets.write': write }, targets: [OWN, WEBSITE] });
    expect(failure).toMatchObject({ code: 'partial-hand-off' });
    expect(record.secret?.fate).toBe('handed-out');
  });

  test('that all of them refuse is not delivered, not even as the output', async () => {
    const { failure, record, outputs } = await run({ answers: writeOnly(), targets: [OWN], hasOutput: true });
    expect(failure).toMatchObject({ code: 'github-permission' });
    expect(record).toMatchObject({ written: [], secret: { fate: 'minted' }, secretLost: false });
    expect(outputs).toEqual([]);
  });

  test('is also the output if the workflow wants it', async () => {
    const both = await run({ answers: github, targets: [OWN], hasOutput: true });
    expect(both.outputs).toEqual(['canary-of-the-secret']);
    const partial = await run({ answers: writeOnly(OWN), targets: [OWN, WEBSITE], hasOutput: true });
    expect(partial.outputs).toEqual(['canary-of-the-secret']);
    expect(partial.failure).toMatchObject({ code: 'partial-hand-off' });
  });
});

describe('a secret that Vantage did not confirm', () => {
  /** The first creation is lost. Then the list of secrets is as it was at each look. */
  const losing = (...looks: readonly ('unread' | 'listed' | 'missing')[]): Answers => {
    const bodies: SecretBody[] = [];
    let look = 0;
    return {
      'secrets.create': (_: string, body: SecretBody) => {
        bodies.push(body);
        return bodies.length === 1 ? lost() : created();
      },
      'secrets.list': () => {
        const seen = looks[look++];
        const found = seen === 'listed' ? [{ id: '1', description: bodies[0]?.description }] : [];
        return seen === 'unread' ? UNREADABLE : listOf(found);
      },
      'secrets.delete': () => undefined,
    };
  };

  test('is revoked as soon as it is listed', async () => {
    const { log, record } = await run({ answers: losing('missing', 'listed') });
    expect(log.slice(-2)).toEqual([
      DELIVERED,
      'Vantage now lists the secret that it did not confirm. Revoked it: MARK-1',
    ]);
    expect(record).toMatchObject({ secretLost: false, lost: [] });
  });

  test('is no longer to be deleted by hand, while another one of the record still is', async () => {
    using stage = new Stage({ ...vantage, ...losing('missing', 'listed') });
    const other = { mark: 'of a secret of before', expiration: END };
    stage.record.lost = [other];
    const rotation = rotationOf({ due: true, reason: 'always', why: 'rotate is always', targets: [] });
    const unfinished = new Unfinished([], 'adopt', stage.context);
    const issue = { client: { settings: {}, isNew: 'no' }, rotation, targets: [], unfinished } as const;
    await issueSecret(ensureRun(stage), issue);
    expect(stage.record.lost).toEqual([other]);
  });

  test.each(['missing', 'unread'] as const)('may remain if it is %s', async look => {
    const { log, record } = await run({ answers: losing('missing', look) });
    expect(log.at(-1)).toBe(DELIVERED);
    expect(record.secretLost).toBe(true);
    expect(record.lost).toEqual([{ mark: expect.stringMatching(/^\[vantage-client /u), expiration: END }]);
  });

  test('may remain if the delivery fails', async () => {
    const answers = { ...losing('missing', 'unread'), ...writeOnly() };
    expect((await run({ answers, targets: [OWN] })).record.secretLost).toBe(true);
  });
});
