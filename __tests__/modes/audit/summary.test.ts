import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Failure } from '../../../src/model/failure.ts';
import { Secret } from '../../../src/model/secret.ts';
import type { AuditRequest } from '../../../src/modes/audit/inputs.ts';
import { type AuditRecord, reportAudit } from '../../../src/modes/audit/record.ts';
import { summarizeAudit } from '../../../src/modes/audit/summary.ts';
import { type AuditedClient, type AuditedSecret, auditClient, mostSevereFirst } from '../../../src/plan/audit.ts';
import { finding } from '../../../src/plan/findings.ts';
import { renderOutputs } from '../../../src/report/outputs.ts';
import { renderSummary } from '../../../src/report/summary.ts';
import { readSummary } from '../../support/markdown.ts';
import { violationsOf } from '../../support/schema.ts';
import { RUN, WORKFLOW } from '../../support/workflow.ts';

const DAY = 86_400_000;
const NOW = new Date('2028-02-29T12:00:00Z');
const at = (days: number) => new Date(NOW.getTime() + days * DAY).toISOString();

const REQUEST: AuditRequest = {
  vantage: { baseUrl: 'https://vantage.example', tenantId: 'acme', apiVersion: 'v2' },
  signIn: { kind: 'access-token', accessToken: new Secret('canary-of-the-token') },
  expiringWithin: { days: 30 },
  failOn: 'none',
  concurrency: 8,
  run: RUN,
  workflow: WORKFLOW,
  warnings: [],
};

function recordOf(clients: readonly AuditedClient[], given: Partial<AuditRecord> = {}): AuditRecord {
  return { mode: 'audit', clients, listed: clients.length, auditedAt: NOW, changed: false, ...given };
}
const render = (record: AuditRecord, failure?: Failure, redact = (text: string) => text) =>
  renderSummary(markdown => summarizeAudit(REQUEST, record, markdown), failure, redact);

/** A tenant with a number of clients of every kind, as the plan reports them. */
function tenant(count: number): readonly AuditedClient[] {
  const clients = Array.from({ length: count }, (_, index) => {
    const mark = `[vantage-client octo-org/repo-${index} to=0123abcd run=1.1 ${'0'.repeat(16)}]`;
    const secrets = Array.from({ length: index % 4 }, (_, nth) => ({
      id: `0f8fad5b-d9cb-469f-a165-${String(index * 10 + nth).padStart(12, '0')}`,
      description: nth === 1 ? mark : null,
      valueDisplay: 'abc',
      startTime: at(-100),
      expiration: at(((index * 37 + nth * 101) % 800) - 40),
    }));
    const client = {
      clientId: `service-number-${index}`,
      clientName: `Service number ${index} of the tenant`,
      redirectUris: index % 5 === 0 ? [`https://service-${index}.example`] : [],
      allowNoPkce: index % 7 === 0,
      allowRopc: index % 11 === 0,
    };
    return auditClient(
      { client, secrets: { kind: 'found', found: secrets, whole: true } },
      { now: NOW, expiringWithin: { days: 30 } },
    );
  });
  return mostSevereFirst(clients);
}

interface Result {
  readonly clientId: string;
}
/** How each result of an audit starts. */
const HEAD = { schemaVersion: 1, mode: 'audit', tenant: 'acme', outcome: 'kept', errorCode: '' };
const report = (record: AuditRecord) =>
  renderOutputs(reportAudit(record), { tenant: 'acme', failure: undefined }, text => text);
const outputs = (record: AuditRecord) => report(record).outputs;
const resultsOf = (record: AuditRecord) => JSON.parse(outputs(record).results ?? '') as Result[];
const rowCalled = (summary: string, name: string) =>
  readSummary(summary)
    .tables.flatMap(({ rows }) => rows)
    .find(([first]) => first === name)?.[1];

