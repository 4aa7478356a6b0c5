import { describe, expect, test } from '@jest/globals';
import { Failure } from '../../../../src/model/failure.ts';
import type { PreparedTarget } from '../../../../src/model/prepared-target.ts';
import { Secret } from '../../../../src/model/secret.ts';
import { unreadable } from '../../../../src/model/vantage.ts';
import { apply, prune } from '../../../../src/modes/ensure/apply.ts';
import { Unfinished } from '../../../../src/modes/ensure/unfinished.ts';
import type { MarkedSecret } from '../../../../src/plan/marked-secrets.ts';
import type { Plan } from '../../../../src/plan/plan.ts';
import { dueFor, END, KEEP, planOf, rotationOf } from '../../../support/plans.ts';
import {
  type Answers,
  created,
  ensureRequest,
  ensureRun,
  failing,
  listOf,
  NOW,
  observedOf,
  refusal,
  rejection,
  Stage,
  UNREADABLE,
} from '../../../support/stage.ts';
import { preparedTarget, targetOf } from '../../../support/workflow.ts';

const CREATE: Plan['client'] = { step: 'create', settings: {}, why: 'it answered 404' };
const EXISTS = 'Client "invoices" exists and has the declared settings.';
const CREATED = 'Created client "invoices".';
const CREATING = `Creating a secret for client "invoices", expires ${END.toISOString()}, marked MARK-1`;

const OWN = preparedTarget('repository', '2027-01-01T00:00:00Z');
const KEY = { id: '1', value: '' };
const inStaging = preparedTarget('environment staging', '2027-01-01T00:00:00Z');
const STAGING: PreparedTarget = { ...inStaging, resolved: { ...inStaging.resolved, key: KEY } };
const OWN_LINE = 'actions repository octo-org/octo-repo as VANTAGE_CLIENT_SECRET';
const OWN_PROSE = 'secret VANTAGE_CLIENT_SECRET in repository octo-org/octo-repo';
/** A target that this run cannot write. */
const OLD = targetOf('repository octo-org/old');
const OLD_PROSE = 'secret VANTAGE_CLIENT_SECRET in repository octo-org/old';

/** Vantage shows the client, which has no secrets. */
const observed = { client: { kind: 'found', found: { clientId: 'invoices' } }, secrets: listOf([]) } as const;
const adviceFor = (...names: readonly string[]) =>
  `These targets may hold a secret that no longer works, and no later run can detect it: ${names.join(', ')}. Run this step once with \`rotate: always\`.`;
const stopped = (advice: string) => `The step was stopped before it finished. ${advice}`;

const undelivered = (mark?: string) =>
  `If no target stores the new secret, delete it in Vantage: client "invoices", id 7, expires ${END.toISOString()}, marked ${mark}`;
const ADVICE = adviceFor(OWN_PROSE, OLD_PROSE);
const REFUSED = 'asking failed at POST /somewhere: it answered 403.';

/**
 * A run for two targets that exist and one that it cannot write. Vantage reports what one of the two holds.
 *
 * @param given the client step, and whether the secret in use is known not to work.
 */
function runOf(stage: Stage, client: Plan['client'], given: { isUnusable?: true; targets?: PreparedTarget[] } = {}) {
  const targets = given.targets ?? [OWN, STAGING];
  const due = { ...dueFor(targets), ...(given.isUnusable ? { isUnusable: given.isUnusable } : {}) };
  const plan = planOf({ client, targets, rotation: rotationOf(due, { unreported: [OWN_LINE] }) });
  const request = ensureRequest([OWN.target, STAGING.target, OLD], { secret: { rotate: 'when-due', verify: false } });
  return apply(ensureRun(stage, { request, observed: observedOf(stage, { ...observed, targets }) }), plan);
}

const creatingClient: Answers = { 'clients.create': () => ({ kind: 'created', found: undefined }) };
const refusingSecret: Answers = { 'secrets.create': failing(refusal()) };
const creatingSecret: Answers = { 'secrets.create': () => created() };
const writing: Answers = { 'github.secrets.write': () => undefined };

