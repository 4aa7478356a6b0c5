import { describe, expect, test } from '@jest/globals';
import type { EnsureRequest } from '../../../../src/model/request.ts';
import { Secret } from '../../../../src/model/secret.ts';
import { unreadable } from '../../../../src/model/vantage.ts';
import { observe, probeCurrentSecret } from '../../../../src/modes/ensure/observe.ts';
import { type Answers, ensureRequest, failing, listOf, refusal, rejection, Stage } from '../../../support/stage.ts';
import { targetOf } from '../../../support/workflow.ts';

const CLIENT = { kind: 'found', found: { clientId: 'invoices' } };
const SECRETS = listOf([]);
const vantage: Answers = {
  'tokens.signIn': () => ({}),
  'clients.read': () => CLIENT,
  'secrets.list': () => SECRETS,
};
const KEY = { id: '1', value: 'a2V5' };
const WRITTEN = new Date('2027-01-01T00:00:00Z');
const github: Answers = {
  'github.secrets.publicKey': () => KEY,
  'github.secrets.read': () => ({ updatedAt: WRITTEN }),
  'github.secrets.count': () => 1,
  'github.repositories.read': () => ({ archived: false }),
  'github.repositories.isArchived': () => false,
};
const TARGETS = [targetOf('repository'), targetOf('repository octo-org/website')];
const refused = refusal('github-permission');
/** The second target is refused. */
const refusingOne: Answers = {
  ...github,
  'github.secrets.publicKey': ({ repo }: { readonly repo: string }) => {
    if (repo === 'website') throw refused;
    return KEY;
  },
};
const CURRENT = { currentSecret: new Secret('canary-in-use') };

async function run(request: EnsureRequest, answers: Answers) {
  using stage = new Stage(answers);
  const observed = await observe(request, stage.context);
  expect(observed.tenant).toBe(stage.tenant);
  return { observed, requests: stage.requests };
}

describe('what is asked of Vantage', () => {
  test('is the client and its secrets', async () => {
    const { observed, requests } = await run(ensureRequest(), vantage);
    expect(observed).toMatchObject({
      client: CLIENT,
      secrets: SECRETS,
      targets: [],
      targetsFailure: undefined,
      currentSecretAccepted: undefined,
    });
    expect(requests).toEqual(['tokens.signIn', 'clients.read invoices', 'secrets.list invoices']);
  });

  test('is only the client if no secret is to be created', async () => {
    const { observed, requests } = await run(ensureRequest(TARGETS, { secret: { rotate: 'never', ...CURRENT } }), {
      ...vantage,
      ...github,
    });
    expect(observed).toMatchObject({ client: CLIENT, targets: [], targetsFailure: undefined });
    expect(observed.secrets).toBeUndefined();
    expect(requests).toEqual(['tokens.signIn', 'clients.read invoices']);
  });

  test('may be answered with a refusal', async () => {
    const no = { 'clients.read': failing(refusal()), 'secrets.list': failing(refusal()) };
    const { observed } = await run(ensureRequest(), { ...vantage, ...no });
    const unread = unreadable('POST /somewhere: it answered 403', 'unexpected-response');
    expect(observed).toMatchObject({ client: unread, secrets: unread });
  });
});

describe('current-secret', () => {
  test.each([
    ['accepted', true],
    ['refused', false],
  ])('is tried with rotate: when-due, and %s', async (kind, accepted) => {
    const request = ensureRequest([], { secret: { rotate: 'when-due', ...CURRENT } });
    const { observed, requests } = await run(request, { ...vantage, 'tokens.probe': () => ({ kind }) });
    expect(observed.currentSecretAccepted).toBe(accepted);
    expect(requests).toContain('tokens.probe');
  });

  test('is not tried with rotate: always', async () => {
    const { observed, requests } = await run(ensureRequest([], { secret: CURRENT }), vantage);
    expect(observed.currentSecretAccepted).toBeUndefined();
    expect(requests).not.toContain('tokens.probe');
  });

  test('is sent for the client, and for nothing else if there is none', async () => {
    const probes: unknown[] = [];
    using stage = new Stage({
      'tokens.probe': (probe: unknown) => {
        probes.push(probe);
        return { kind: 'accepted' };
      },
    });
    expect(await probeCurrentSecret(ensureRequest([], { secret: CURRENT }), stage.context)).toEqual({
      kind: 'accepted',
    });
    expect(await probeCurrentSecret(ensureRequest(), stage.context)).toBeUndefined();
    expect(probes).toEqual([
      {
        operation: 'verifying current-secret for client "invoices"',
        clientId: 'invoices',
        secret: CURRENT.currentSecret,
      },
    ]);
  });
});

describe('the targets', () => {
  const whenDue = ensureRequest(TARGETS, { secret: { rotate: 'when-due' } });

  test('are looked at, with their ages only if somebody needs them', async () => {
    const ages = async (request: EnsureRequest) => {
      const { observed } = await run(request, { ...vantage, ...github });
      expect(observed.targets.map(({ target }) => target)).toEqual(TARGETS);
      return observed.targets.map(({ updatedAt }) => updatedAt);
    };
    expect(await ages(whenDue)).toEqual([WRITTEN, WRITTEN]);
    expect(await ages(ensureRequest(TARGETS, { secret: { pruneAfter: { days: 7 } } }))).toEqual([WRITTEN, WRITTEN]);
    expect(await ages(ensureRequest(TARGETS))).toEqual([undefined, undefined]);
  });

  test('in an environment that does not exist are ready if the run may create it', async () => {
    const missing = { ...vantage, ...github, 'github.environments.findPublicKey': () => undefined };
    const request = ensureRequest([targetOf('environment staging')]);
    using stage = new Stage(missing);
    expect(await rejection(observe(request, stage.context))).toMatchObject({ code: 'not-found' });
    const { delivery } = request;
    const creating = delivery.github && { ...delivery, github: { ...delivery.github, createEnvironments: true } };
    const { observed } = await run({ ...request, ...(creating ? { delivery: creating } : {}) }, missing);
    expect(observed.targets).toHaveLength(1);
    expect(observed.targets[0]?.resolved.key).toBeUndefined();
  });

  test('that cannot be written leave the others to a run that rotates when due', async () => {
    const { observed } = await run(whenDue, { ...vantage, ...refusingOne });
    expect(observed.targets.map(({ target }) => target)).toEqual(TARGETS.slice(0, 1));
    expect(observed.targetsFailure).toBe(refused);
  });

  test.each([
    ['if each run creates a secret', ensureRequest(TARGETS)],
    ['if it is the only one', ensureRequest(TARGETS.slice(1), { secret: { rotate: 'when-due' } })],
  ])('that cannot be written end the run %s', async (_, request) => {
    using stage = new Stage({ ...vantage, ...refusingOne });
    expect(await rejection(observe(request, stage.context))).toBe(refused);
  });

  test('that cannot be written end a run that was stopped', async () => {
    using stage = new Stage({ ...vantage, ...refusingOne });
    stage.deadline.cancel();
    expect(await rejection(observe(whenDue, stage.context))).toBeInstanceOf(Error);
  });

  test('are not looked at without a GitHub', async () => {
    const { observed } = await run(whenDue, vantage);
    expect(observed).toMatchObject({ targets: [], targetsFailure: undefined });
  });
});
