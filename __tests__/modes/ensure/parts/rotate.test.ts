import { describe, expect, test } from '@jest/globals';
import { WritePace } from '../../../../src/github/write-pace.ts';
import type { Failure } from '../../../../src/model/failure.ts';
import type { PreparedTarget, ScopeVariables } from '../../../../src/model/prepared-target.ts';
import type { SecretRequest } from '../../../../src/model/secret.ts';
import type { ListedSecret, ReadList } from '../../../../src/model/vantage.ts';
import { createEnvironments, type DueRotation, rotate } from '../../../../src/modes/ensure/rotate.ts';
import { Unfinished } from '../../../../src/modes/ensure/unfinished.ts';
import { countWrites, reserveWrites } from '../../../../src/modes/ensure/write-turns.ts';
import type { StepContext } from '../../../../src/modes/step-context.ts';
import { dueFor, rotationOf } from '../../../support/plans.ts';
import {
  type Answers,
  created,
  ensureRequest,
  ensureRun,
  failing,
  failureOf,
  listOf,
  NOW,
  observedOf,
  refusal,
  rejection,
  Stage,
  UNREADABLE,
} from '../../../support/stage.ts';
import { preparedTarget } from '../../../support/workflow.ts';

const MINUTE = 60_000;
const END = '2027-07-31T09:00:00.000Z';
const CREATING = `Creating a secret for client "invoices", expires ${END}, marked MARK-1`;
const DELIVERED = `Delivered the new secret. It expires ${END}.`;
const OWN = preparedTarget('repository', '2027-01-01T00:00:00Z');
const IN_OWN = 'secret VANTAGE_CLIENT_SECRET in repository octo-org/octo-repo';
const secretsOf = (count: number) =>
  listOf(Array.from({ length: count }, (_, index) => ({ id: String(index), description: 'by hand' })));
const creating = (reported?: object): Answers => ({
  'secrets.create': () => created(reported),
  'secrets.list': () => UNREADABLE,
  'clients.list': () => UNREADABLE,
});
const writing: Answers = { 'github.secrets.write': () => undefined };

interface Scenario {
  readonly answers?: Answers;
  readonly targets?: readonly PreparedTarget[];
  readonly due?: Partial<DueRotation['due']>;
  readonly rotation?: Partial<Omit<DueRotation, 'due'>>;
  readonly secret?: Partial<SecretRequest>;
  readonly secrets?: ReadList<ListedSecret> | undefined;
  readonly liveBefore?: readonly string[];
}

async function run(scenario: Scenario = {}) {
  const { answers = creating(), targets = [], due, rotation, secret, liveBefore } = scenario;
  const secrets = 'secrets' in scenario ? scenario.secrets : secretsOf(0);
  using stage = new Stage(answers);
  stage.record.liveBefore = liveBefore;
  const request = ensureRequest(
    targets.map(({ target }) => target),
    { secret: { verify: false, ...secret } },
  );
  const planned = rotationOf({ ...dueFor(targets), ...due }, rotation);
  const observed = observedOf(stage, { secrets, targets });
  const client = { settings: {}, isNew: 'no' } as const;
  const unfinished = new Unfinished([], 'adopt', stage.context);
  const failure = await failureOf(rotate(ensureRun(stage, { request, observed }), client, planned, unfinished));
  return { failure, log: stage.log, requests: stage.requests, record: stage.record };
}

