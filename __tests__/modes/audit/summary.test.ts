import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Failure } from '../../../src/model/failure.ts';
import type { AuditRequest } from '../../../src/model/request.ts';
import { type AuditRecord, reportAudit } from '../../../src/modes/audit/record.ts';
import { summarizeAudit } from '../../../src/modes/audit/summary.ts';
import { type AuditedClient, type AuditedSecret, auditClient, mostSevereFirst } from '../../../src/plan/audit.ts';
import { auditVerdict, sectionsOf } from '../../../src/plan/audit-sections.ts';
import { finding } from '../../../src/plan/findings.ts';
import { renderOutputs } from '../../../src/report/outputs.ts';
import { renderSummary } from '../../../src/report/summary.ts';
import { violationsOf } from '../../support/json-schemas.ts';
import { readSummary } from '../../support/markdown.ts';
import { COMMON_REQUEST } from '../../support/workflow.ts';

const DAY = 86_400_000;
const NOW = new Date('2028-02-29T12:00:00Z');
const at = (days: number) => new Date(NOW.getTime() + days * DAY).toISOString();

const REQUEST: AuditRequest = {
  ...COMMON_REQUEST,
  expiringWithin: { days: 30 },
  failOn: 'none',
  concurrency: 8,
};

function recordOf(clients: readonly AuditedClient[], given: Partial<AuditRecord> = {}): AuditRecord {
  return { mode: 'audit', clients, listed: clients.length, auditedAt: NOW, changed: false, ...given };
}
const render = (record: AuditRecord, failure?: Failure, redact = (text: string) => text) =>
  renderSummary(
    (markdown, failure) => summarizeAudit({ request: REQUEST, record, markdown, failure }),
    failure,
    redact,
    NOW,
  );

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
/** The rows of the section with this heading, and how many more there are. */
function sectionOf(summary: string, heading: RegExp) {
  const { headings, tables } = readSummary(summary);
  const under = headings.find(one => heading.test(one));
  return {
    counted: Number(under?.split(': ').at(-1) ?? 0),
    rows: tables.find(table => table.under === under)?.rows ?? [],
  };
}
/** The numbers in a title, by the noun after them. */
const numbersIn = (title: string) => ({
  expiring: Number(/(\d+) secrets? expires? within/u.exec(title)?.[1] ?? 0),
  dead: Number(/(\d+) clients? ha(?:s|ve) no working secret/u.exec(title)?.[1] ?? 0),
  expired: Number(/(\d+) other secrets? ha(?:s|ve) expired/u.exec(title)?.[1] ?? 0),
  risky: Number(/(\d+) dangerous settings?/u.exec(title)?.[1] ?? 0),
});

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
    const { record, summary } = open();
    const { tables, text } = readSummary(summary);
    expect(text[0]).toMatch(new RegExp(`^${count} clients?, \\d+ secrets?(?: · |$)`, 'u'));
    const all = tables.find(({ head }) => head.length === 7);
    const named = all?.rows.map(([name]) => name).filter(Boolean) ?? [];
    const more = Number(/^And (\d+) more clients, for which the summary is too small\.$/mu.exec(summary)?.[1] ?? 0);
    expect(named.length + more).toBe(count);
    expect(named).toEqual(
      record.clients.slice(0, named.length).map(({ clientId, clientName }) => `${clientId} (${clientName})`),
    );
  });

  test('the numbers in the title, the sections, the error and the results are the same', () => {
    const { record, summary } = open();
    const titled = numbersIn(readSummary(summary).title);
    const results = resultsOf(record).length === count ? record.clients : [];
    const sections = {
      expiring: sectionOf(summary, /^⏳ Expire/u).counted + sectionOf(summary, /^🔁 Expire/u).counted,
      dead: sectionOf(summary, /^⛔ No working secret/u).counted,
      expired: sectionOf(summary, /^⌛ Expired/u).counted,
      risky: sectionOf(summary, /^⚠️ Dangerous/u).counted,
    };
    expect(sections).toEqual(titled);
    if (results.length > 0) {
      const has = (client: AuditedClient, kind: string) => client.findings.some(one => one.kind === kind);
      const ofKind = (kind: string) => results.flatMap(({ findings }) => findings.filter(one => one.kind === kind));
      expect(titled).toEqual({
        expiring: ofKind('expiring').length,
        dead: results.filter(client => has(client, 'no-valid-secret')).length,
        expired: results
          .filter(client => !has(client, 'no-valid-secret'))
          .flatMap(({ findings }) => findings.filter(({ kind }) => kind === 'expired')).length,
        risky: results.flatMap(({ findings }) => findings.filter(one => one.class === 'risky')).length,
      });
    }
    const failed = auditVerdict(sectionsOf(record.clients), '30 days');
    expect(readSummary(summary).title).toBe(
      failed === '' ? '✅ Vantage audit: no findings' : `⚠️ Vantage audit: ${failed}`,
    );
  });

  test('each section is cut by itself at 25 rows, and says how many there are', () => {
    const { summary } = open();
    for (const heading of [/^⏳/u, /^🔁/u, /^⛔/u, /^⌛/u, /^⚠️/u]) {
      const { counted, rows } = sectionOf(summary, heading);
      expect(rows).toHaveLength(Math.min(25, counted));
      const more = `And ${counted - 25} more, in the \`results\` output and in the log.`;
      expect(counted > 25 ? summary.includes(more) : true).toBe(true);
    }
  });

  test('what expires next and what expired last comes first', () => {
    const { record, summary } = open();
    const days = (rows: readonly (readonly string[])[]) =>
      rows.map(([when = '']) => Date.parse(`${when.split(' · ')[1]} UTC`)).filter(time => !Number.isNaN(time));
    const soon = days(sectionOf(summary, /^⏳/u).rows);
    const dead = days(sectionOf(summary, /^⛔/u).rows);
    expect(soon).toEqual(soon.toSorted((one, other) => one - other));
    expect(dead).toEqual(dead.toSorted((one, other) => other - one));
    const next = sectionsOf(record.clients).expiring[0];
    expect(sectionOf(summary, /^⏳/u).rows[0]?.[1]).toBe(next?.client.clientId);
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
});

