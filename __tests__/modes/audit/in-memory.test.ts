import { describe, expect, test } from '@jest/globals';
import { Failure } from '../../../src/model/failure.ts';
import type { AuditRequest } from '../../../src/model/request.ts';
import { parseDuration } from '../../../src/model/time.ts';
import type { ListedSecret, ReadableClient } from '../../../src/model/vantage.ts';
import type { AuditRecord } from '../../../src/modes/audit/record.ts';
import { audit } from '../../../src/modes/audit/run.ts';
import { type Answers, failing, failureOf, listOf, NOW, Stage, UNREADABLE } from '../../support/stage.ts';
import { COMMON_REQUEST } from '../../support/workflow.ts';

const REQUEST: AuditRequest = {
  ...COMMON_REQUEST,
  expiringWithin: parseDuration('30d') ?? {},
  failOn: 'none',
  concurrency: 1,
};

/** All settings that an audit checks, without a problem. */
const FINE = {
  redirectUris: [],
  allowNoPkce: false,
  allowedGrantTypes: ['client_credentials'],
  allowOfflineAccess: false,
  requireClientSecret: true,
};
const client = (clientId: string, given: object = {}): ReadableClient => ({ clientId, ...FINE, ...given });
const RISKY = { allowNoPkce: true };
const PKCE = 'the authorization code flow works without PKCE (allowNoPkce)';
const VALID: ListedSecret = {
  id: 'valid-secret',
  description: null,
  startTime: '2027-01-01T00:00:00Z',
  expiration: '2027-06-01T00:00:00Z',
};

/** A tenant with these clients. Each has one valid secret. */
const tenantOf = (clients: readonly ReadableClient[]): Answers => ({
  'tokens.signIn': () => ({}),
  'clients.list': () => listOf(clients),
  ...Object.fromEntries(clients.map(({ clientId }) => [`secrets.list ${clientId}`, () => listOf([VALID])])),
});

/** Audits these clients. The tenant answers as the test says, and else without a problem. */
async function auditOf(clients: readonly ReadableClient[], answers: Answers = {}, request: Partial<AuditRequest> = {}) {
  using stage = new Stage({ ...tenantOf(clients), ...answers }, { hidden: 'canary' });
  const record: AuditRecord = { mode: 'audit', clients: [], auditedAt: new Date(0), changed: false };
  const failure = await failureOf(audit({ ...REQUEST, ...request }, stage.context, record));
  const { events, requests, log } = stage;
  return { record, events, requests, log, failure: failure && [failure.code, failure.message] };
}

const ASKED_FIRST = ['tokens.signIn', 'clients.list'];
const many = (count: number) => Array.from({ length: count }, (_, index) => client(`c-${index}`, RISKY));
/** The others, in the log. */
const folded = (indexes: readonly number[]) =>
  indexes.length === 0
    ? []
    : [
        `Group: Dangerous settings: ${indexes.length} more`,
        ...indexes.map(index => `Client "c-${index}": ${PKCE}.`),
        'End of the group.',
      ];
const warnings = (count: number, from = 0) =>
  Array.from({ length: count - from }, (_, index) => `Warning: Client "c-${index + from}": ${PKCE}.`);

test('an audit reports every client, the most severe findings first', async () => {
  const done = await auditOf([client('fine'), client('risky', RISKY), client('none')], {
    'secrets.list none': () => listOf([]),
  });
  const secret = {
    id: 'valid-secret',
    state: 'valid',
    startTime: '2027-01-01T00:00:00.000Z',
    expiration: '2027-06-01T00:00:00.000Z',
    superseded: false,
  };
  expect(done.failure).toBeUndefined();
  expect(done.record).toEqual({
    mode: 'audit',
    listed: 3,
    plan: { schemaVersion: 1, mode: 'audit', clients: 3 },
    auditedAt: NOW,
    clients: [
      {
        clientId: 'none',
        secrets: [],
        findings: [{ kind: 'no-valid-secret', class: 'expiring', text: 'it has no secret' }],
      },
      { clientId: 'risky', secrets: [secret], findings: [{ kind: 'no-pkce', class: 'risky', text: PKCE }] },
      { clientId: 'fine', secrets: [secret], findings: [] },
    ],
    changed: false,
  });
  expect(done.events).toEqual([
    ...ASKED_FIRST,
    'secrets.list fine',
    'secrets.list risky',
    'secrets.list none',
    'The tenant has 3 clients. Checked 3, with 2 secrets.',
    'Warning: Client "none" has no working secret: it has no secret.',
    `Warning: Client "risky": ${PKCE}.`,
  ]);
});

