import { once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import type { TimeBudget } from '../../../src/http/deadline.ts';
import { ownershipMark } from '../../../src/model/mark.ts';
import type { EnsureRequest, FleetRequest } from '../../../src/model/request.ts';
import { newFleetRecord } from '../../../src/modes/fleet/record.ts';
import { ensureFleet } from '../../../src/modes/fleet/run.ts';
import { renderSummary } from '../../../src/report/summary.ts';
import { withFastTime } from '../../support/fast-time.ts';
import { readInputs } from '../../support/inputs.ts';
import { Checkout } from '../../support/manifest.ts';
import { readSummary } from '../../support/markdown.ts';
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
  type StageOptions,
  UNREADABLE,
} from '../../support/stage.ts';
import { COMMON_REQUEST, digests, RUN, targetOf, WORKFLOW } from '../../support/workflow.ts';

const vantage: Answers = {
  'tokens.signIn': () => ({}),
  'clients.read': (clientId: string) => ({ kind: 'found', found: { clientId } }),
  'clients.list': () => listOf([{ clientId: 'invoices' }]),
  'secrets.list': () => listOf([]),
  'secrets.create': () => created(),
};
/** A client that no secret is made for. */
const QUIET = ensureRequest([], { secret: { rotate: 'never' } });

/** So many of them. */
const quiet = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    ensureRequest([], { client: { clientId: `client-${index}` }, secret: { rotate: 'never' } }),
  );

/** The line of the first of them. */
const UNCHANGED = 'client-0: unchanged.';
/** Vantage refuses the account, as every client would show. */
const REFUSED: Answers = {
  'clients.read': () => UNREADABLE,
  'clients.create': failing(refusal('authentication-failed')),
};

/** Runs a fleet of these clients. */
async function run(
  requests: readonly EnsureRequest[],
  answers: Answers,
  given: Partial<FleetRequest> = {},
  options: StageOptions = {},
) {
  using stage = new Stage(answers, options);
  const request: FleetRequest = {
    ...COMMON_REQUEST,
    clients: requests.map((one, index) => ({ line: index + 2, request: one })),
    manifestClientIds: requests.map(({ client }) => client.clientId),
    shard: undefined,
    concurrency: 8,
    github: requests.find(({ delivery }) => delivery.github)?.delivery.github,
    ...given,
  };
  const record = newFleetRecord(request);
  const failure = await failureOf(ensureFleet(request, stage.context, record));
  return { failure, record, log: stage.log, requests: stage.requests, topics: stage.topics };
}

describe('the search for clients that the manifest does not name', () => {
  const named = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ clientId: index === 0 ? 'INVOICES' : `other-${index}` }));
  const mark = ownershipMark(WORKFLOW, digests([targetOf('repository')]), '6500000000000000');
  const whyNot = (why: string) => `Did not look for clients that are no longer in the manifest: ${why}.`;

  test('looks at 2000 of them', async () => {
    const { failure, log, record } = await run([QUIET], {
      ...vantage,
      'clients.list': () => listOf(named(2001)),
      'secrets.list other-2000': () => listOf([{ id: '7', description: mark }]),
    });
    expect(failure).toBeUndefined();
    expect(record.orphaned.map(({ clientId }) => clientId)).toEqual(['other-2000']);
    expect(log).toContain(
      'The manifest does not name 1 client that this repository created secrets for. The first is "other-2000". The job summary lists them, and nothing deletes them.',
    );
  });

  test('looks at none if there are more, and says so', async () => {
    const { failure, log, record, requests } = await run([QUIET], {
      ...vantage,
      'clients.list': () => listOf(named(2002)),
    });
    expect(failure).toBeUndefined();
    expect(record.orphaned).toEqual([]);
    expect(log).toContain(
      whyNot('the tenant has 2001 clients that the manifest does not name, and more than 2000 are not looked at'),
    );
    expect(requests.filter(request => request.startsWith('secrets.list'))).toEqual([]);
  });

  test('does not fail the run if Vantage refuses it, and says why', async () => {
    const { failure, log } = await run([QUIET], {
      ...vantage,
      'clients.list': failing(refusal('forbidden', { operation: 'listing the clients' })),
    });
    expect(failure).toBeUndefined();
    expect(log).toContain(whyNot('listing the clients failed at POST /somewhere: it answered 403'));
    expect(log.at(-1)).toBe('1 client: 0 changed, 1 unchanged, 0 failed.');
  });

  test('says so if this Vantage does not list its clients', async () => {
    const { failure, log } = await run([QUIET], { ...vantage, 'clients.list': () => UNREADABLE });
    expect(failure).toBeUndefined();
    expect(log).toContain(whyNot('this Vantage does not list its clients'));
  });

  test.each([1, 3])('with concurrency %i, looks at as many of them at once', async concurrency => {
    let underWay = 0;
    let most = 0;
    const { requests } = await run(
      [QUIET],
      {
        ...vantage,
        'clients.list': () => listOf(named(10)),
        'secrets.list': async () => {
          underWay += 1;
          most = Math.max(most, underWay);
          await new Promise(done => setImmediate(done));
          underWay -= 1;
          return listOf([]);
        },
      },
      { concurrency },
    );
    expect(requests.filter(request => request.startsWith('secrets.list'))).toHaveLength(9);
    expect(most).toBe(concurrency);
  });

  test.each<readonly [string, Answers, StageOptions]>([
    ['because a client met what every other would meet', REFUSED, {}],
    ['because the workflow is cancelled', {}, { cancelAt: UNCHANGED }],
  ])('does not take place if the run stops %s', async (_, answers, options) => {
    const { requests } = await run(quiet(2), { ...vantage, ...answers }, { concurrency: 1 }, options);
    expect(requests.filter(request => request === 'clients.list')).toEqual([]);
  });

  test('gets only a quarter of the time that is left', async () => {
    let given = 0;
    const slow = async (budget: TimeBudget) => {
      given = budget.remaining();
      await once(budget.signal, 'abort');
      throw new Error('the request was aborted');
    };
    const { failure, log } = await withFastTime({}, () => run([QUIET], { ...vantage, 'clients.list': slow }));
    expect(failure).toBeUndefined();
    // A step of a minute keeps five seconds for cleaning up.
    expect(given).toBeLessThanOrEqual(55_000 / 4);
    expect(given).toBeGreaterThan(55_000 / 5);
    expect(log).toContain(whyNot('there was no time to look at all clients'));
  });
});