describe.each([0, 1, 40, 1000, 3000])('of %i clients', count => {
  const make = () => {
    const record = recordOf(tenant(count));
    return { record, found: record.clients.filter(({ findings }) => findings.length > 0), summary: render(record) };
  };
  let made: ReturnType<typeof make> | undefined;
  // Prepared by the first test that needs it, and not before all: mutation testing cannot assign shared preparations to
  // a test.
  const open = () => {
    made ??= make();
    return made;
  };

  test('the summary is well-formed, within its limit, and counts them', () => {
    const { record, found, summary } = open();
    const { tables } = readSummary(summary);
    expect(rowCalled(summary, 'Clients')).toBe(`${count}, ${found.length} with findings`);
    const all = tables.find(({ head }) => head.length === 7);
    const named = all?.rows.map(([name]) => name).filter(Boolean) ?? [];
    const more = Number(/^And (\d+) more clients, for which the summary is too small\.$/mu.exec(summary)?.[1] ?? 0);
    expect(named.length + more).toBe(count);
    expect(named).toEqual(
      record.clients.slice(0, named.length).map(({ clientId, clientName }) => `${clientId} (${clientName})`),
    );
  });

  test('each finding is counted, and written out for the most severe clients', () => {
    const { found, summary } = open();
    const kinds = found.flatMap(({ findings }) => findings.map(({ kind }) => kind));
    const counted = [...(rowCalled(summary, 'Findings') ?? '').matchAll(/(\d+) ([a-z-]+)/gu)];
    expect(counted.reduce((sum, [, number]) => sum + Number(number), 0)).toBe(kinds.length);
    const spelled = readSummary(summary).tables.find(({ head }) => head.join() === 'Client,Findings')?.rows ?? [];
    expect(spelled.map(([client]) => client)).toEqual(found.slice(0, 50).map(({ clientId }) => clientId));
    expect(spelled.map(([, cell]) => cell?.split('\n').length)).toEqual(
      found.slice(0, 50).map(({ findings }) => findings.length),
    );
  });

  test('`results` is JSON within its limit, most severe first, and says what it leaves out', () => {
    const { record } = open();
    const { results = '' } = outputs(record);
    expect(results.length * 2).toBeLessThanOrEqual(1024 * 1024);
    const reported = resultsOf(record);
    expect(reported).toEqual(record.clients.slice(0, reported.length).map(client => ({ ...HEAD, ...client })));
    expect(violationsOf('results', results)).toEqual([]);
    const left = count - reported.length;
    expect(report(record).cut).toEqual(left > 0 ? expect.stringContaining(`${left} of the clients`) : undefined);
    expect(reported.length > 0 || count === 0).toBe(true);
  });

  test('each secret is counted once, by when it expires', () => {
    const { record, summary } = open();
    const secrets = record.clients.flatMap(client => client.secrets ?? []);
    const ends = readSummary(summary).tables.find(({ head }) => head[0] === 'Expired');
    expect(ends?.rows.flat().reduce((sum, cell) => sum + Number(cell), 0) ?? 0).toBe(secrets.length);
  });
});

test('all of 40 clients are shown, and all of them are in `results`', () => {
  const record = recordOf(tenant(40));
  expect(render(record)).not.toContain('too small');
  expect(resultsOf(record)).toHaveLength(40);
});

describe('names that others chose', () => {
  const HOSTILE =
    'a|b `c` *d* _e_ [f](g) <img src=x> # h ~i~ \\| \\ {j} !k </details> <!-- ```\n| l |\r\n\n### m\u2028n';
  const secret: AuditedSecret = { id: 'f00', state: 'valid', startTime: at(-1), expiration: at(90), superseded: false };
  const hostile: AuditedClient = {
    clientId: HOSTILE,
    clientName: HOSTILE,
    secrets: [
      {
        ...secret,
        id: HOSTILE,
        createdFor: { repository: HOSTILE.replaceAll(/\s/gu, ''), owner: 'github.com/1', digests: ['0123abcd'] },
      },
    ],
    findings: [finding('foreign-hosts', `redirect URI ${HOSTILE} also matches`), finding('no-end', 'x', HOSTILE)],
  };

  test('stay in their cell, and read as they were', () => {
    const summary = render(recordOf([hostile, { clientId: 'plain', findings: [] }]));
    const { tables } = readSummary(summary);
    expect(tables.map(({ rows }) => rows.length)).toEqual([4, 1, 1, 2]);
    const line = HOSTILE.replaceAll(/\s*[\n\r\u2028]+\s*/gu, ' ');
    expect(tables.at(-1)?.rows[0]?.[0]).toBe(`${line} (${line})`);
    expect(tables.at(-2)?.rows[0]?.[1]).toContain(line);
  });

  test('and so does any text', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }),
      fc.string({
        unit: fc.constantFrom('|', '\\', '`', '<', '\n', '\r', '\u2028', '*', 'a', ' ', '~', '#'),
        minLength: 1,
      }),
    );
    fc.assert(
      fc.property(text, text, text, (clientId, clientName, id) => {
        const client = {
          ...hostile,
          clientId,
          clientName,
          secrets: [{ ...secret, id }],
          findings: [finding('ropc', id, id)],
        };
        const { tables } = readSummary(render(recordOf([client])));
        expect(tables.map(({ rows }) => rows.length)).toEqual([4, 1, 1, 1]);
        expect(resultsOf(recordOf([client]))).toEqual([{ ...HEAD, ...client }]);
      }),
    );
  });
});

