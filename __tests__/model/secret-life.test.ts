import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { defaultEnd, resolveLife } from '../../src/model/secret.ts';
import { parseMoment } from '../../src/model/time.ts';

const DAY = 86_400_000;
const MINUTE = 60_000;
const now = new Date('2027-01-31T09:00:00.000Z');
const life = (expiration?: string, startTime?: string) => {
  const [end, start] = [expiration, startTime].map(text => (text === undefined ? undefined : parseMoment(text)));
  return resolveLife({ ...(end ? { expiration: end } : {}), ...(start ? { startTime: start } : {}) }, now);
};

test('what the workflow omits is left to Vantage', () => {
  expect(life()).toEqual({});
  expect(life('90d')).toEqual({ expiration: new Date(now.getTime() + 90 * DAY) });
  expect(life(undefined, '2d')).toEqual({ startTime: new Date(now.getTime() + 2 * DAY) });
});

describe('Vantage uses its own clock, which can be a little ahead of ours or behind it', () => {
  const shortest = (arrival: number) => arrival + DAY;
  const longest = (arrival: number) => new Date(arrival).setUTCFullYear(new Date(arrival).getUTCFullYear() + 3);

  test.each(['1d', 'P1D', '24h', 'P3Y', '156w', '2d', 'P6M'])('%s is within its limits', text => {
    const end = life(text).expiration?.getTime() ?? Number.NaN;
    for (const lag of [-4 * MINUTE, 0, 4 * MINUTE]) {
      const arrival = now.getTime() + lag;
      expect(end).toBeGreaterThanOrEqual(shortest(arrival));
      expect(end).toBeLessThanOrEqual(longest(arrival));
    }
  });

  test('a day is extended and three years are shortened, only by minutes', () => {
    const stretched = Number(life('1d').expiration) - (now.getTime() + DAY);
    const cut = longest(now.getTime()) - Number(life('P3Y').expiration);
    for (const change of [stretched, cut]) {
      expect(change).toBeGreaterThan(0);
      expect(change).toBeLessThanOrEqual(10 * MINUTE);
    }
  });

  test('a duration well within the limits is sent unchanged', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 1000 }), days => {
        expect(life(`${days}d`).expiration?.getTime()).toBe(now.getTime() + days * DAY);
      }),
    );
  });
});

describe('a time that the workflow names is sent unchanged', () => {
  test('an instant', () => {
    const instant = '2027-02-01T09:00:00Z';
    expect(life(instant)).toEqual({ expiration: new Date(instant) });
  });

  test.each([
    ['1d', '2027-03-02T09:00:00.000Z'],
    ['P3Y', '2030-03-01T09:00:00.000Z'],
    ['P1M', '2027-04-01T09:00:00.000Z'],
  ])('%s from a start that it names', (text, end) => {
    const { startTime, expiration } = life(text, '2027-03-01T09:00:00Z');
    expect(startTime?.toISOString()).toBe('2027-03-01T09:00:00.000Z');
    expect(expiration?.toISOString()).toBe(end);
  });

  test('a start relative to now', () => {
    const { startTime, expiration } = life('1d', 'P1M');
    expect(startTime?.toISOString()).toBe('2027-02-28T09:00:00.000Z');
    expect(expiration?.toISOString()).toBe('2027-03-01T09:00:00.000Z');
  });
});

test('without an expiration, a secret expires exactly six months after its creation', () => {
  expect(defaultEnd(now).toISOString()).toBe('2027-07-31T09:00:00.000Z');
  expect(defaultEnd(new Date('2026-08-31T09:00:00Z')).toISOString()).toBe('2027-02-28T09:00:00.000Z');
});