describe('a run whose failure leaves targets with a secret that may not work', () => {
  test('names those that no later run detects: unreported ones, and those that it cannot write', async () => {
    using stage = new Stage({ ...creatingClient, ...refusingSecret });
    const failure = await rejection(runOf(stage, CREATE));
    expect(failure.message).toBe(`${REFUSED} ${ADVICE}`);
    expect(failure.code).toBe('forbidden');
    expect(stage.unfinished).toEqual([stopped(ADVICE), '']);
    expect(stage.log).toEqual([CREATED, 'A secret is due: it expires soon.', CREATING]);
  });

  test('names none that it could not write if it can write no target at all', async () => {
    using stage = new Stage({ ...creatingClient, ...refusingSecret });
    expect((await rejection(runOf(stage, CREATE, { targets: [] }))).message).toBe(REFUSED);
    expect(stage.unfinished).toEqual([]);
  });

  test('names them if the secret in use is known not to work, and the client is kept', async () => {
    using stage = new Stage(refusingSecret);
    expect((await rejection(runOf(stage, KEEP, { isUnusable: true }))).message).toBe(`${REFUSED} ${ADVICE}`);
    expect(stage.unfinished).toEqual([stopped(ADVICE), '']);
  });

  test('names none if the secret in use works, and the client is kept', async () => {
    using stage = new Stage(refusingSecret);
    expect((await rejection(runOf(stage, KEEP))).message).toBe(REFUSED);
    expect(stage.unfinished).toEqual([]);
  });

  test.each([undefined, true] as const)(
    'if the client is taken: only if the secret is unusable (%s)',
    async isUnusable => {
      const taken = () => ({ kind: 'taken', refusal: refusal('conflict') });
      using stage = new Stage({ 'clients.create': taken, ...refusingSecret });
      const failure = await rejection(runOf(stage, CREATE, isUnusable ? { isUnusable } : {}));
      expect(failure.message).toBe(isUnusable ? `${REFUSED} ${ADVICE}` : REFUSED);
      expect(stage.unfinished).toEqual([stopped(ADVICE), '']);
    },
  );

  test.each([
    ['was certainly refused', refusal(), undefined, false],
    ['was refused, but the secret in use does not work', refusal(), true, true],
    ['may have taken effect', refusal('vantage-unavailable', { outcomeUnknown: true }), undefined, true],
    ['ended with an error of the runner', new Error('ENOSPC'), undefined, true],
  ] as const)('if the creation of the client %s', async (_, error, isUnusable, isAdvised) => {
    using stage = new Stage({ 'clients.create': failing(error) });
    const run = runOf(stage, CREATE, isUnusable ? { isUnusable } : {});
    if (isAdvised) {
      expect((await rejection(run)).message).toContain(ADVICE);
    } else {
      await expect(run).rejects.toBe(error);
    }
    expect(stage.unfinished).toEqual([stopped(ADVICE), '']);
  });

  test('if the client may be new, but could not be updated', async () => {
    using stage = new Stage({
      'clients.create': () => ({ kind: 'maybe-created', refusal: refusal('conflict') }),
      'clients.read': () => UNREADABLE,
    });
    const targets = [OWN];
    const plan = planOf({ client: CREATE, targets, rotation: rotationOf(dueFor(targets), { unreported: [OWN_LINE] }) });
    const client = { declared: { clientName: 'New' }, ifExists: 'update' } as const;
    const request = ensureRequest([OWN.target], { client, secret: { rotate: 'when-due' } });
    const run = apply(ensureRun(stage, { request, observed: observedOf(stage, { ...observed, targets }) }), plan);
    expect((await rejection(run)).message).toContain(adviceFor(OWN_PROSE));
    expect(stage.record.changed).toBe(true);
  });

  test('does not name a target that was written', async () => {
    const write = ({ target }: PreparedTarget) => {
      if (target === STAGING.target) throw refusal('github-permission');
    };
    using stage = new Stage({ ...creatingClient, ...creatingSecret, 'github.secrets.write': write });
    const failure = await rejection(runOf(stage, CREATE));
    expect(failure.code).toBe('partial-hand-off');
    expect(failure.message).toContain(adviceFor(OLD_PROSE));
    expect(stage.record.written).toEqual([OWN_LINE]);
  });

  test('and that succeeds leaves no sentence for the post step', async () => {
    using stage = new Stage({ ...creatingClient, ...creatingSecret, ...writing });
    await runOf(stage, CREATE);
    const sentence = `${ADVICE} ${undelivered(stage.record.secret?.mark)}`;
    expect(stage.unfinished).toEqual([stopped(ADVICE), stopped(sentence), '']);
    expect(stage.record.written).toEqual([OWN_LINE, 'environment octo-org/octo-repo staging as VANTAGE_CLIENT_SECRET']);
  });
});

