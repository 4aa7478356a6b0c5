import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { AuditedClient, AuditedSecret } from '../../src/plan/audit.ts';
import { auditLines, auditVerdict, mostUrgent, sectionsOf, shownLines } from '../../src/plan/audit-sections.ts';
import { type Finding, type FindingKind, finding } from '../../src/plan/findings.ts';

const DAY = 86_400_000;
const NOW = new Date('2028-02-29T12:00:00Z');
const at = (days: number) => new Date(NOW.getTime() + days * DAY).toISOString();
const MADE = { createdFor: { repository: 'acme/web', owner: 'github.com/7', digests: ['0123abcd'] } };

const secret = (id: string, days: number, given: Partial<AuditedSecret> = {}): AuditedSecret => ({
  id,
  state: days <= 0 ? 'expired' : 'expiring',
  expiration: at(days),
  superseded: false,
  ...given,
});
const client = (
  clientId: string,
  secrets: readonly AuditedSecret[] | undefined,
  findings: readonly Finding[],
): AuditedClient => ({ clientId, ...(secrets ? { secrets } : {}), findings });
const soon = (id: string, days: number, given = {}) =>
  client(id, [secret('1', days, given)], [finding('expiring', 'x', '1')]);
const dead = (id: string, days: number, given = {}) =>
  client(id, [secret('1', -days, given)], [finding('no-valid-secret', 'y'), finding('expired', 'x', '1')]);
const risky = (id: string) => client(id, [], [finding('ropc', 'z')]);
const ids = (rows: readonly { readonly client: AuditedClient }[]) => rows.map(one => one.client.clientId);

test('what expires soon is sorted, and apart from what this action replaces', () => {
  const { expiring, rotating } = sectionsOf([soon('c', 9), soon('a', 20), soon('b', 3, MADE), soon('d', 1)]);
  expect(ids(expiring)).toEqual(['d', 'c', 'a']);
  expect(ids(rotating)).toEqual(['b']);
});

test('a client without a working secret is one row, the latest first, and one that never had any last', () => {
  const bare = client('bare', [], [finding('no-valid-secret', 'it has no secret')]);
  const twice = client(
    'twice',
    [secret('1', -90), secret('2', -4)],
    [finding('no-valid-secret', 'y'), finding('expired', 'x', '1'), finding('expired', 'x', '2')],
  );
  const { dead: rows, expired } = sectionsOf([dead('old', 80), bare, twice, dead('new', 1)]);
  expect(ids(rows)).toEqual(['new', 'twice', 'old', 'bare']);
  expect(rows.map(({ last }) => last?.expiration)).toEqual([at(-1), at(-4), at(-80), undefined]);
  expect(expired).toEqual([]);
});

test('an expired secret of a client with another one is apart', () => {
  const half = (id: string, days: number) => client(id, [secret('1', -days)], [finding('expired', 'x', '1')]);
  expect(ids(sectionsOf([half('a', 9), half('b', 2)]).expired)).toEqual(['b', 'a']);
});

test('a finding about a secret that is not listed is in no section, and one without a time says so', () => {
  const gone = client('gone', [secret('2', 3)], [finding('expiring', 'x', '1')]);
  const endless: AuditedSecret = { id: '1', state: 'expiring', superseded: false };
  const unknown = client('unknown', [endless], [finding('expiring', 'x', '1')]);
  const sections = sectionsOf([gone, unknown]);
  expect(ids(sections.expiring)).toEqual(['unknown']);
  expect(auditLines(sections, '30 days', NOW)[0]?.lines).toEqual([
    'Client "unknown": secret 1 expires at an unknown time.',
  ]);
});

describe('the verdict', () => {
  const all = sectionsOf([
    soon('a', 3),
    soon('b', 3, MADE),
    dead('c', 1),
    client('d', [secret('1', -1)], [finding('expired', 'x', '1')]),
    risky('e'),
    client('f', undefined, [finding('unreadable', 'x')]),
  ]);

  test.each([
    [
      'any',
      '2 secrets expire within 30 days, 1 client has no working secret, 1 other secret has expired, 1 dangerous setting, 1 check not possible',
    ],
    ['expiring', '2 secrets expire within 30 days, 1 client has no working secret, 1 other secret has expired'],
    ['risky', '1 dangerous setting'],
  ] as const)('counts for fail-on: %s', (failOn, text) => {
    expect(auditVerdict(all, '30 days', failOn)).toBe(text);
  });

  test('is empty if nothing was found', () => {
    expect(auditVerdict(sectionsOf([client('a', [], [])]), '30 days')).toBe('');
    expect(auditVerdict(sectionsOf([risky('a')]), '30 days', 'expiring')).toBe('');
  });
});

