import { expect, test } from '@jest/globals';
import { Failure } from '../../../src/model/failure.ts';
import type { DeleteRequest } from '../../../src/model/request.ts';
import { Secret } from '../../../src/model/secret.ts';
import { newDeleteRecord } from '../../../src/modes/delete/record.ts';
import { deleteClient } from '../../../src/modes/delete/run.ts';
import { type Answers, failing, failureOf, NOW, refusal, Stage, UNREADABLE } from '../../support/stage.ts';
import { COMMON_REQUEST, GITHUB, RUN, targetOf } from '../../support/workflow.ts';

/** A step that names no target. */
const REQUEST: DeleteRequest = { ...COMMON_REQUEST, clientId: 'invoices' };
const ON_GITHUB = { ...GITHUB, token: new Secret('canary-of-github'), isOwn: true };
const FIND = ['tokens.signIn', 'clients.find invoices'];
const FIND_AND_DELETE = [...FIND, 'clients.delete invoices'];
const DELETED = 'Deleted client "invoices".';
const ABSENT = 'Client "invoices" does not exist.';

const accessToken = new Secret('canary-of-an-access-token');

/** What Vantage answers about the client. */
const answersOf = (presence: object, deletion: Answers[string] = () => 'deleted'): Answers => ({
  'tokens.signIn': () => ({ token: () => accessToken }),
  'clients.find invoices': () => presence,
  'clients.delete invoices': deletion,
});

async function run(answers: Answers, dryRun = false) {
  using stage = new Stage(answers);
  const record = newDeleteRecord('invoices');
  const failure = await failureOf(deleteClient({ ...REQUEST, run: { ...RUN, dryRun } }, stage.context, record));
  return { record, events: stage.events, failure: failure && [failure.code, failure.message] };
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
  ['present', 'deleted', 'delete', 'deleted', [...FIND_AND_DELETE, DELETED]],
  ['present', 'absent', 'delete', 'absent', [...FIND_AND_DELETE, ABSENT]],
  ['not-listed', 'deleted', 'delete if it exists', 'deleted', [...FIND_AND_DELETE, DELETED]],
  ['not-listed', 'absent', 'delete if it exists', 'absent', [...FIND_AND_DELETE, ABSENT]],
  ['absent', 'absent', 'gone', 'absent', [...FIND, ABSENT]],
] as const)(
  'a client that is %s, and %s by its deletion: the plan is "%s", and it is %s',
  async (kind, deletion, plan, client, events) => {
    const done = await run(answersOf({ kind }, () => deletion));
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
    expect(await run(answersOf({ kind }), true)).toEqual({
      record: {
        ...recordOf(client, plan, false),
        lines: note ? [{ sign: '-', what: 'client', name: 'invoices', note }] : [],
      },
      events: [
        ...FIND,
        `A dry run changes nothing. The plan: ${said}.`,
        ...(note ? [`- client  invoices · ${note}`] : []),
      ],
      failure: undefined,
    });
  },
);

test('a client that cannot be found is not deleted, and the step says what to do', async () => {
  const { record, events, failure } = await run(answersOf(UNREADABLE));
  expect(record).toEqual(recordOf('unknown', 'unknown', false));
  expect(events).toEqual(FIND);
  expect(failure).toEqual([
    'unsupported',
    'deleting client "invoices" failed: it answered 404. This Vantage does not offer it. Do it by hand, in Vantage under Configuration → Public API Client.',
  ]);
});

test.each([
  [true, 'unknown'],
  [false, 'present'],
])(
  'a deletion that fails, and may have taken effect (%s), leaves a client that is %s',
  async (outcomeUnknown, client) => {
    const failed = new Failure('vantage-unavailable', { operation: 'deleting', reason: 'so', outcomeUnknown });
    const done = await run(answersOf({ kind: 'present' }, failing(failed)));
    expect(done.record).toEqual(recordOf(client, 'delete', false));
    expect(done.failure?.[0]).toBe('vantage-unavailable');
    expect(done.events).toEqual(FIND_AND_DELETE);
  },
);

test.each([
  [false, 'not deleted'],
  [true, 'may have been deleted'],
])('a secret whose deletion fails is left with its variable, and is %s: %s', async (outcomeUnknown, outcome) => {
  const refused = refusal('github-permission', { operation: 'deleting one', outcomeUnknown });
  using stage = new Stage({
    ...answersOf({ kind: 'present' }),
    'github.secrets.publicKey': () => ({ id: '1', value: 'a2V5' }),
    'github.secrets.read': () => ({ updatedAt: NOW }),
    'github.variables.read': () => ({ value: 'invoices', updatedAt: NOW }),
    'github.secrets.delete': failing(refused),
  });
  const record = newDeleteRecord('invoices');
  const github = { ...ON_GITHUB, targets: [targetOf('repository')], clientIdVariable: 'ID' };
  const failure = await failureOf(deleteClient({ ...REQUEST, github }, stage.context, record));
  expect(failure?.code).toBe('github-permission');
  expect(stage.log).toEqual([
    'Kept variable ID in repository octo-org/octo-repo, because the secret next to it is kept.',
  ]);
  expect(record.notDeleted).toEqual([
    { line: 'actions repository octo-org/octo-repo as VANTAGE_CLIENT_SECRET', why: `${outcome}: it answered 403` },
    { line: 'variable ID of actions repository octo-org/octo-repo', why: 'not deleted: the secret next to it is kept' },
  ]);
  expect(record).toMatchObject({ client: 'present', changed: outcomeUnknown });
});

test('a step that names no target asks no GitHub, even if it has one', async () => {
  const done = await run({ ...answersOf({ kind: 'present' }), 'github.secrets.delete': () => 'deleted' });
  expect(done.failure).toBeUndefined();
  expect(done.events).toEqual([...FIND_AND_DELETE, DELETED]);
});