describe('targets that cannot be written', () => {
  const locked = refusal('github-permission', { operation: 'looking at repository octo-org/old' });
  const notDue = rotationOf({ due: false, dueAt: NOW });

  test('fail the step after everything else was done, and are named once', async () => {
    using stage = new Stage();
    const run = apply(
      ensureRun(stage, { observed: observedOf(stage, { ...observed, targetsFailure: locked }) }),
      planOf({ rotation: notDue }),
    );
    await expect(run).rejects.toBe(locked);
    expect(stage.log).toEqual([EXISTS, `No secret is due before ${NOW.toISOString()}.`]);
  });

  test('are a warning if something else fails', async () => {
    using stage = new Stage(refusingSecret);
    const other = apply(
      ensureRun(stage, { observed: observedOf(stage, { ...observed, targetsFailure: locked }) }),
      planOf({ rotation: rotationOf(dueFor([])) }),
    );
    expect((await rejection(other)).message).toBe(REFUSED);
    expect(stage.log.slice(-1)).toEqual([
      'Warning: looking at repository octo-org/old failed at POST /somewhere: it answered 403.',
    ]);
  });
});

describe('a run that creates no secret', () => {
  const log = async (plan: Plan) => {
    using stage = new Stage();
    const seen = observedOf(stage, { ...observed, targets: [OWN] });
    await apply(ensureRun(stage, { request: ensureRequest([OWN.target]), observed: seen }), plan);
    expect(stage.requests).toEqual([]);
    expect(stage.record.changed).toBe(false);
    return stage.log;
  };

  test.each([
    ['until a time', rotationOf({ due: false, dueAt: NOW }), ['No secret is due before 2027-01-31T09:00:00.000Z.']],
    ['as the current one works', rotationOf({ due: false }), ['No secret is due: current-secret works.']],
    ['and is not asked to', undefined, []],
  ])('says why: %s', async (_, rotation, lines) => {
    expect(await log(planOf(rotation ? { rotation } : {}))).toEqual([EXISTS, ...lines]);
  });
});

test('a run that creates a secret outputs one access token, that of the new secret', async () => {
  const token = { token: new Secret('canary-of-the-access-token'), expiration: undefined };
  using stage = new Stage({ ...creatingSecret, 'tokens.probe': () => ({ kind: 'accepted', token }) });
  const request = ensureRequest();
  const delivery = { ...request.delivery, outputAccessToken: true };
  const plan = planOf({ rotation: rotationOf(dueFor([])) });
  await apply(ensureRun(stage, { request: { ...request, delivery }, observed: observedOf(stage, observed) }), plan);
  expect(stage.outputs).toEqual(['canary-of-the-secret', 'canary-of-the-access-token']);
  // Nothing says that there is no token.
  expect(stage.topics).toEqual([]);
});

describe('a client that this run creates', () => {
  const run = (stage: Stage, revokeAtJobEnd: boolean) =>
    apply(
      ensureRun(stage, {
        request: ensureRequest([], { secret: { revokeAtJobEnd, verify: false } }),
        observed: observedOf(stage, { ...observed, secrets: unreadable('GET /secrets answered 404') }),
      }),
      planOf({ client: CREATE, rotation: rotationOf(dueFor([])) }),
    );
  const LISTS = { 'secrets.list': () => unreadable('GET /secrets answered 405') };

  test('is asked for its secrets if they are to be revoked, because only now the list says something', async () => {
    using stage = new Stage({ ...creatingClient, ...creatingSecret, ...LISTS });
    await run(stage, true);
    expect(stage.log).toEqual([
      CREATED,
      'Warning: revoke-at-job-end will not delete the secret: this Vantage does not list secrets (GET /secrets answered 405). Remove the input, or set a short secret-expiration and delete the secret in Vantage by hand.',
      'A secret is due: it expires soon.',
      CREATING,
      `Delivered the new secret. It expires ${END.toISOString()}.`,
    ]);
    expect(stage.record.liveBefore).toEqual([]);
  });

  test('is not asked otherwise', async () => {
    using stage = new Stage({ ...creatingClient, ...creatingSecret, ...LISTS });
    await run(stage, false);
    expect(stage.requests).toEqual(['clients.create invoices', 'secrets.create invoices']);
  });
});

test('a client that exists keeps the list of its secrets that was read before', async () => {
  using stage = new Stage(creatingSecret);
  stage.record.liveBefore = ['a'];
  const request = ensureRequest([], { secret: { revokeAtJobEnd: true, verify: false } });
  const plan = planOf({ rotation: rotationOf(dueFor([])) });
  await apply(ensureRun(stage, { request, observed: observedOf(stage, observed) }), plan);
  expect(stage.requests).toEqual(['secrets.create invoices']);
  expect(stage.record.liveBefore).toEqual(['a']);
});