describe('a rotation', () => {
  test('says why a secret is due, and when the new one is', async () => {
    const { failure, log, record } = await run();
    expect(failure).toBeUndefined();
    expect(log).toEqual(['A secret is due: it expires soon.', CREATING, DELIVERED]);
    expect(record.rotationDue).toBe('2027-07-01T09:00:00.000Z');
  });

  test('says nothing if each run creates a secret', async () => {
    expect((await run({ due: { reason: 'always' } })).log).toEqual([CREATING, DELIVERED]);
  });

  test('says how many secrets the client had', async () => {
    expect((await run({ secrets: secretsOf(1) })).log.at(-1)).toBe('Secrets that the client had before: 1.');
    for (const secrets of [UNREADABLE, undefined]) {
      const unknown = await run({ secrets });
      expect(unknown.failure).toBeUndefined();
      expect(unknown.log.at(-1)).toBe(DELIVERED);
    }
  });

  test('warns of a secret that starts late', async () => {
    const life = { startTime: new Date('2027-02-01T00:00:00Z') };
    const { log } = await run({ answers: { ...creating(), ...writing }, targets: [OWN], rotation: { life } });
    expect(log[1]).toMatch(/^Warning: The targets get a secret that is not valid before 2027-02-01T00:00:00\.000Z/u);
  });

  test('creates the environments of its targets, and writes the secret there', async () => {
    const keys: unknown[] = [];
    const write = ({ resolved }: PreparedTarget) => {
      keys.push(resolved.key);
    };
    const answers = {
      ...creating(),
      'github.environments.createIfMissing': () => true,
      'github.secrets.publicKey': () => ({ id: '1', value: 'a2V5' }),
      'github.secrets.write': write,
    };
    const { log, record } = await run({ answers, targets: [preparedTarget('environment staging')] });
    expect(log).toContain('Created environment "staging" of octo-org/octo-repo.');
    expect(keys).toEqual([{ id: '1', value: 'a2V5' }]);
    expect(record.otherWrites).toEqual(['environment "staging" of octo-org/octo-repo']);
  });

  test.each([
    [true, 'the workflow was cancelled.'],
    [false, "the step's timeout of 0.05 s ran out. Raise `timeout` if GitHub needs longer, or run the step again."],
  ])('creates no environment if its turn does not come in time (cancelled: %s)', async (isCancelled, reason) => {
    using stage = new Stage(writing, { timeout: 50 });
    const { github } = stage.context;
    // Another client of the run writes as much as GitHub allows in a minute.
    github?.pace.forAnother().reserve(70);
    if (isCancelled) {
      stage.deadline.cancel();
    }
    const creation = createEnvironments(ensureRun(stage), [preparedTarget('environment staging')]);
    expect((await rejection(creation)).message).toBe(
      `creating environment "staging" of octo-org/octo-repo failed: ${reason}`,
    );
    expect({ requests: stage.requests, changed: stage.record.changed }).toEqual({ requests: [], changed: false });
  });

  test.each([
    ['no-own-secret', true],
    ['new-client', true],
    ['maybe-new-client', true],
    ['expires-soon', false],
    ['target-missing', false],
  ] as const)('looks for secrets of other clients that it replaced (%s)', async (reason, looks) => {
    const { requests } = await run({ answers: { ...creating(), ...writing }, targets: [OWN], due: { reason } });
    expect(requests.includes('clients.list')).toBe(looks);
  });
});

describe('when the next secret is due', () => {
  test.each([
    ['the new one', undefined, '2027-07-01T09:00:00.000Z'],
    ['another target, if that is earlier', '2027-03-01T00:00:00.000Z', '2027-03-01T00:00:00.000Z'],
    ['the new one, if another target is due later', '2027-12-01T00:00:00.000Z', '2027-07-01T09:00:00.000Z'],
  ])('depends on %s', async (_, restDueAt, dueAt) => {
    const { record } = await run({ due: restDueAt ? { restDueAt: new Date(restDueAt) } : {} });
    expect(record.rotationDue).toBe(dueAt);
  });

  test.each([
    ['is not reported', { id: '7' }],
    ['is no time', { id: '7', expiration: 'soon' }],
  ])('is not known if the expiration %s', async (_, reported) => {
    expect((await run({ answers: creating(reported) })).record.rotationDue).toBeUndefined();
  });

  test('is known without a start that is reported', async () => {
    const { record } = await run({ answers: creating({ id: '7', expiration: END }) });
    expect(record.rotationDue).toBe('2027-07-01T09:00:00.000Z');
  });

  test('is not known if the secret was not delivered', async () => {
    const answers = { ...creating(), 'github.secrets.write': failing(refusal('github-permission')) };
    const { failure, record } = await run({ answers, targets: [OWN] });
    expect(failure?.code).toBe('github-permission');
    expect(record.secret).toMatchObject({ fate: 'minted', expiration: END });
    expect(record.rotationDue).toBeUndefined();
  });

  test('is known if one of several targets has the secret', async () => {
    const write = ({ target }: PreparedTarget) => {
      if (target !== OWN.target) throw refusal('github-permission');
    };
    const targets = [OWN, preparedTarget('repository octo-org/website')];
    const { failure, record } = await run({ answers: { ...creating(), 'github.secrets.write': write }, targets });
    expect(failure?.code).toBe('partial-hand-off');
    expect(record.rotationDue).toBe('2027-07-01T09:00:00.000Z');
  });

  test.each([
    ['', { startTime: NOW.toISOString() }],
    [', and does not report the start: its clock tells', {}],
  ])('is earlier than requested if Vantage grants less, which is a warning%s', async (_, start) => {
    const expiration = '2027-03-01T09:00:00.000Z';
    const { log, record } = await run({ answers: creating({ id: '7', ...start, expiration }) });
    // After half of its life, because it lives for less than 30 days.
    expect(record.rotationDue).toBe('2027-02-14T21:00:00.000Z');
    expect(log.at(-1)).toBe(
      `Warning: Vantage granted an earlier expiration for the new secret: requested ${END}, granted ${expiration}.`,
    );
  });
});

