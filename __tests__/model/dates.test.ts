import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { countText, dateText, distanceText, minuteText, timeText, withTimeTexts } from '../../src/model/dates.ts';

const NOW = new Date('2028-02-29T12:00:00Z');
const HOUR = 3_600_000;
const after = (hours: number) => new Date(NOW.getTime() + hours * HOUR);

test('a date is in UTC, and has the month as a word', () => {
  expect(dateText(new Date('2027-05-23T23:59:59.999Z'))).toBe('23 May 2027');
  expect(dateText(new Date('2028-01-01T00:00:00Z'))).toBe('1 Jan 2028');
  expect(minuteText(new Date('2027-12-31T09:05:59Z'))).toBe('31 Dec 2027, 09:05 UTC');
});

test.each([
  [0, 'less than 1 hour'],
  [0.99, 'less than 1 hour'],
  [1, '1 hour'],
  [1.6, '2 hours'],
  [47.4, '47 hours'],
  [48, '2 days'],
  [180 * 24 - 0.001, '180 days'],
  [-3 * 24, '3 days'],
])('a distance of %d hours is %j', (hours, text) => {
  expect(distanceText(after(hours), NOW)).toBe(text);
});

test.each([
  [180 * 24, '27 Aug 2028 (in 180 days)'],
  [-9 * 24, '20 Feb 2028 (9 days ago)'],
  [27, '1 Mar 2028, 15:00 UTC (in 27 hours)'],
  [0, '29 Feb 2028, 12:00 UTC (less than 1 hour ago)'],
  [-0.5, '29 Feb 2028, 11:30 UTC (less than 1 hour ago)'],
])('a time %d hours away is %j', (hours, text) => {
  expect(timeText(after(hours), NOW)).toBe(text);
});

describe('times in a text', () => {
  test.each([
    ['it expires at 2028-08-27T12:00:00.000Z.', 'it expires on 27 Aug 2028 (in 180 days).'],
    ['written at 2028-02-29T11:00:00Z, so', 'written at 29 Feb 2028, 11:00 UTC (1 hour ago), so'],
    ['created 2028-01-01T00:00:00+01:00', 'created 31 Dec 2027 (60 days ago)'],
    ['at about 2028-08-27T12:00:00Z', 'at about 27 Aug 2028 (in 180 days)'],
    ['on 2028-08-27', 'on 2028-08-27'],
    ['without a zone: 2028-08-27T12:00:00', 'without a zone: 2028-08-27T12:00:00'],
    ['no time: 2028-13-41T99:00:00Z', 'no time: 2028-13-41T99:00:00Z'],
    ['within a word: x2028-08-27T12:00:00Zx', 'within a word: x2028-08-27T12:00:00Zx'],
  ])('%j', (text, shown) => {
    expect(withTimeTexts(text, NOW)).toBe(shown);
  });

  test('do not change any other text, and take linear time', () => {
    fc.assert(fc.property(fc.string(), text => withTimeTexts(text, NOW) === text));
    const long = '2028-08-27T12:00:00.000Z'.repeat(20_000);
    // The time of this thread only, because other processes may be busy.
    const started = process.threadCpuUsage();
    withTimeTexts(long, NOW);
    expect(process.threadCpuUsage(started).user / 1000).toBeLessThan(2000);
  });
});

test('a number has the noun that fits', () => {
  expect([0, 1, 2].map(count => countText(count, 'secret'))).toEqual(['0 secrets', '1 secret', '2 secrets']);
  expect([1, 2].map(count => countText(count, 'it has', 'they have'))).toEqual(['1 it has', '2 they have']);
});
