import { describe, expect, test } from '@jest/globals';
import { WritePace } from '../../../../src/github/write-pace.ts';
import { ownershipMark } from '../../../../src/model/mark.ts';
import type { EnsureRequest } from '../../../../src/model/request.ts';
import { ensure } from '../../../../src/modes/ensure/run.ts';
import { renderSummary } from '../../../../src/report/summary.ts';
import { readInputs } from '../../../support/inputs.ts';
import {
  type Answers,
  created,
  ensureRequest,
  failing,
  failureOf,
  listOf,
  NOW,
  refusal,
  Stage,
  UNREADABLE,
} from '../../../support/stage.ts';
import { digests, OTHER_WORKFLOW, targetOf, WORKFLOW } from '../../../support/workflow.ts';

const END = '2027-07-31T09:00:00.000Z';
const EXISTS = 'Client "invoices" exists and has the declared settings.';
const IN_OWN = 'secret VANTAGE_CLIENT_SECRET in repository octo-org/octo-repo';
const OWN = targetOf('repository');
const markOf = (workflow = WORKFLOW) =>
  ownershipMark(workflow, digests([OWN]), `${(NOW.getTime() / 1000 - 60).toString(16)}00000000`);
const vantage: Answers = {
  'tokens.signIn': () => ({}),
  'clients.read': () => ({ kind: 'found', found: { clientId: 'invoices' } }),
  'secrets.list': () => listOf([]),
  'secrets.create': () => created(),
};
const github: Answers = {
  'github.secrets.publicKey': () => ({ id: '1', value: 'a2V5' }),
  'github.secrets.read': () => ({ updatedAt: NOW }),
  'github.secrets.count': () => 1,
  'github.secrets.write': () => undefined,
};
const listing = (...descriptions: readonly string[]): Answers => ({
  'secrets.list': () =>
    listOf(descriptions.map((description, index) => ({ id: String(index), description, expiration: END }))),
});

async function run(request: EnsureRequest, answers: Answers, timeout?: number) {
  using stage = new Stage(answers, timeout === undefined ? {} : { timeout });
  const failure = await failureOf(ensure(request, stage.context, stage.record));
  return { failure, log: stage.log, requests: stage.requests, record: stage.record };
}

const dryRun = (request: EnsureRequest): EnsureRequest => ({ ...request, run: { ...request.run, dryRun: true } });
const verifyNothing = { secret: { verify: false } };