describe('the sections', () => {
  const secret = (id: string, days: number, given: Partial<AuditedSecret> = {}): AuditedSecret => ({
    id,
    state: days <= 0 ? 'expired' : days < 30 ? 'expiring' : 'valid',
    startTime: at(-100),
    expiration: at(days),
    superseded: false,
    ...given,
  });
  const created = { createdFor: { repository: 'acme/payables', owner: 'github.com/7', digests: ['0123abcd'] } };
  const record = recordOf([
    { clientId: 'by-hand', secrets: [secret('a', 9)], findings: [finding('expiring', 'a', 'a')] },
    { clientId: 'by-us', secrets: [secret('b', 10, created)], findings: [finding('expiring', 'b', 'b')] },
    {
      clientId: 'dead',
      secrets: [secret('c', -2, created), secret('d', -9)],
      findings: [
        finding('no-valid-secret', 'none of its 2 secrets is valid'),
        finding('expired', 'c', 'c'),
        finding('expired', 'd', 'd'),
      ],
    },
    { clientId: 'bare', secrets: [], findings: [finding('no-valid-secret', 'it has no secret')] },
    { clientId: 'half', secrets: [secret('e', -3), secret('f', 90)], findings: [finding('expired', 'e', 'e')] },
    { clientId: 'open', findings: [finding('foreign-hosts', 'redirect URI https://a.example also matches hosts')] },
    { clientId: 'unread', findings: [finding('unreadable', 'its secrets cannot be listed: it answered 403')] },
  ]);

  test('show each problem once, with what a person needs to act on it', () => {
    const { title, alert, headings, tables } = readSummary(render(record));
    expect(title).toBe(
      '⚠️ Vantage audit: 2 secrets expire within 30 days, 2 clients have no working secret, 1 other secret has expired, 1 dangerous setting, 1 check not possible',
    );
    expect(alert.filter(line => line !== '' && line !== 'To do:')).toHaveLength(4);
    expect(headings).toEqual([
      '⏳ Expire within 30 days, and nothing replaces them: 1',
      '🔁 Expire within 30 days, and this action created them: 1',
      '⛔ No working secret: 2',
      '⌛ Expired, and another secret of the client works: 1',
      '⚠️ Dangerous settings: 1',
      '❔ Could not be checked: 1',
    ]);
    expect(tables.slice(0, 6).map(({ rows }) => rows)).toEqual([
      [['9 days · 9 Mar 2028', 'by-hand', 'a']],
      [['10 days · 10 Mar 2028', 'by-us', 'acme/payables']],
      [
        ['2 days ago · 27 Feb 2028', 'dead', 'acme/payables'],
        ['it has no secret', 'bare', ''],
      ],
      [['3 days ago · 26 Feb 2028', 'half', 'not by this action']],
      [['open', 'redirect URI https://a.example also matches hosts', 'End it with /']],
      [['unread', 'its secrets cannot be listed: it answered 403']],
    ]);
  });

  test('are the same if the audit fails because of them', () => {
    const failure = new Failure('audit-findings', { operation: 'the audit', reason: 'it found: a lot' });
    const [passed, failed] = [readSummary(render(record)), readSummary(render(record, failure))];
    expect(failed.title).toBe(passed.title.replace('⚠️', '❌'));
    expect(failed.tables).toEqual(passed.tables);
  });

  test('fold the chart above ten clients, and always all clients', () => {
    expect(readSummary(render(recordOf(tenant(10)))).folded).toEqual(['All 10 clients']);
    expect(readSummary(render(recordOf(tenant(11)))).folded).toEqual(['When the secrets expire', 'All 11 clients']);
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
    expect(tables.map(({ rows }) => rows.length)).toEqual([2, 2]);
    const shown = (text = '') => text.replaceAll(/[`'|\s\u2028]+/gu, '');
    expect(shown(tables[1]?.rows[0]?.[0])).toBe(shown(`${HOSTILE} (${HOSTILE})`));
    expect(shown(tables[0]?.rows[0]?.[1])).toContain(shown(HOSTILE));
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
        expect(tables.map(({ rows }) => rows.length)).toEqual([1, 1]);
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
    const { title, text, alert } = readSummary(summary);
    expect(title).toBe('❌ Vantage audit: listing the secrets failed');
    expect(alert).toEqual(['Why: the time ran out.']);
    expect(text[0]).toBe('Error code timeout');
    expect(text[1]).toMatch(/^Found until then: \d+ secrets? expires? within 30 days, /u);
    expect(text[2]).toMatch(/^12 of 40 clients checked, /u);
    expect(resultsOf(recordOf(clients, { listed: 40 }))).toHaveLength(12);
  });

  test('does not report an empty tenant if the list failed', () => {
    const { listed, ...record } = recordOf([]);
    expect(listed).toBe(0);
    expect(readSummary(render(record, failure)).text[1]).toMatch(/^0 of an unknown number of clients checked, /u);
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
    expect(summary.replaceAll('\\', '')).toContain('***');
    for (let from = 0; from + 6 <= canary.length; from += 1) {
      const part = canary.slice(from, from + 6);
      expect({ part, shows: summary.replaceAll('\\', '').includes(part) }).toEqual({ part, shows: false });
    }
  }
});