test('the log says of each problem which client it is, when, and for whom the secret was made', () => {
  const sections = sectionsOf([
    soon('a', 3),
    soon('b', 3, MADE),
    dead('c', 3),
    client('d', [secret('1', -3, MADE)], [finding('expired', 'x', '1')]),
    risky('e'),
    client('f', undefined, [finding('unreadable', 'x')]),
    client('g', [], [finding('no-valid-secret', 'it has no secret')]),
  ]);
  expect(auditLines(sections, '30 days', NOW)).toEqual([
    { title: 'Expire within 30 days', lines: ['Client "a": secret 1 expires 2028-03-03 (in 3 days).'] },
    {
      title: 'Expire within 30 days, created by this action',
      lines: ['Client "b": secret 1 expires 2028-03-03 (in 3 days), created for acme/web.'],
    },
    {
      title: 'No working secret',
      lines: [
        'Client "c" has no working secret since 2028-02-26 (3 days ago): y.',
        'Client "g" has no working secret: it has no secret.',
      ],
    },
    {
      title: 'Expired, and another secret works',
      lines: ['Client "d": secret 1 expired 2028-02-26 (3 days ago), created for acme/web.'],
    },
    { title: 'Dangerous settings', lines: ['Client "e": z.'] },
    { title: 'Could not be checked', lines: ['Client "f": x.'] },
  ]);
});

describe('the annotations', () => {
  const linesOf = (clients: readonly AuditedClient[]) => auditLines(sectionsOf(clients), '30 days', NOW);
  const many = (count: number, make: (id: string, days: number) => AuditedClient) =>
    Array.from({ length: count }, (_, index) => make(`c${index}`, index + 1));

  test.each([
    [100, 100, 4, 4, 8],
    [100, 100, 4, 3, 7],
    [2, 100, 2, 6, 8],
    [100, 1, 7, 1, 8],
    [0, 100, 0, 8, 8],
    [100, 0, 8, 0, 8],
  ])('of %i that expire and %i that are dead are %i and %i of %i', (expiring, broken, first, second, most) => {
    const shown = mostUrgent(linesOf([...many(broken, dead), ...many(expiring, soon)]), most);
    expect(shown.filter(line => line.includes(' expires '))).toHaveLength(first);
    expect(shown.filter(line => line.includes(' no working '))).toHaveLength(second);
    expect(shown[0]).toContain('"c0"');
  });

  test('are none without sections', () => {
    expect(mostUrgent([], 10)).toEqual([]);
  });

  test('show each line once, as many as there is room for', () => {
    const any = fc.array(fc.tuple(fc.constantFrom(soon, dead, risky), fc.integer({ min: 1, max: 20 })), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(any, fc.integer({ min: 0, max: 12 }), (given, most) => {
        const sections = linesOf(given.map(([make, days], index) => make(`c${index}`, days)));
        const lines = sections.flatMap(one => one.lines);
        const shown = mostUrgent(sections, most);
        expect(shown).toHaveLength(Math.min(most, lines.length));
        expect(new Set(shown).size).toBe(shown.length);
        expect(shown.filter(line => !lines.includes(line))).toEqual([]);
      }),
    );
  });
});

test('the log shows a thousand lines of a section, and counts the rest', () => {
  const lines = Array.from({ length: 1002 }, (_, index) => `line ${index}`);
  expect(shownLines(lines.slice(0, 1000))).toHaveLength(1000);
  expect(shownLines(lines).slice(-2)).toEqual(['line 999', 'And 2 more.']);
});

test('each finding of the results is in a section, whatever its kind', () => {
  const kinds: readonly FindingKind[] = ['no-end', 'foreign-hosts', 'no-pkce', 'ropc', 'long-lifetime'];
  expect(sectionsOf(kinds.map(kind => client(kind, [], [finding(kind, 'x')]))).risky).toHaveLength(kinds.length);
});