describe('a run', () => {
  test('observes, plans and does it', async () => {
    const { failure, log, requests, record } = await run(ensureRequest([], verifyNothing), vantage);
    expect(failure).toBeUndefined();
    expect(log).toEqual([
      EXISTS,
      `Creating a secret for client "invoices", expires ${END}, marked MARK-1`,
      `Delivered the new secret. It expires ${END}.`,
    ]);
    expect(requests).toEqual([
      'tokens.signIn',
      'clients.read invoices',
      'secrets.list invoices',
      'secrets.create invoices',
    ]);
    expect(record).toMatchObject({
      clientFound: 'kept',
      liveBefore: [],
      changed: true,
      plan: { client: 'keep', secret: 'mint', reason: 'always' },
      rotationDue: '2027-07-01T09:00:00.000Z',
    });
  });

  test('only says what it would do in a dry run', async () => {
    const { log, requests, record } = await run(dryRun(ensureRequest([], verifyNothing)), vantage);
    expect(log).toEqual([
      EXISTS,
      'A dry run changes nothing. The plan: create a secret.',
      '+ secret  invoices · expires 2027-07-31T09:00:00.000Z',
      '! output  client-secret',
    ]);
    expect(requests).not.toContain('secrets.create invoices');
    expect(record).toMatchObject({ clientFound: 'kept', changed: false, plan: { secret: 'mint' } });
  });

  test('only ensures the client if no secret is to be created', async () => {
    const { failure, log, requests, record } = await run(ensureRequest([], { secret: { rotate: 'never' } }), vantage);
    expect(failure).toBeUndefined();
    expect(log).toEqual([EXISTS]);
    expect(requests).toEqual(['tokens.signIn', 'clients.read invoices']);
    expect(record).toMatchObject({ changed: false, plan: { secret: 'none', reason: 'never' } });
  });

  test('does not know whether a client exists that it cannot read', async () => {
    const answers = { ...vantage, 'clients.read': () => UNREADABLE };
    const refusing = { ...answers, 'clients.create': failing(refusal()) };
    for (const request of [ensureRequest([], verifyNothing), dryRun(ensureRequest([], verifyNothing))]) {
      const { record } = await run(request, refusing);
      expect(record.clientFound).toBeUndefined();
      expect(record).toMatchObject({ plan: { client: 'create' } });
    }
  });

  test('counts the live secrets of its repository', async () => {
    const answers = { ...vantage, ...listing(markOf(), 'by hand', markOf(OTHER_WORKFLOW)) };
    expect((await run(ensureRequest([], verifyNothing), answers)).record.liveBefore).toEqual(['0']);
  });

  test('refuses what it cannot write in time, also in a dry run, before it changes anything', async () => {
    const targets = Array.from({ length: 100 }, (_, index) => targetOf(`repository as NAME_${index}`));
    for (const request of [ensureRequest(targets), dryRun(ensureRequest(targets))]) {
      const { failure, log, record } = await run(request, { ...vantage, ...github }, 30_000);
      expect(failure).toMatchObject({ code: 'invalid-input', parts: { operation: 'planning the delivery to GitHub' } });
      expect(log).toEqual([]);
      expect(record).toMatchObject({ changed: false, plan: { secret: 'mint' } });
    }
  });

  test('does not refuse many targets if no secret is due', async () => {
    const targets = [OWN];
    const answers = { ...vantage, ...github, ...listing(markOf()) };
    const request = ensureRequest(targets, { secret: { rotate: 'when-due' } });
    const { failure, log } = await run(request, answers, 30_000);
    expect(failure).toBeUndefined();
    expect(log).toEqual([EXISTS, 'No secret is due before 2027-07-01T09:00:00.000Z.']);
  });

  test('warns about its targets before it does anything', async () => {
    const variables = ({ name }: { readonly name: string }) => (name === 'ENDS' ? 'soon' : 'orders');
    const answers: Answers = {
      ...vantage,
      ...github,
      ...listing(markOf(OTHER_WORKFLOW)),
      'github.variables.read': (_: unknown, name: string) => ({ value: variables({ name }), updatedAt: NOW }),
    };
    const request = ensureRequest([OWN], { secret: { rotate: 'when-due', verify: false } });
    const { delivery } = request;
    const named = delivery.github && {
      ...delivery,
      github: { ...delivery.github, clientIdVariable: 'ID', expirationVariable: 'ENDS' },
    };
    const { log } = await run(dryRun({ ...request, ...(named ? { delivery: named } : {}) }), answers);
    expect(log.slice(0, 3)).toEqual([
      expect.stringMatching(/^Warning: The variable ENDS in repository octo-org\/octo-repo holds "soon"/u),
      expect.stringMatching(/^Warning: The secret VANTAGE_CLIENT_SECRET in .* serves another client: .* "orders"\./u),
      expect.stringContaining(
        `Warning: These repositories write ${IN_OWN}: octo-org/octo-repo (github.com/1001), octo-org/website (github.com/1002).`,
      ),
    ]);
  });
});

describe('a target that cannot be written', () => {
  const OLD = targetOf('repository octo-org/old');
  const locked: Answers = {
    ...vantage,
    ...github,
    'clients.list': () => UNREADABLE,
    'github.secrets.publicKey': ({ repo }: { readonly repo: string }) => {
      if (repo === 'old') throw refusal('github-permission');
      return { id: '1', value: 'a2V5' };
    },
  };
  const LEFT_OUT = {
    line: 'actions repository octo-org/old as VANTAGE_CLIENT_SECRET',
    why: 'left out, because it cannot be written',
    maybe: false,
  };

  test('is left out and reported, and the others get the secret', async () => {
    const request = ensureRequest([OWN, OLD], { secret: { rotate: 'when-due', verify: false } });
    const { failure, record } = await run(request, locked);
    expect(failure).toMatchObject({ code: 'github-permission' });
    expect(record.written).toEqual(['actions repository octo-org/octo-repo as VANTAGE_CLIENT_SECRET']);
    expect(record.unwritten).toEqual([LEFT_OUT]);
  });
});

