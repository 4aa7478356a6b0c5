import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { drawTimeline } from '../../../src/modes/audit/timeline.ts';
import type { AuditedClient, AuditedSecret } from '../../../src/plan/audit.ts';
import { Markdown } from '../../../src/report/markdown.ts';

const DAY = 86_400_000;
const NOW = new Date('2028-02-29T12:00:00Z');
const at = (days: number) => new Date(NOW.getTime() + days * DAY).toISOString();
const draw = (clients: readonly AuditedClient[]) => drawTimeline(clients, NOW, new Markdown(text => text));

function secret(id: string, given: Partial<AuditedSecret> = {}): AuditedSecret {
  return { id, state: 'valid', startTime: at(-30), expiration: at(60), superseded: false, ...given };
}
function client(clientId: string, secrets?: readonly AuditedSecret[]): AuditedClient {
  return { clientId, ...(secrets ? { secrets } : {}), findings: [] };
}

interface Bar {
  readonly section: string;
  readonly name: string;
  readonly tags: readonly string[];
  readonly start: string;
  readonly end: string;
}

/**
 * Words that start a statement in Mermaid's grammar of Gantt charts. Its lexer recognizes them in any case, before any
 * name.
 */
const WORDS =
  /^(?:accDescr|accDescription|accTitle|axisFormat|call|click|dateFormat|excludes|gantt|href|includes|inclusiveEndDates|section|tickInterval|title|todayMarker|topAxis|weekday|weekend)\b/iu;

