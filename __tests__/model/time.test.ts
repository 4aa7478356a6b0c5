import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  exactMilliseconds,
  later,
  parseDuration,
  parseInstant,
  parseMoment,
  resolveMoment,
} from '../../src/model/time.ts';

const run = promisify(execFile);
const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;
const lengthOf = (text: string) => {
  const duration = parseDuration(text);
  return duration && exactMilliseconds(duration);
};

describe('durations', () => {
  test.each([
    ['30s', 30 * SECOND],
    ['5m', 300 * SECOND],
    ['1h30m', 1.5 * HOUR],
    ['90d', 90 * DAY],
    ['12w', 84 * DAY],
    ['1w2d3h4m5s', 9 * DAY + 3 * HOUR + 245 * SECOND],
    ['0s', 0],
    ['PT30S', 30 * SECOND],
    ['PT0.5S', 500],
    ['PT1H30M', 1.5 * HOUR],
    ['P12W', 84 * DAY],
    ['P1DT12H', 36 * HOUR],
    ['P0D', 0],
  ])('%s lasts %d ms', (text, milliseconds) => {
    expect(lengthOf(text)).toBe(milliseconds);
  });

  test.each(['P6M', 'P1Y', 'P1Y6M', 'P1M1D'])('%s has no fixed length', text => {
    expect(parseDuration(text)).toBeDefined();
    expect(lengthOf(text)).toBeUndefined();
  });

  test.each([
    '',
    ' ',
    '5',
    'm',
    '5 m',
    '5M',
    '5ms',
    '1.5h',
    '1h1d',
    '-5m',
    '-PT5M',
    'P',
    'PT',
    'P1',
    'soon',
    '٣d',
    '1e3s',
  ])('%j is not a duration', text => {
    expect(parseDuration(text)).toBeUndefined();
  });

  test('a text made of units lasts as long as its parts', () => {
    const count = fc.option(fc.nat(500), { nil: undefined });
    fc.assert(
      fc.property(count, count, count, count, count, (w, d, h, m, s) => {
        const parts = Object.entries({ w, d, h, m, s }).filter(([, value]) => value !== undefined);
        fc.pre(parts.length > 0);
        const expected =
          (((w ?? 0) * 7 + (d ?? 0)) * 24 + (h ?? 0)) * HOUR + (m ?? 0) * 60 * SECOND + (s ?? 0) * SECOND;
        expect(lengthOf(parts.map(([unit, value]) => `${value}${unit}`).join(''))).toBe(expected);
      }),
    );
  });
});

describe('instants', () => {
  test.each([
    ['2027-01-31T09:00:00Z', '2027-01-31T09:00:00.000Z'],
    ['2021-09-07T13:03:38.380Z', '2021-09-07T13:03:38.380Z'],
    ['2027-01-31T09:00:00.1234567Z', '2027-01-31T09:00:00.123Z'],
    ['2027-01-31T09:00:00+02:00', '2027-01-31T07:00:00.000Z'],
    ['2027-01-31T09:00:00-05:30', '2027-01-31T14:30:00.000Z'],
    ['2027-01-31t09:00:00z', '2027-01-31T09:00:00.000Z'],
    ['2028-02-29T00:00:00Z', '2028-02-29T00:00:00.000Z'],
  ])('%s is %s', (text, iso) => {
    expect(parseInstant(text)?.toISOString()).toBe(iso);
  });

  test.each([
    '2027-01-31',
    '2027-01-31T09:00:00',
    '2027-01-31 09:00:00Z',
    '2027-01-31T09:00Z',
    '2027-1-31T09:00:00Z',
    '2027-02-29T00:00:00Z',
    '2027-02-30T00:00:00Z',
    '2027-04-31T00:00:00Z',
    '2027-13-01T00:00:00Z',
    '2027-00-10T00:00:00Z',
    '2027-01-00T00:00:00Z',
    '2027-01-31T24:00:00Z',
    '2027-01-31T25:00:00Z',
    '2027-01-31T09:60:00Z',
    '2027-01-31T09:00:00+24:00',
    '2027-01-31T09:00:00+0200',
    '+002027-01-31T09:00:00Z',
    'tomorrow',
    '',
  ])('%j is not one', text => {
    expect(parseInstant(text)).toBeUndefined();
  });

  test('every instant that JavaScript writes is parsed as itself', () => {
    const years = { min: new Date('0100-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59.999Z') };
    fc.assert(
      fc.property(fc.date({ ...years, noInvalidDate: true }), date => {
        expect(parseInstant(date.toISOString())).toEqual(date);
      }),
    );
  });
});