describe('the last line', () => {
  test('counts the clients that failed', async () => {
    const { log, record } = await run(quiet(3), {
      ...vantage,
      'clients.read client-1': () => UNREADABLE,
      'clients.create': failing(refusal('conflict')),
    });
    expect(log.at(-1)).toBe('3 clients: 0 changed, 2 unchanged, 1 failed.');
    expect(record.changed).toBe(false);
  });

  test('counts the clients that a run did not begin, because it stopped', async () => {
    const { failure, log } = await run(quiet(3), { ...vantage, ...REFUSED }, { concurrency: 1 });
    expect(failure?.code).toBe('authentication-failed');
    expect(log.at(-1)).toBe('3 clients: 0 changed, 0 unchanged, 1 failed, 2 not begun.');
  });

  test('counts the clients that a run did not begin, because the workflow was cancelled', async () => {
    const { failure, log } = await run(quiet(3), vantage, { concurrency: 1 }, { cancelAt: UNCHANGED });
    expect(failure?.message).toBe(
      'ensuring the clients of the manifest failed: 2 of 3 were not begun. The workflow was cancelled. The job summary and the `results` output list all clients. Another run does only what is left.',
    );
    // The debug log shows the cause.
    expect(failure?.cause).toMatchObject({
      message: 'ensuring the clients of the manifest failed: the workflow was cancelled.',
    });
    expect(log.at(-1)).toBe('3 clients: 0 changed, 1 unchanged, 0 failed, 2 not begun.');
  });
});

test('a line after 20 clients counts those that failed', async () => {
  const fails = (index: number) => [`clients.read client-${index}`, () => UNREADABLE] as const;
  const { log } = await run(
    quiet(30),
    { ...vantage, ...Object.fromEntries([2, 5, 7].map(fails)), 'clients.create': failing(refusal('conflict')) },
    { concurrency: 1 },
  );
  expect(log.filter(line => line.includes(' done ('))).toEqual([
    expect.stringMatching(/^20 of 30 clients done \(66 %\), 3 failed\. About \d+ s left\.$/u),
  ]);
});

test.each([true, false])('a client whose update may have taken effect (%s) may be a change', async outcomeUnknown => {
  const client = { declared: { clientName: 'New' }, ifExists: 'update' } as const;
  const { failure, record } = await run([ensureRequest([], { client, secret: { rotate: 'never' } })], {
    ...vantage,
    'clients.read': (clientId: string) => ({ kind: 'found', found: { clientId, clientName: 'Old' } }),
    'clients.update': failing(refusal('vantage-unavailable', { outcomeUnknown })),
  });
  expect(failure?.code).toBe('vantage-unavailable');
  expect(record.changed).toBe(outcomeUnknown);
});