describe('with too much of anything', () => {
  const long = '|😀'.repeat(200_000);
  const secrets = Array.from({ length: 1000 }, (_, index): AuditedSecret => {
    return { id: `id-${index}`, state: 'expired', expiration: at(-index), superseded: false };
  });
  const expired = secrets.map(({ id }) => finding('expired', `secret ${id} ended`, id));

  test.each<readonly [string, AuditedClient]>([
    ['an id', { clientId: long, findings: [finding('ropc', 'x')] }],
    ['a name', { clientId: 'a', clientName: long, findings: [] }],
    ['a redirect URI', { clientId: 'a', findings: [finding('foreign-hosts', long)] }],
    ['secrets', { clientId: 'a', secrets, findings: expired }],
  ])('%s, the summary stays within its limit', (_, client) => {
    const others = tenant(40);
    const { tables } = readSummary(render(recordOf([client, ...others])));
    expect(tables.at(-1)?.rows.at(-1)?.[6]).toBe('');
    const many = Array.from({ length: 60 }, (_, index) => ({ ...client, clientId: `${index}${client.clientId}` }));
    readSummary(render(recordOf(many)));
    const { results = '' } = outputs(recordOf([client, ...others]));
    expect(results.length * 2).toBeLessThanOrEqual(1024 * 1024);
    expect(JSON.parse(results)).toBeInstanceOf(Array);
  });
});

describe('a run that ended early', () => {
  const failure = new Failure('timeout', {
    operation: 'listing the secrets of client "a"',
    reason: 'the time ran out',
  });

  test('reports how far it came, and keeps what it found', () => {
    const clients = tenant(40).slice(0, 12);
    const summary = render(recordOf(clients, { listed: 40 }), failure);
    expect(rowCalled(summary, 'Clients')).toMatch(/^12 of 40 checked, \d+ with findings$/u);
    expect(summary).toContain('**timeout**: listing the secrets');
    expect(resultsOf(recordOf(clients, { listed: 40 }))).toHaveLength(12);
  });

  test('does not report an empty tenant if the list failed', () => {
    const { listed, ...record } = recordOf([]);
    expect(listed).toBe(0);
    expect(rowCalled(render(record, failure), 'Clients')).toMatch(/^0 of an unknown number checked/u);
  });
});

test('no part of a secret is shown, wherever it is and however long the text around it is', () => {
  const canary = 'canary_in*the|audit+s-own/page=that:is-long';
  const redact = (text: string) => text.replaceAll(canary, '***');
  for (const before of ['', 'x'.repeat(280), 'x'.repeat(299)]) {
    const text = `${before}${canary}`;
    const summary = render(
      recordOf([
        {
          clientId: text,
          clientName: text,
          secrets: [
            {
              id: 'f00',
              state: 'valid',
              superseded: false,
              createdFor: { repository: text, owner: 'github.com/1', digests: ['0123abcd'] },
            },
          ],
          findings: [finding('foreign-hosts', text), finding('unreadable', text)],
        },
      ]),
      new Failure('audit-findings', { operation: 'it', reason: text }),
      redact,
    );
    expect(summary).toContain('***'.replaceAll('*', '\\*'));
    for (let from = 0; from + 6 <= canary.length; from += 1) {
      const part = canary.slice(from, from + 6);
      expect({ part, shows: summary.replaceAll('\\', '').includes(part) }).toEqual({ part, shows: false });
    }
  }
});