describe('superseded secrets', () => {
  const marked = (id: string): MarkedSecret => ({
    id,
    mark: {
      repository: 'octo-org/octo-repo',
      owner: 'github.com/1001',
      digests: [],
      createdAt: new Date('2026-10-01T09:00:00Z'),
      nonce: '0000000000000000',
    },
    startTime: undefined,
    expiration: undefined,
  });
  const name = (id: string) => `superseded secret ${id} of client "invoices", created 2026-10-01T09:00:00.000Z`;

  test('are deleted one after the other, and one that cannot be deleted is a warning', async () => {
    using stage = new Stage({
      'secrets.delete': (_: string, id: string) => (id === 'b' ? 'it answered 403' : undefined),
    });
    await prune(ensureRun(stage), ['a', 'b', 'c'].map(marked));
    expect(stage.requests).toEqual(['a', 'b', 'c'].map(id => `secrets.delete invoices ${id}`));
    expect(stage.log).toEqual([
      `Deleted ${name('a')}.`,
      `Warning: Could not delete ${name('b')}: it answered 403.`,
      `Deleted ${name('c')}.`,
    ]);
    expect(stage.record).toMatchObject({ pruned: ['a', 'c'], changed: true });
  });

  test('are left if the step was stopped', async () => {
    using stage = new Stage();
    stage.deadline.cancel();
    await prune(ensureRun(stage), ['a', 'b'].map(marked));
    expect(stage.requests).toEqual([]);
    expect(stage.log).toEqual(['a', 'b'].map(id => `Warning: Did not delete ${name(id)}: the step was stopped.`));
    expect(stage.topics).toEqual(['superseded secrets', 'superseded secrets']);
    expect(stage.record).toMatchObject({ pruned: [], changed: false });
  });

  test('that cannot be deleted change nothing', async () => {
    using stage = new Stage({ 'secrets.delete': () => 'it answered 403' });
    await prune(ensureRun(stage), [marked('a')]);
    expect(stage.record).toMatchObject({ pruned: [], changed: false });
  });

  test.each([true, false])('are deleted whether the rest of the run works (%s)', async works => {
    using stage = new Stage({ ...(works ? creatingSecret : refusingSecret), 'secrets.delete': () => undefined });
    const run = apply(
      ensureRun(stage, {
        request: ensureRequest([], { secret: { verify: false } }),
        observed: observedOf(stage, observed),
      }),
      planOf({ rotation: rotationOf(dueFor([])), prune: [marked('a')] }),
    );
    await (works ? run : rejection(run));
    expect(stage.log.at(-1)).toBe(`Deleted ${name('a')}.`);
  });
});

describe('the sentence about unfinished targets', () => {
  const ONE = adviceFor(OWN_PROSE);

  test.each([
    ['adopt', ONE],
    ['update', ONE],
    ['fail', ONE.replace('`rotate: always`', '`rotate: always` and `if-exists: adopt`')],
  ] as const)('says how to run the step with if-exists: %s', (ifExists, advice) => {
    using stage = new Stage();
    const targets = new Unfinished([OWN.target], ifExists, stage.context);
    targets.begin();
    expect(stage.unfinished).toEqual([stopped(advice)]);
    expect(targets.addAdvice(refusal(), stage.record)).toMatchObject({ message: `${REFUSED} ${advice}` });
    expect(stage.unfinished).toEqual([stopped(advice), '']);
  });

  test('is not saved before the work begins, and removed once', () => {
    using stage = new Stage();
    const targets = new Unfinished([OWN.target], 'adopt', stage.context);
    const error = refusal();
    expect(targets.addAdvice(error, stage.record)).toBe(error);
    targets.end();
    expect(stage.unfinished).toEqual([]);
    targets.begin();
    targets.end();
    targets.end();
    expect(stage.unfinished).toEqual([stopped(ONE), '']);
    expect(targets.addAdvice(error, stage.record)).toBe(error);
  });

  test('that cannot be removed does not hide the failure', () => {
    using stage = new Stage({}, { saves: 1 });
    const targets = new Unfinished([OWN.target], 'adopt', stage.context);
    targets.begin();
    const failure = targets.addAdvice(new Error('EIO'), stage.record);
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({
      code: 'internal-error',
      message: `the step failed: EIO. Please report it. ${ONE}`,
    });
    expect(stage.log).toEqual([
      'Warning: Could not write the state file of the runner: ENOSPC: no space left on device',
    ]);
    expect(stage.topics).toEqual(['internal-error']);
  });
});