test('many secrets are a warning', async () => {
  const liveBefore = Array.from({ length: 9 }, (_, index) => String(index));
  expect((await run({ liveBefore })).log.at(-1)).toMatch(/^Warning: Client "invoices" has 10 live secrets/u);
  expect((await run({ liveBefore: liveBefore.slice(1) })).log.at(-1)).toBe(DELIVERED);
});

describe('a creation that is refused', () => {
  const REFUSED = 'asking failed at POST /somewhere: it answered 403.';
  const ABOUT_SECRETS =
    'The client had 5 secrets, and this Vantage may limit their number. Set `prune-after`, or delete unused secrets in Vantage and run the step again.';
  const ABOUT_TARGETS =
    'The description of the secret names 8 targets, and this Vantage may limit its length. Distribute the targets over several steps.';
  const targetsOf = (count: number) =>
    Array.from({ length: count }, (_, index) => preparedTarget(`repository as NAME_${index}`, '2027-01-01T00:00:00Z'));
  const refused = (count: number, targets: number, code: Failure['code'] = 'invalid-input') =>
    run({
      answers: { 'secrets.create': failing(refusal(code)), ...writing },
      secrets: secretsOf(count),
      targets: targetsOf(targets),
    });

  test.each([
    [4, 7, [REFUSED]],
    [5, 7, [REFUSED, ABOUT_SECRETS]],
    [4, 8, [REFUSED, ABOUT_TARGETS]],
    [5, 8, [REFUSED, ABOUT_SECRETS, ABOUT_TARGETS]],
  ])('may be due to a limit: %i secrets, %i targets', async (count, targets, said) => {
    expect((await refused(count, targets)).failure?.message).toBe(said.join(' '));
  });

  test.each([
    ['invalid-input', true],
    ['conflict', true],
    ['forbidden', true],
    ['not-found', false],
    ['authentication-failed', false],
  ] as const)('as %s may be due to a limit: %s', async (code, isAdvised) => {
    expect((await refused(5, 0, code)).failure?.message).toBe(isAdvised ? `${REFUSED} ${ABOUT_SECRETS}` : REFUSED);
  });

  test.each([UNREADABLE, undefined])('says nothing about secrets that are not known: %j', async secrets => {
    const error = refusal('conflict');
    const answers = { 'secrets.create': failing(error) };
    expect((await run({ answers, secrets })).failure).toBe(error);
  });

  test('as an error of the runner is passed on', async () => {
    const error = new Error('EPIPE');
    expect((await run({ answers: { 'secrets.create': failing(error) }, secrets: secretsOf(5) })).failure).toBe(error);
  });

  test('by GitHub, after the secret was created, has nothing to do with limits of Vantage', async () => {
    const answers = { ...creating(), 'github.secrets.write': failing(refusal('forbidden')) };
    expect((await run({ answers, secrets: secretsOf(5), targets: [OWN] })).failure?.message).toBe(REFUSED);
  });
});