describe('a dry run', () => {
  const DRY = { run: { ...RUN, dryRun: true } };
  /** Clients whose secret is due, each for a secret of the repository. */
  const due = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      ...ensureRequest([targetOf(`repository as SECRET_${index}`)], { client: { clientId: `client-${index}` } }),
      ...DRY,
    }));
  const github: Answers = {
    'github.secrets.publicKey': () => ({ id: '1', value: 'a2V5' }),
    'github.secrets.read': () => undefined,
    'github.secrets.count': () => 1,
  };
  const warningsOf = (log: readonly string[]) => log.filter(line => line.startsWith('Warning: The plan has '));

  test('warns if the writes of its plan take longer than the run has time', async () => {
    const { failure, log, topics } = await run(due(71), { ...vantage, ...github }, DRY, { timeout: 50_000 });
    expect(failure).toBeUndefined();
    expect(warningsOf(log)).toEqual([
      'Warning: The plan has 71 writes to GitHub, and at the pace that GitHub allows the last one starts after 1 min. A run does as many as fit into its `timeout`, and the next run goes on with the rest.',
    ]);
    expect(topics).toEqual(['timeout']);
  });

  test.each([
    ['take less time than the run has', 71, 120_000],
    ['need not wait', 70, 50_000],
  ])('does not warn of writes that %s', async (_, clients, timeout) => {
    const { failure, log, record } = await run(due(clients), { ...vantage, ...github }, DRY, { timeout });
    expect(failure).toBeUndefined();
    expect(record.toDo).toBe(clients);
    expect(warningsOf(log)).toEqual([]);
  });

  test('does not warn of writes if it has none, even if its time is over', async () => {
    const client = { ...QUIET, ...DRY };
    const { failure, log } = await run([client], vantage, DRY, { cancelAt: 'invoices: unchanged.' });
    expect(failure).toBeUndefined();
    expect(warningsOf(log)).toEqual([]);
    expect(log.at(-1)).toBe('1 client: 0 changed, 1 unchanged, 0 failed.');
  });

  test('hides a secret in a long value of its plan before it cuts the value', async () => {
    const client = ensureRequest([], {
      client: { declared: { clientName: 'New' }, ifExists: 'update' },
      secret: { rotate: 'never' },
    });
    const long = 'x'.repeat(295);
    const found = { clientId: 'invoices', clientName: `${long}canary` };
    const { record } = await run(
      [{ ...client, ...DRY }],
      { ...vantage, 'clients.read': () => ({ kind: 'found', found }) },
      DRY,
      { hidden: 'canary' },
    );
    expect(record.plan).toMatchObject({ steps: [{ drift: { clientName: ['New', `"${long}***"`] } }] });
  });
});

test('what the marks of other clients say is asked once for the whole fleet', async () => {
  const places = ['repository', 'repository as OTHER'].map(line => targetOf(line));
  const seconds = (NOW.getTime() / 1000 - 60).toString(16);
  const orders = places.map((place, index) => ({
    id: String(index),
    description: ownershipMark(WORKFLOW, digests([place]), `${seconds}00000000`),
  }));
  const clients = places.map((place, index) =>
    ensureRequest([place], { client: { clientId: `client-${index}` }, secret: { rotate: 'when-due', verify: false } }),
  );
  const { failure, log, requests } = await run(
    clients,
    {
      ...vantage,
      'clients.list': () => listOf([{ clientId: 'orders' }, { clientId: 'client-0' }, { clientId: 'client-1' }]),
      'secrets.list orders': () => listOf(orders),
      'github.secrets.publicKey': () => ({ id: '1', value: 'a2V5' }),
      'github.secrets.read': () => ({ updatedAt: NOW }),
      'github.secrets.count': () => 1,
      'github.secrets.write': () => undefined,
    },
    // Only the first shard looks for clients that the manifest does not name.
    { shard: { index: 2, count: 2 } },
  );
  expect(failure).toBeUndefined();
  expect(log.filter(line => line.includes('held a secret of client "orders", as its mark shows.'))).toEqual([
    expect.stringContaining('Warning: The secret VANTAGE_CLIENT_SECRET in repository octo-org/octo-repo held'),
    expect.stringContaining('Warning: The secret OTHER in repository octo-org/octo-repo held'),
  ]);
  expect(requests.filter(request => request === 'clients.list')).toHaveLength(1);
  expect(requests.filter(request => request === 'secrets.list orders')).toHaveLength(1);
});

test('a client whose secret would be an output fails, and its secret is deleted', async () => {
  let listed = listOf<object>([]);
  const { failure, log, requests } = await run([ensureRequest([], { secret: { verify: false } })], {
    ...vantage,
    'secrets.create': (_: string, { description }: { readonly description: string }) => {
      listed = listOf([{ id: '7', description }]);
      return created();
    },
    'secrets.list': () => listed,
    'secrets.delete': () => undefined,
  });
  expect(failure?.message).toBe(
    'ensuring the clients of the manifest failed: 1 of 1 clients failed. It is client "invoices" in line 2: the step failed: a client of a manifest has no output. Please report it. The job summary and the `results` output list all clients. Another run does only what is left.',
  );
  expect(log).toContain('Revoked the new secret, because it was not delivered: MARK-1');
  expect(requests.at(-1)).toBe('secrets.delete invoices 7');
});

test('the summary of a step with a manifest shows how its clients ended', async () => {
  using checkout = new Checkout(
    'defaults:\n  secret: { rotate: never }\nclients:\n  - clientId: orders\n  - clientId: invoices\n',
  );
  using stage = new Stage(vantage);
  const step = await readInputs({ manifest: 'clients.yml' }, { workspace: checkout.path });
  await step.execute(stage.context);
  const markdown = renderSummary(await step.loadSummary(), undefined, text => text, NOW);
  expect(readSummary(markdown).title).toBe('✅ 2 clients: 2 unchanged');
});
