import { describe, expect, test } from '@jest/globals';
import { asFailure, Failure } from '../../../src/model/failure.ts';
import type { AuditRequest } from '../../../src/model/request.ts';
import { Secret } from '../../../src/model/secret.ts';
import { parseDuration } from '../../../src/model/time.ts';
import type { ListedSecret, ReadableClient } from '../../../src/model/vantage.ts';
import type { AuditRecord } from '../../../src/modes/audit/record.ts';
import { audit } from '../../../src/modes/audit/run.ts';
import { type Answers, listOf, NOW, stepInMemory, UNREADABLE } from '../../support/memory.ts';
import { RUN, WORKFLOW } from '../../support/workflow.ts';

const REQUEST: AuditRequest = {
  vantage: { baseUrl: 'https://vantage.example', tenantId: 'acme', apiVersion: 'v2' },
  signIn: { kind: 'access-token', accessToken: new Secret('canary-of-the-token') },
  run: RUN,
  workflow: WORKFLOW,
  warnings: [],
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

const secretsOf = (clients: readonly ReadableClient[]) =>
  Object.fromEntries(clients.map(({ clientId }) => [clientId, listOf([VALID])]));

/** Audits these clients. Each has one valid secret, unless the test says otherwise. */
async function auditOf(clients: readonly ReadableClient[], given: Partial<Answers> = {}, request = {}) {
  const answers = { clients: listOf(clients), ...given, secrets: { ...secretsOf(clients), ...given.secrets } };
  const { context, events } = stepInMemory(answers);
  const record: AuditRecord = { mode: 'audit', clients: [], auditedAt: new Date(0), changed: false };
  const failure = await audit({ ...REQUEST, ...request }, context, record).then(() => undefined, asFailure);
  return { record, events, failure: failure && [failure.code, failure.message] };
}

const asked = (events: readonly string[]) => events.filter(line => /^(?:read|secrets of) /u.test(line));
const logged = (events: readonly string[]) => events.filter(line => !/^(?:read|secrets of) /u.test(line));
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
    secrets: { none: listOf([]) },
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
    auditedAt: new Date(NOW),
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
    'secrets of fine',
    'secrets of risky',
    'secrets of none',
    'The tenant has 3 clients. Checked 3, with 2 secrets.',
    'Warning: Client "none" has no working secret: it has no secret.',
    `Warning: Client "risky": ${PKCE}.`,
  ]);
});

test.each([1, 3])('with concurrency %i, the secrets of as many clients are listed at once', async concurrency => {
  let underWay = 0;
  let seen = 0;
  const { context, events } = stepInMemory({ clients: listOf(['a', 'b', 'c', 'd'].map(id => client(id))) });
  const list = async () => {
    underWay += 1;
    seen = Math.max(seen, underWay);
    await new Promise(done => setImmediate(done));
    underWay -= 1;
    return listOf([VALID]);
  };
  const tenant = { ...context.openTenant({} as never), secrets: { list } };
  const record: AuditRecord = { mode: 'audit', clients: [], auditedAt: new Date(0), changed: false };
  await audit({ ...REQUEST, concurrency }, { ...context, openTenant: () => tenant } as never, record);
  expect(seen).toBe(concurrency);
  expect(events).toEqual(['The tenant has 4 clients. Checked 4, with 4 secrets.']);
});