/** Parses a chart by the strictest reading of Mermaid's grammar, or fails at the line that does not fit. */
function read(lines: readonly string[]): { readonly title: string; readonly bars: readonly Bar[] } {
  const text = lines.join('\n');
  const [open, init, gantt, accTitle, accDescr, title, dateFormat, axisFormat, tickInterval, ...rest] =
    text.split(/\r\n|[\n\r\u2028\u2029]/u);
  expect([open, gantt, dateFormat]).toEqual(['```mermaid', 'gantt', '    dateFormat YYYY-MM-DD']);
  expect(init).toMatch(/^%%\{init: \{"gantt":\{"leftPadding":\d{1,3},[^\n%]+\}\}\}%%$/u);
  expect(accTitle).toBe('    accTitle: When the secrets expire');
  expect(accDescr).toMatch(
    /^ {4}accDescr: \d+ secrets? of \d+ clients?, each as a bar from its start to its expiration$/u,
  );
  expect(title).toMatch(/^ {4}title [\w ]+$/u);
  expect(axisFormat).toMatch(/^ {4}axisFormat [%\w-]+$/u);
  expect(tickInterval).toMatch(/^ {4}tickInterval [13]month$/u);
  expect(rest.pop()).toBe('```');
  let section: string | undefined;
  const bars: Bar[] = [];
  for (const line of rest) {
    const head = /^ {4}section ([^#:;%`{}<>"\s][^#:;%`{}<>"\n]*)$/u.exec(line)?.[1];
    if (head !== undefined) {
      section = head;
      continue;
    }
    const [, name = '', data = ''] = /^ {4}([^#:;%`{}<>"\s][^#:;%`{}<>"\n]*) :([^#:;%`{}<>"\n]+)$/u.exec(line) ?? [];
    expect({ line, reads: name !== '' && section !== undefined && !WORDS.test(name) }).toEqual({ line, reads: true });
    const parts = data.split(', ');
    const [start = '', end = ''] = parts.slice(-2);
    bars.push({ section: section ?? '', name, tags: parts.slice(0, -2), start, end });
  }
  return { title: title?.trim() ?? '', bars };
}

const isDay = (text: string) => /^\d{4}-\d\d-\d\d$/u.test(text) && new Date(text).toISOString().startsWith(text);

function expectSound(lines: readonly string[]): void {
  if (lines.length === 0) {
    return;
  }
  const { bars } = read(lines);
  expect(bars.length).toBeGreaterThan(0);
  expect(bars.length).toBeLessThanOrEqual(30);
  for (const { start, end, tags } of bars) {
    expect({ start: isDay(start), end: isDay(end), inOrder: start < end }).toEqual({
      start: true,
      end: true,
      inOrder: true,
    });
    expect(['', 'crit', 'active']).toContain(tags.join());
  }
}

describe('what it shows', () => {
  test('a bar for each secret, under its client, from its start to its expiration', () => {
    const { title, bars } = read(
      draw([client('invoices', [secret('0a1b2c3d-4e5f'), secret('7', { expiration: at(9) })])]),
    );
    expect(title).toBe('title When the secrets are valid');
    expect(bars).toEqual([
      { section: 'invoices', name: 'expires 9 Mar 2028', tags: ['active'], start: '2028-01-30', end: '2028-03-09' },
      {
        section: 'invoices',
        name: 'expires 29 Apr 2028',
        tags: ['active'],
        start: '2028-01-30',
        end: '2028-04-29',
      },
    ]);
  });

  test.each([
    ['expired', { state: 'expired', expiration: at(-2) }, 'expired 27 Feb 2028', 'crit'],
    ['expiring', { state: 'expiring', expiration: at(2) }, 'expires 2 Mar 2028', 'crit'],
    ['not yet valid', { state: 'not yet valid', startTime: at(2) }, 'from 2 Mar 2028', ''],
    ['without an expiration', { expiration: undefined }, 'expiration not reported', 'active'],
    ['without any time', { startTime: undefined, expiration: undefined }, 'expiration not reported', 'active'],
  ] as const)('a secret that is %s', (_, given, name, tag) => {
    const { expiration, startTime, ...rest } = { ...secret('1'), ...given };
    const reported = { ...rest, ...(startTime ? { startTime } : {}), ...(expiration ? { expiration } : {}) };
    const { bars } = read(draw([client('a', [reported])]));
    expect(bars.map(bar => ({ name: bar.name, tag: bar.tags.join() }))).toEqual([{ name, tag }]);
  });

  test('no chart if it would be empty', () => {
    expect(draw([])).toEqual([]);
    expect(draw([client('unread'), client('bare', [])])).toEqual([]);
    expect(draw([client('old', [secret('1', { state: 'expired', expiration: at(-200) })])])).toEqual([]);
    expect(draw([client('own', [secret('1', { superseded: true })])])).toEqual([]);
  });

  test('times in the distant past and future are limited to the chart, and are still a bar', () => {
    const far = secret('1', { startTime: '1970-01-01T00:00:00.000Z', expiration: '9999-12-31T23:59:59.999Z' });
    const toCome = secret('2', {
      state: 'not yet valid',
      startTime: '2040-01-01T00:00:00.000Z',
      expiration: '2042-01-01T00:00:00.000Z',
    });
    const { bars } = read(draw([client('a', [far, toCome])]));
    expect(bars).toHaveLength(2);
    const years = bars.flatMap(({ start, end }) => [start, end]).map(day => Number(day.slice(0, 4)));
    expect(Math.min(...years)).toBeGreaterThanOrEqual(2027);
    expect(Math.max(...years)).toBeLessThanOrEqual(2029);
  });

  test('of many secrets, the 30 that expire next, and says so', () => {
    const many = Array.from({ length: 400 }, (_, index) =>
      client(`client-${index}`, [secret(String(index), { expiration: at(400 - index) })]),
    );
    const { title, bars } = read(draw(many));
    expect(title).toBe('title The 30 of 400 secrets that expire next');
    expect(bars.map(({ section }) => section)).toEqual(
      Array.from({ length: 30 }, (_, index) => `client-${399 - index}`),
    );
  });

  test('of expired secrets, the latest, if there is room', () => {
    const ended = Array.from({ length: 29 }, (_, index) =>
      secret(`e${index}`, { state: 'expired', expiration: at(-1 - index) }),
    );
    const alive = Array.from({ length: 20 }, (_, index) => secret(`a${index}`, { expiration: at(1 + index) }));
    const { bars } = read(draw([client('a', [...ended, ...alive])]));
    expect(bars).toHaveLength(30);
    expect(bars.filter(({ tags }) => tags.includes('crit'))).toHaveLength(10);
    expect(bars[0]?.end).toBe(at(-10).slice(0, 10));
  });

  test('each secret once, even one of the year 10000 next to an expired one', () => {
    const distant = secret('1', { expiration: '+010000-01-01T04:59:59.999Z' });
    const ended = secret('2', { state: 'expired', expiration: at(-1) });
    const { bars } = read(draw([client('a', [distant, ended])]));
    expect(bars.map(({ name }) => name).sort()).toEqual(['expired 28 Feb 2028', 'expires 1 Jan 10000']);
  });
});

describe('it remains a chart', () => {
  test.each([
    ':',
    ';',
    '#',
    ',',
    '%%',
    '%%{init}%%',
    '\n',
    'a\nsection b',
    '```',
    '`',
    '{',
    '}',
    '"',
    ' ',
    '',
    '\\',
    '<b>',
    '&#35;',
    'section',
    'title',
    'gantt',
    'click',
    'call',
    'href',
    'topAxis',
    'excludes',
    'weekday',
    'gantt-1',
    'Section 2',
    '2027-01-01',
    '2027-01-01, 2027-01-02',
    'crit',
    'done, ',
    '\u2028',
    '😀'.repeat(50),
    'ü',
    '__proto__',
    'constructor',
  ])('with a client and a secret named %j', name => {
    const clients = [client(name, [secret(name || '1')]), client('other', [secret('2')])];
    expectSound(draw(clients));
    expect(read(draw(clients)).bars).toHaveLength(2);
  });

  const anyTime = fc.option(
    fc.oneof(
      fc.date({
        min: new Date('-009999-01-01T00:00:00Z'),
        max: new Date('+020000-01-01T00:00:00Z'),
        noInvalidDate: true,
      }),
      fc.integer({ min: -500, max: 900 }).map(days => new Date(at(days))),
    ),
    { nil: undefined },
  );
  const anyText = fc.oneof(
    fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 100 }),
    fc.string({ unit: fc.constantFrom(':', ';', '#', ',', '%', '\n', '`', ' ', 'a', '{', '}'), minLength: 1 }),
    fc.string({ unit: 'binary', minLength: 1 }),
  );
  /** The state follows from the times, as in the plan. */
  const anySecret = fc
    .record({ id: anyText, start: anyTime, end: anyTime, soon: fc.boolean(), superseded: fc.boolean() })
    .map(
      ({ id, start, end, soon, superseded }): AuditedSecret => ({
        id,
        state:
          end && end <= NOW ? 'expired' : start && start > NOW ? 'not yet valid' : soon && end ? 'expiring' : 'valid',
        ...(start ? { startTime: start.toISOString() } : {}),
        ...(end ? { expiration: end.toISOString() } : {}),
        superseded,
      }),
    );
  const anyClient = fc
    .tuple(anyText, fc.array(anySecret, { maxLength: 12 }))
    .map(([id, secrets]) => client(id, secrets));

  test('for any client IDs, secret IDs and times: at most 30 bars, each with its start before its end', () => {
    fc.assert(
      fc.property(fc.array(anyClient, { maxLength: 8 }), clients => {
        expectSound(draw(clients));
      }),
      { numRuns: 500 },
    );
  });

  test('and no secret is in it twice, or left out if there is room', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ start: anyTime, end: anyTime }), { maxLength: 25 }), times => {
        const secrets = times.map(
          ({ start, end }, index): AuditedSecret => ({
            id: String(index),
            state: end && end <= NOW ? 'expired' : start && start > NOW ? 'not yet valid' : 'valid',
            ...(start ? { startTime: start.toISOString() } : {}),
            ...(end ? { expiration: end.toISOString() } : {}),
            superseded: false,
          }),
        );
        // Each secret has a client of its own, whose name is in the chart.
        const lines = draw(secrets.map(one => client(`c${one.id}`, [one])));
        const shown =
          lines.length > 0
            ? read(lines)
                .bars.map(({ section }) => section.slice(1))
                .sort()
            : [];
        const visible = secrets.filter(
          ({ expiration }) => !expiration || Date.parse(expiration) > NOW.getTime() - 30 * DAY,
        );
        expect(shown).toEqual(visible.map(({ id }) => id).sort());
      }),
    );
  });
});