describe('the writes of a delivery', () => {
  const inScope = (resolved: PreparedTarget['resolved'], name: string): PreparedTarget => ({
    ...preparedTarget(`repository as ${name}`),
    resolved,
  });
  const environment = preparedTarget('environment staging');
  const variables: ScopeVariables = { clientId: { name: 'ID' }, expiration: { name: 'ENDS' } };
  const scope = OWN.resolved.scope;
  const both = { scope, variables };
  const organization = preparedTarget('organization octo-org selected');
  const ownReader = { id: 1001, isMissing: false };

  test.each<readonly [string, readonly PreparedTarget[], number]>([
    ['nothing', [], 0],
    ['two secrets', [OWN, OWN], 2],
    ['a secret and its two variables', [inScope(both, 'ONE')], 3],
    ['two secrets with the same variables', [inScope(both, 'ONE'), inScope(both, 'TWO')], 4],
    ['a secret and one variable', [inScope({ scope, variables: { clientId: { name: 'ID' } } }, 'ONE')], 2],
    ['a secret and the other variable', [inScope({ scope, variables: { expiration: { name: 'ENDS' } } }, 'ONE')], 2],
    ['a secret and its new environment', [environment], 2],
    [
      'a secret in an environment',
      [{ ...environment, resolved: { ...environment.resolved, key: { id: '1', value: '' } } }],
      1,
    ],
    ['a secret of an organization', [organization], 1],
    ['the same, and access to it', [{ ...organization, ownReader }], 2],
    [
      'the same, with access to others',
      [{ ...organization, ownReader, repositoryAccess: { visibility: 'selected', repositories: [7] } }],
      2,
    ],
    [
      'the same, with access that exists',
      [{ ...organization, ownReader, repositoryAccess: { visibility: 'selected', repositories: [1001] } }],
      1,
    ],
  ])('%s', (_, targets, writes) => {
    expect(countWrites(targets)).toBe(writes);
  });

  /** A step with so many milliseconds left, which has written nothing yet. */
  const contextWith = (remaining: number) =>
    ({
      github: { pace: WritePace.open() },
      deadline: { work: { remaining: () => remaining } },
    }) as unknown as StepContext;
  const many = (count: number) => Array.from({ length: count }, () => OWN);

  test.each([
    ['there is nothing to wait for', 70, 0],
    ['the last one starts in time', 71, MINUTE + 1],
  ])('fit if %s', (_, count, remaining) => {
    expect(() => reserveWrites(many(count), contextWith(remaining))).not.toThrow();
  });

  test.each([
    [71, MINUTE, 1, 'Set `timeout` to 3m, or spread the targets over several runs.'],
    [71, 0, 1, 'Set `timeout` to 3m, or spread the targets over several runs.'],
    [451, 30 * MINUTE, 60, 'Set `timeout` to 62m, or spread the targets over several runs.'],
    [10_351, 60 * MINUTE, 1380, 'Set `timeout` to 1382m, or spread the targets over several runs.'],
    [10_800, 60 * MINUTE, 1386, 'Set `timeout` to 1388m, or spread the targets over several runs.'],
    [10_801, 60 * MINUTE, 1440, 'No `timeout` is long enough: spread the targets over several runs.'],
  ])('%i do not fit into %i ms', (count, remaining, minutes, advice) => {
    expect(() => reserveWrites(many(count), contextWith(remaining))).toThrow(
      expect.objectContaining({
        code: 'invalid-input',
        message: `planning the delivery to GitHub failed: \`timeout\` is too short: the delivery needs ${count} writes, and at the pace that GitHub allows (450 an hour, 70 a minute) the last one starts after ${minutes} min. ${advice} No secret was created.`,
      }),
    );
  });

  test('that do not fit end a rotation before it creates anything', async () => {
    const { failure, requests } = await run({ answers: { ...creating(), ...writing }, targets: many(100) });
    expect(failure).toMatchObject({ code: 'invalid-input', parts: { operation: 'planning the delivery to GitHub' } });
    expect(requests).toEqual([]);
  });
});

test('a secret that replaced one of another client is reported', async () => {
  const { log } = await run({
    answers: {
      ...creating(),
      ...writing,
      'clients.list': () => listOf([{ clientId: 'orders' }], false),
    },
    targets: [OWN],
    due: { reason: 'new-client' },
  });
  // The list is not whole, so it shows nothing.
  expect(log).toEqual(['A secret is due: it expires soon.', CREATING, `Wrote ${IN_OWN}.`, DELIVERED]);
});