describe('a run whose turn to write comes later', () => {
  /** Another client of the run has written as much as GitHub allows in a minute, and the run starts a while later. */
  const late = async (request: EnsureRequest, untilTurn: number) => {
    const time = { now: 0 };
    const waits: number[] = [];
    const pause = async (wait: number) => {
      waits.push(wait);
      time.now += wait;
      return true;
    };
    const busy = WritePace.open(1, { now: () => time.now, pause });
    busy.reserve(70);
    time.now = 60_000 - untilTurn;
    using stage = new Stage({ ...vantage, ...github });
    const { github: services } = stage.context;
    const context = { ...stage.context, github: services && { ...services, pace: busy.forAnother() } };
    const failure = await failureOf(ensure(request, context, stage.record));
    const looks = stage.requests.filter(asked => asked === 'clients.read invoices').length;
    return { failure, waits, looks, written: stage.record.written.length };
  };
  const toOwn = ensureRequest([OWN], verifyNothing);

  test.each([
    [5000, 1],
    [5001, 2],
  ])('observes again what has become old: after %i ms, it has looked %i times', async (wait, looks) => {
    expect(await late(toOwn, wait)).toEqual({ failure: undefined, waits: [wait], looks, written: 1 });
  });

  test('does not wait for it in a dry run, which writes nothing', async () => {
    expect(await late(dryRun(toOwn), 50_000)).toEqual({ failure: undefined, waits: [], looks: 1, written: 0 });
  });
});

describe('the inputs of mode: ensure', () => {
  const read = (inputs: Readonly<Record<string, string>> = {}) => readInputs({ 'client-id': 'invoices', ...inputs });
  const NOWHERE =
    'reading the inputs failed: `output-secret` is "false": a new secret must be delivered: set this input to true, name a target in write-to, or set rotate to never.';
  const IN_USE =
    'reading the inputs failed: `prune-after` is "7d": nothing shows who uses a secret that was an output: pass the stored secret as current-secret, which is then kept. Otherwise, leave this input out, and set secret-expiration or revoke-at-job-end.';
  const TO_REPOSITORY = { 'write-to': 'repository' };

  test('are read into a request', async () => {
    const { request, github: access } = await read({ ...TO_REPOSITORY, 'client-name': 'Invoices' });
    const { client, secret, delivery } = request as EnsureRequest;
    expect(client).toMatchObject({ clientId: 'invoices', declared: { clientName: 'Invoices' } });
    expect(secret).toMatchObject({ rotate: 'always', verify: true });
    expect(delivery).toMatchObject({ outputSecret: false, github: { targets: [OWN] } });
    expect(access).toBe(delivery.github);
    expect((await read()).github).toBeUndefined();
  });

  test.each([
    [{ 'output-secret': 'false' }, NOWHERE],
    [{ 'output-secret': 'false', rotate: 'when-due' }, NOWHERE],
    [{ 'output-secret': 'false', rotate: 'never' }, undefined],
    [{ 'output-secret': 'false', ...TO_REPOSITORY }, undefined],
    [{ 'prune-after': '7d' }, IN_USE],
    [{ 'prune-after': '7d', 'output-secret': 'true', ...TO_REPOSITORY }, IN_USE],
    [{ 'prune-after': '7d', 'current-secret': 'canary-in-use' }, undefined],
    [{ 'prune-after': '7d', ...TO_REPOSITORY }, undefined],
  ])('are checked: %j', async (inputs, message) => {
    expect((await failureOf(read(inputs)))?.message).toBe(message);
  });

  test('are what the end of the job needs to know', async () => {
    expect((await read()).savedStep?.({})).toMatchObject({
      inputs: {
        'base-url': 'https://vantage-eu.abbyy.com',
        'tenant-id': 'acme',
        'api-version': 'v2',
        'client-id': 'invoices',
      },
    });
  });

  test('start a run that reports what it does', async () => {
    using stage = new Stage(vantage);
    const { execute, outputs, record, loadSummary } = await read({ verify: 'false' });
    expect(outputs(text => text)).toMatchObject({ 'client-id': 'invoices', 'secret-created': 'false' });
    await execute(stage.context);
    expect(stage.outputs).toEqual(['canary-of-the-secret']);
    expect(record.changed).toBe(true);
    expect(outputs(text => text)).toMatchObject({ 'secret-created': 'true', 'secret-id': '7' });
    const summary = renderSummary(await loadSummary(), undefined, text => text);
    expect(summary).toContain('### ✅ `invoices`: new secret for this job, works until 31 Jul 2027');
  });
});