describe('the warnings', () => {
  test.each([
    [8, [], ''],
    [9, [8], 'Warning: 1 more finding: see the job summary and the log.'],
    [10, [8, 9], 'Warning: 2 more findings: see the job summary and the log.'],
  ] as const)('about %i clients are eight, and one that counts the rest', async (count, rest, counted) => {
    const { events } = await auditOf(many(count));
    expect(logged(events).slice(1)).toEqual([...warnings(8), ...folded(rest), ...(counted ? [counted] : [])]);
  });

  test.each([
    [7, []],
    [8, [...folded([7]), 'Warning: 1 more finding: see the job summary and the log.']],
  ])('about %i clients are seven if another one is about the list', async (count, rest) => {
    const { events } = await auditOf([], { clients: listOf(many(count), false), secrets: secretsOf(many(count)) });
    expect(logged(events)).toEqual([
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
    const { events } = await auditOf([client('open', { redirectUris })]);
    const [, ...shown] = logged(events);
    expect(shown.slice(0, 8).every(line => line.startsWith('Warning: Client "open": redirect URI '))).toBe(true);
    expect(shown[8]).toBe(group);
    expect(shown.slice(9, -2)).toHaveLength(lines);
    expect(shown.at(-3)).toMatch(lines > 1000 ? /^And 1 more\.$/u : /^Client "open": redirect URI /u);
  });
});

describe('the settings of a client', () => {
  test('are those of the list if it has all that are checked', async () => {
    expect(asked((await auditOf([client('a')])).events)).toEqual(['secrets of a']);
  });

  test.each(Object.keys(FINE))('are read if the list has no %s, and count more than the list', async field => {
    const { [field]: _, ...listed } = client('a', { clientName: 'Listed' });
    const read = { a: { kind: 'found', found: client('a', RISKY) } } as const;
    const { events, record } = await auditOf([listed as ReadableClient], { client: read });
    expect(asked(events)).toEqual(['read a', 'secrets of a']);
    expect(record.clients).toMatchObject([{ clientId: 'a', clientName: 'Listed', findings: [{ text: PKCE }] }]);
  });

  test('are those of the list if they cannot be read, which is a finding', async () => {
    const { record } = await auditOf([{ clientId: 'a', allowNoPkce: true }], { client: { a: UNREADABLE } });
    expect(record.clients[0]?.findings).toEqual([
      {
        kind: 'unreadable',
        class: 'other',
        text: 'its settings cannot be read: GET https://vantage.example answered 404',
      },
      { kind: 'no-pkce', class: 'risky', text: PKCE },
    ]);
  });
});

test('a client whose secrets cannot be listed is checked as far as possible', async () => {
  const { record, events } = await auditOf([client('a'), client('b', RISKY)], { secrets: { b: UNREADABLE } });
  expect(record.clients[0]).toEqual({
    clientId: 'b',
    findings: [
      {
        kind: 'unreadable',
        class: 'other',
        text: 'its secrets cannot be listed: GET https://vantage.example answered 404',
      },
      { kind: 'no-pkce', class: 'risky', text: PKCE },
    ],
  });
  expect(logged(events)[0]).toBe('The tenant has 2 clients. Checked 2, with 1 secrets.');
});

test('an ID that contains a secret is hidden before a finding shows a part of it', async () => {
  const { record } = await auditOf([client('a')], { secrets: { a: listOf([{ ...VALID, id: 'the-canary' }]) } });
  expect(record.clients[0]?.secrets).toMatchObject([{ id: 'the-***', state: 'valid' }]);
});

test('an audit that ends early reports what it found', async () => {
  const refused = new Failure('authentication-failed', { operation: 'listing the secrets', reason: 'it answered 401' });
  const { record, events, failure } = await auditOf(many(4), { secrets: { 'c-2': refused } }, { failOn: 'any' });
  expect(failure).toEqual(['authentication-failed', 'listing the secrets failed: it answered 401.']);
  expect(record.clients.map(({ clientId }) => clientId)).toEqual(['c-0', 'c-1']);
  expect(events).toEqual([
    'secrets of c-0',
    'secrets of c-1',
    'secrets of c-2',
    'The tenant has 4 clients. Checked 2, with 2 secrets.',
    ...warnings(2),
  ]);
});

test('without a list of the clients, there is nothing to audit', async () => {
  const { record, events, failure } = await auditOf([], { clients: UNREADABLE });
  expect(failure).toEqual([
    'unsupported',
    'listing the clients of the tenant failed: GET https://vantage.example answered 404. Without that list, there is nothing to audit.',
  ]);
  expect(record).toEqual({ mode: 'audit', clients: [], auditedAt: new Date(0), changed: false });
  expect(events).toEqual([]);
});

describe('an audit fails', () => {
  const tenant = [client('a', { ...RISKY, allowRopc: true }), client('b', RISKY), client('c')];
  const secrets = { c: listOf<ListedSecret>([]) };

  test.each([
    ['none', undefined],
    ['expiring', '1 client has no working secret'],
    ['risky', '3 dangerous settings'],
    ['any', '1 client has no working secret, 3 dangerous settings'],
  ])('on %s if it finds that', async (failOn, found) => {
    const { failure } = await auditOf(tenant, { secrets }, { failOn });
    expect(failure).toEqual(
      found && [
        'audit-findings',
        `the audit with fail-on: ${failOn} failed: it found: ${found}. The job summary and the \`results\` output list them.`,
      ],
    );
  });

  test('on nothing else', async () => {
    expect((await auditOf([client('c')], { secrets }, { failOn: 'risky' })).failure).toBeUndefined();
    expect((await auditOf([client('a', RISKY)], {}, { failOn: 'expiring' })).failure).toBeUndefined();
    expect((await auditOf([client('a')], {}, { failOn: 'any' })).failure).toBeUndefined();
  });
});