test.each([1, 3])('with concurrency %i, the secrets of as many clients are listed at once', async concurrency => {
  let underWay = 0;
  let seen = 0;
  const list = async () => {
    underWay += 1;
    seen = Math.max(seen, underWay);
    await new Promise(done => setImmediate(done));
    underWay -= 1;
    return listOf([VALID]);
  };
  const clients = ['a', 'b', 'c', 'd'].map(id => client(id));
  const answers = Object.fromEntries(clients.map(({ clientId }) => [`secrets.list ${clientId}`, list]));
  const { log } = await auditOf(clients, answers, { concurrency });
  expect(seen).toBe(concurrency);
  expect(log).toEqual(['The tenant has 4 clients. Checked 4, with 4 secrets.']);
});

describe('the warnings', () => {
  test.each([
    [8, [], ''],
    [9, [8], 'Warning: 1 more finding: see the job summary and the log.'],
    [10, [8, 9], 'Warning: 2 more findings: see the job summary and the log.'],
  ] as const)('about %i clients are eight, and one that counts the rest', async (count, rest, counted) => {
    const { log } = await auditOf(many(count));
    expect(log.slice(1)).toEqual([...warnings(8), ...folded(rest), ...(counted ? [counted] : [])]);
  });

  test.each([
    [7, []],
    [8, [...folded([7]), 'Warning: 1 more finding: see the job summary and the log.']],
  ])('about %i clients are seven if another one is about the list', async (count, rest) => {
    const { log } = await auditOf(many(count), { 'clients.list': () => listOf(many(count), false) });
    expect(log).toEqual([
      expect.stringMatching(/^Warning: The list of clients may be incomplete: /u),
      `The tenant has ${count} clients. Checked ${count}, with ${count} secrets.`,
      ...warnings(7),
      ...rest,
    ]);
  });

  test.each([
    [1001, 'Group: Dangerous settings: 993 more', 993],
    [1009, 'Group: Dangerous settings: 1001 more', 1001],
  ])('about a client with %i findings are eight, and the log shows a thousand more', async (count, group, lines) => {
    const redirectUris = Array.from({ length: count }, (_, index) => `https://h${index}.example`);
    const { log } = await auditOf([client('open', { redirectUris })]);
    const [, ...shown] = log;
    expect(shown.slice(0, 8).every(line => line.startsWith('Warning: Client "open": redirect URI '))).toBe(true);
    expect(shown[8]).toBe(group);
    expect(shown.slice(9, -2)).toHaveLength(lines);
    expect(shown.at(-3)).toMatch(lines > 1000 ? /^And 1 more\.$/u : /^Client "open": redirect URI /u);
  });
});

describe('the settings of a client', () => {
  test('are those of the list if it has all that are checked', async () => {
    expect((await auditOf([client('a')])).requests).toEqual([...ASKED_FIRST, 'secrets.list a']);
  });

  test.each(Object.keys(FINE))('are read if the list has no %s, and count more than the list', async field => {
    const { [field]: _, ...listed } = client('a', { clientName: 'Listed' });
    const read = { kind: 'found', found: client('a', RISKY) };
    const { requests, record } = await auditOf([listed as ReadableClient], { 'clients.read a': () => read });
    expect(requests).toEqual([...ASKED_FIRST, 'clients.read a', 'secrets.list a']);
    expect(record.clients).toMatchObject([{ clientId: 'a', clientName: 'Listed', findings: [{ text: PKCE }] }]);
  });

  test('are those of the list if they cannot be read, which is a finding', async () => {
    const unread: Answers = { 'clients.read a': () => UNREADABLE };
    const { record } = await auditOf([{ clientId: 'a', allowNoPkce: true }], unread);
    expect(record.clients[0]?.findings).toEqual([
      { kind: 'unreadable', class: 'other', text: 'its settings cannot be read: it answered 404' },
      { kind: 'no-pkce', class: 'risky', text: PKCE },
    ]);
  });
});

