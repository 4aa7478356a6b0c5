import { expect, test } from '@jest/globals';
import { usableUntil } from '../../src/vantage/session.ts';

test.each([
  ['a day', 86_400, 86_340_000],
  ['an hour', 3600, 3_540_000],
  ['ten minutes', 600, 540_000],
  ['a minute', 60, 54_000],
  ['a second', 1, 900],
])(
  'a token that lives for %s is renewed a minute before it expires, or a tenth of its life',
  (_, seconds, milliseconds) => {
    expect(usableUntil(1000, seconds)).toBe(1000 + milliseconds);
  },
);

test.each([[undefined], [0], [-1]])('a token without a known expiration (%j) is used until it is refused', seconds => {
  expect(usableUntil(1000, seconds)).toBe(Number.POSITIVE_INFINITY);
});