describe('moments', () => {
  test('are instants or durations', () => {
    expect(parseMoment('2027-01-31T09:00:00Z')).toEqual({ at: new Date('2027-01-31T09:00:00Z') });
    expect(parseMoment('90d')).toEqual({ after: expect.objectContaining({ days: 90 }) });
    expect(parseMoment('2027-02-30T09:00:00Z')).toBeUndefined();
  });

  test('a duration is relative to another time, an instant is not', () => {
    const from = new Date('2027-01-01T00:00:00Z');
    const at = new Date('2030-01-01T00:00:00Z');
    expect(resolveMoment({ at }, from)).toEqual(at);
    expect(resolveMoment({ after: { days: 1 } }, from)).toEqual(new Date('2027-01-02T00:00:00Z'));
  });
});

describe('later, by the UTC calendar', () => {
  const CASES = [
    ['2027-01-31T12:00:00.000Z', { months: 1 }, '2027-02-28T12:00:00.000Z'],
    ['2028-01-31T12:00:00.000Z', { months: 1 }, '2028-02-29T12:00:00.000Z'],
    ['2026-08-31T23:59:59.999Z', { months: 6 }, '2027-02-28T23:59:59.999Z'],
    ['2028-02-29T00:00:00.000Z', { years: 3 }, '2031-02-28T00:00:00.000Z'],
    ['2027-12-31T23:30:00.000Z', { hours: 1 }, '2028-01-01T00:30:00.000Z'],
    // Both sides of a change to or from daylight saving time in Europe and America.
    ['2027-03-27T12:00:00.000Z', { days: 1 }, '2027-03-28T12:00:00.000Z'],
    ['2027-11-06T12:00:00.000Z', { days: 1 }, '2027-11-07T12:00:00.000Z'],
  ] as const;

  test.each(CASES)('%s and %j is %s', (from, duration, to) => {
    expect(later(new Date(from), duration).toISOString()).toBe(to);
  });

  // A process reads its time zone when it starts, so each zone needs its own process.
  test.each(['America/New_York', 'Europe/Berlin', 'Pacific/Apia'])('the same on a runner in %s', async TZ => {
    const script = `
      import { later } from ${JSON.stringify(new URL('../../src/model/time.ts', import.meta.url).href)};
      const ends = ${JSON.stringify(CASES)}.map(([from, duration]) => later(new Date(from), duration).toISOString());
      console.log(JSON.stringify([Intl.DateTimeFormat().resolvedOptions().timeZone, ...ends]));`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { env: { TZ } });
    expect(JSON.parse(stdout)).toEqual([TZ, ...CASES.map(([, , to]) => to)]);
  });

  const dates = fc.date({ min: new Date('2000-01-01'), max: new Date('2200-01-01'), noInvalidDate: true });

  test('a duration with a fixed length moves by that length, including fractions', () => {
    const amount = fc.oneof(
      fc.nat(1000),
      fc.integer({ min: 1, max: 4000 }).map(quarters => quarters / 4),
    );
    const unit = fc.constantFrom('weeks', 'days', 'hours', 'minutes', 'seconds');
    fc.assert(
      fc.property(dates, unit, amount, (date, name, count) => {
        const duration = { [name]: count };
        expect(later(date, duration).getTime() - date.getTime()).toBe(exactMilliseconds(duration));
      }),
    );
  });

  test('months keep the day, or use the last day of a shorter month', () => {
    fc.assert(
      fc.property(dates, fc.nat(60), (date, months) => {
        const moved = later(date, { months });
        const index = date.getUTCFullYear() * 12 + date.getUTCMonth() + months;
        expect(moved.getUTCFullYear() * 12 + moved.getUTCMonth()).toBe(index);
        const last = new Date(Date.UTC(Math.floor(index / 12), (index % 12) + 1, 0)).getUTCDate();
        expect(moved.getUTCDate()).toBe(Math.min(date.getUTCDate(), last));
        expect(moved.getTime() % DAY).toBe(date.getTime() % DAY);
      }),
    );
  });

  test('the argument is not changed', () => {
    const date = new Date('2027-01-31T12:00:00Z');
    later(date, { months: 1 });
    expect(date.toISOString()).toBe('2027-01-31T12:00:00.000Z');
  });
});
