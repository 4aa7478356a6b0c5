import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseRetryAfter } from '../../src/http/message.ts';

const now = Date.parse('2027-01-31T09:00:00Z');

test.each([
  ['0', 0],
  ['5', 5000],
  [' 120 ', 120_000],
  ['86400', 86_400_000],
  ['Sun, 31 Jan 2027 09:00:30 GMT', 30_000],
  ['Sunday, 31-Jan-27 09:00:30 GMT', 30_000],
  ['Sun, 31 Jan 2027 08:59:00 GMT', 0],
])('%j asks for %d ms', (value, milliseconds) => {
  expect(parseRetryAfter(value, now)).toBe(milliseconds);
});

test.each([
  undefined,
  '',
  ' ',
  'soon',
  '-5',
  '1.5',
  '5s',
  '0x10',
  '1e3',
  '5, 10',
  '2027-01-31T09:00:30Z',
  '31 Foo 2027 GMT',
  'GMT',
])('%j is not usable', value => {
  expect(parseRetryAfter(value, now)).toBeUndefined();
});

test('the wait is undefined or not negative for any value', () => {
  const date = fc.date({ noInvalidDate: true }).map(value => value.toUTCString());
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.nat().map(String), date), value => {
      expect(parseRetryAfter(value, now) ?? 0).toBeGreaterThanOrEqual(0);
    }),
  );
});

test('a date is the same wait as its distance in seconds', () => {
  fc.assert(
    fc.property(fc.nat(10_000_000), seconds => {
      const date = new Date(now + seconds * 1000).toUTCString();
      expect(parseRetryAfter(date, now)).toBe(parseRetryAfter(String(seconds), now));
    }),
  );
});