test('a client whose secrets cannot be listed is checked as far as possible', async () => {
  const clients = [client('a'), client('b', RISKY)];
  const { record, log } = await auditOf(clients, { 'secrets.list b': () => UNREADABLE });
  expect(record.clients[0]).toEqual({
    clientId: 'b',
    findings: [
      { kind: 'unreadable', class: 'other', text: 'its secrets cannot be listed: it answered 404' },
      { kind: 'no-pkce', class: 'risky', text: PKCE },
    ],
  });
  expect(log[0]).toBe('The tenant has 2 clients. Checked 2, with 1 secrets.');
});

test('an ID that contains a secret is hidden before a finding shows a part of it', async () => {
  const { record } = await auditOf([client('a')], { 'secrets.list a': () => listOf([{ ...VALID, id: 'the-canary' }]) });
  expect(record.clients[0]?.secrets).toMatchObject([{ id: 'the-***', state: 'valid' }]);
});

test('an audit that ends early reports what it found', async () => {
  const refused = new Failure('authentication-failed', { operation: 'listing the secrets', reason: 'it answered 401' });
  const { record, events, failure } = await auditOf(
    many(4),
    { 'secrets.list c-2': failing(refused) },
    { failOn: 'any' },
  );
  expect(failure).toEqual(['authentication-failed', 'listing the secrets failed: it answered 401.']);
  expect(record.clients.map(({ clientId }) => clientId)).toEqual(['c-0', 'c-1']);
  expect(events).toEqual([
    ...ASKED_FIRST,
    'secrets.list c-0',
    'secrets.list c-1',
    'secrets.list c-2',
    'The tenant has 4 clients. Checked 2, with 2 secrets.',
    ...warnings(2),
  ]);
});

test('without a list of the clients, there is nothing to audit', async () => {
  const { record, events, failure } = await auditOf([], { 'clients.list': () => UNREADABLE });
  expect(failure).toEqual([
    'unsupported',
    'listing the clients of the tenant failed: it answered 404. Without that list, there is nothing to audit.',
  ]);
  expect(record).toEqual({ mode: 'audit', clients: [], auditedAt: new Date(0), changed: false });
  expect(events).toEqual(ASKED_FIRST);
});

describe('an audit fails', () => {
  const tenant = [client('a', { ...RISKY, allowRopc: true }), client('b', RISKY), client('c')];
  const noSecret: Answers = { 'secrets.list c': () => listOf([]) };

  test.each([
    ['none', undefined],
    ['expiring', '1 client has no working secret'],
    ['risky', '3 dangerous settings'],
    ['any', '1 client has no working secret, 3 dangerous settings'],
  ] as const)('on %s if it finds that', async (failOn, found) => {
    const { failure } = await auditOf(tenant, noSecret, { failOn });
    expect(failure).toEqual(
      found && [
        'audit-findings',
        `the audit with fail-on: ${failOn} failed: it found: ${found}. The job summary and the \`results\` output list them.`,
      ],
    );
  });

  test('on nothing else', async () => {
    expect((await auditOf([client('c')], noSecret, { failOn: 'risky' })).failure).toBeUndefined();
    expect((await auditOf([client('a', RISKY)], {}, { failOn: 'expiring' })).failure).toBeUndefined();
    expect((await auditOf([client('a')], {}, { failOn: 'any' })).failure).toBeUndefined();
  });
});
