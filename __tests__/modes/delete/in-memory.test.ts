import { expect, test } from '@jest/globals';
import { asFailure, Failure } from '../../../src/model/failure.ts';
import type { DeleteRequest } from '../../../src/model/request.ts';
import { Secret } from '../../../src/model/secret.ts';
import { newDeleteRecord } from '../../../src/modes/delete/record.ts';
import { deleteClient } from '../../../src/modes/delete/run.ts';
import type { StepContext } from '../../../src/modes/step-context.ts';
import { type Answers, listOf, stepInMemory, UNREADABLE } from '../../support/memory.ts';
import { RUN, WORKFLOW } from '../../support/workflow.ts';

/** A step that names no target. */
const REQUEST: DeleteRequest = {
  vantage: { baseUrl: 'https://vantage.example', tenantId: 'acme', apiVersion: 'v2' },
  signIn: { kind: 'access-token', accessToken: new Secret('canary-of-the-token') },
  run: RUN,
  workflow: WORKFLOW,
  warnings: [],
  clientId: 'invoices',
};
const DELETED = 'Deleted client "invoices".';
const ABSENT = 'Client "invoices" does not exist.';

async function run(
  answers: Omit<Answers, 'clients'>,
  dryRun = false,
  change: (context: StepContext) => StepContext = context => context,
) {
  const { context, events } = stepInMemory({ clients: listOf([]), ...answers });
  const record = newDeleteRecord('invoices');
  const request = { ...REQUEST, run: { ...RUN, dryRun } };
  const failure = await deleteClient(request, change(context), record).then(() => undefined, asFailure);
  return { record, events, failure: failure && [failure.code, failure.message] };
}

const planOf = (client: string) => ({ schemaVersion: 1, mode: 'delete', clientId: 'invoices', client });
const recordOf = (client: string, plan: string, changed: boolean) => ({
  mode: 'delete',
  clientId: 'invoices',
  client,
  deletedFromGitHub: [],
  changed,
  plan: planOf(plan),
});

test.each([
  ['present', 'deleted', 'delete', 'deleted', ['find invoices', 'delete invoices', DELETED]],
  ['present', 'absent', 'delete', 'absent', ['find invoices', 'delete invoices', ABSENT]],
  ['not-listed', 'deleted', 'delete if it exists', 'deleted', ['find invoices', 'delete invoices', DELETED]],
  ['not-listed', 'absent', 'delete if it exists', 'absent', ['find invoices', 'delete invoices', ABSENT]],
  ['absent', 'absent', 'gone', 'absent', ['find invoices', ABSENT]],
] as const)(
  'a client that is %s, and %s by its deletion: the plan is "%s", and it is %s',
  async (kind, deletion, plan, client, events) => {
    const done = await run({ presence: { invoices: { kind } }, deletion: { invoices: deletion } });
    expect(done).toEqual({ record: recordOf(client, plan, client === 'deleted'), events, failure: undefined });
  },
);

test.each([
  ['present', 'delete', 'present', 'delete the client', 'with all its secrets'],
  ['not-listed', 'delete if it exists', 'unknown', 'delete the client if it exists', 'if it exists'],
  ['absent', 'gone', 'absent', 'nothing to do', ''],
] as const)(
  'a dry run for a client that is %s plans "%s", and changes nothing',
  async (kind, plan, client, said, note) => {
    expect(await run({ presence: { invoices: { kind } } }, true)).toEqual({
      record: {
        ...recordOf(client, plan, false),
        lines: note ? [{ sign: '-', what: 'client', name: 'invoices', note }] : [],
      },
      events: [
        'find invoices',
        `A dry run changes nothing. The plan: ${said}.`,
        ...(note ? [`- client  invoices · ${note}`] : []),
      ],
      failure: undefined,
    });
  },
);

test('a client that cannot be found is not deleted, and the step says what to do', async () => {
  const { record, events, failure } = await run({ presence: { invoices: UNREADABLE } });
  expect(record).toEqual(recordOf('unknown', 'unknown', false));
  expect(events).toEqual(['find invoices']);
  expect(failure).toEqual([
    'unsupported',
    'deleting client "invoices" failed: GET https://vantage.example answered 404. This Vantage does not offer it. Do it by hand, in Vantage under Configuration → Public API Client.',
  ]);
});

test.each([
  [true, 'unknown'],
  [false, 'present'],
])(
  'a deletion that fails, and may have taken effect (%s), leaves a client that is %s',
  async (outcomeUnknown, client) => {
    const failed = new Failure('vantage-unavailable', { operation: 'deleting', reason: 'so', outcomeUnknown });
    const done = await run({ presence: { invoices: { kind: 'present' } }, deletion: { invoices: failed } });
    expect(done.record).toEqual(recordOf(client, 'delete', false));
    expect(done.failure?.[0]).toBe('vantage-unavailable');
    expect(done.events).toEqual(['find invoices', 'delete invoices']);
  },
);

test('a step that names no target asks no GitHub, even if it has one', async () => {
  const answers = { presence: { invoices: { kind: 'present' } }, deletion: { invoices: 'deleted' } } as const;
  const work = { signal: new AbortController().signal, remaining: () => 60_000 };
  const done = await run({ ...answers, pullRequest: {} }, false, context => {
    return { ...context, deadline: { ...context.deadline, work } as StepContext['deadline'] };
  });
  expect(done.failure).toBeUndefined();
  expect(done.events).toEqual(['find invoices', 'delete invoices', DELETED]);
});