/** The contrast of two colors by WCAG 2.2. */
function contrast(one: string, other: string): number {
  const luminance = (color: string) => {
    const [r = 0, g = 0, b = 0] = [1, 3, 5]
      .map(at => Number.parseInt(color.slice(at, at + 2), 16) / 255)
      .map(part => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

test('the text on each bar has enough contrast, on a light and on a dark page', () => {
  const [, init = ''] = draw([client('invoices', [secret('1')])]);
  const { themeVariables: colors } = JSON.parse(init.slice('%%{init: '.length, -'}%%'.length));
  for (const bar of ['critBkgColor', 'activeTaskBkgColor', 'taskBkgColor']) {
    for (const text of ['taskTextColor', 'taskTextDarkColor']) {
      expect(contrast(colors[bar], colors[text])).toBeGreaterThan(4.5);
    }
  }
});

test('a secret value in a name is hidden before the name is truncated or changed', () => {
  const canary = 'canary/of+the==timeline:value;that-is-long-enough-to-be-cut';
  const redact = (text: string) => text.replaceAll(canary, '***');
  const lines = drawTimeline([client(`x ${canary} y`, [secret(canary)])], NOW, new Markdown(redact));
  expect(lines.join('\n')).toContain('section x·***·y');
  for (let from = 0; from + 6 <= canary.length; from += 1) {
    expect(lines.join('\n')).not.toContain(canary.slice(from, from + 6));
  }
});
