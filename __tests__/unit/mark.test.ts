import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  bearsMark,
  isMarkOf,
  markedDescription,
  markNonce,
  ownershipMark,
  readMark,
  targetDigest,
} from '../../src/plan/mark.ts';

const run = { repository: 'octo-org/octo-repo', runId: '1658821493', runAttempt: '2' };

test('a mark reads as documented', () => {
  const digest = createHash('sha256').update('output').digest('hex').slice(0, 8);
  expect(ownershipMark(run, targetDigest([]), '9d5b65ce8600fea5')).toBe(
    `[vantage-client octo-org/octo-repo to=${digest} run=1658821493.2 9d5b65ce8600fea5]`,
  );
  // Secrets that are out there carry it, so it may never change.
  expect(digest).toBe('e0ee8bb5');
});

test('the digest is 8 hex digits that hang on the set of targets, not on their order', () => {
  const targets = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(
      targets.chain(list => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
      ([list, shuffled]) => {
        expect(targetDigest(list)).toMatch(/^[0-9a-f]{8}$/u);
        expect(targetDigest(shuffled)).toBe(targetDigest(list));
        expect(targetDigest([...list, 'one more target'])).not.toBe(targetDigest(list));
      },
    ),
  );
});

test('the digest tells where one target ends and the next one begins', () => {
  expect(targetDigest(['ab', 'c'])).not.toBe(targetDigest(['a', 'bc']));
});

test('a mark is read as it was written, however often a run was tried again', () => {
  const mintedAt = new Date('2027-01-31T09:00:00Z');
  const digest = targetDigest([]);
  const mark = ownershipMark({ ...run, runAttempt: '12' }, digest, markNonce(mintedAt, 'deadbeef'));
  expect(readMark(`Made by CI ${mark}`)).toEqual({ repository: run.repository, digest, mintedAt });
});

test('a nonce has 16 digits, whatever the time', () => {
  expect(markNonce(new Date('1970-01-01T00:00:01Z'), 'deadbeef')).toBe('00000001deadbeef');
});

test('the digest leaves the list that it is given in its order', () => {
  const targets = Object.freeze(['b', 'a']);
  expect(targetDigest(targets)).toBe(targetDigest(['a', 'b']));
  expect(targets).toEqual(['b', 'a']);
});

test('a description ends in the mark', () => {
  const mark = ownershipMark(run, targetDigest(['environment octo-org/octo-repo staging']), 'c0ffee');
  expect(markedDescription(undefined, mark)).toBe(mark);
  expect(markedDescription('Made by CI', mark)).toBe(`Made by CI ${mark}`);
});

test('every mark that a run gives is a mark of that run, and no other text is', () => {
  const name = fc.stringMatching(/^[\w.-]{1,12}$/u);
  const digits = fc.stringMatching(/^[1-9]\d{0,9}$/u);
  const runs = fc.record({
    repository: fc.tuple(name, name).map(parts => parts.join('/')),
    runId: digits,
    runAttempt: digits,
  });
  fc.assert(
    fc.property(runs, runs, fc.string({ minLength: 1 }), fc.nat(), (one, other, more, cut) => {
      const mark = ownershipMark(one, targetDigest([]), markNonce(new Date(), 'deadbeef'));
      expect(isMarkOf(one, mark)).toBe(true);
      const isSame = JSON.stringify(one) === JSON.stringify(other);
      expect(isMarkOf(other, mark)).toBe(isSame);
      for (const text of [
        mark + more,
        more + mark,
        mark.slice(0, cut % mark.length),
        mark.slice(1 + (cut % mark.length)),
      ]) {
        expect(isMarkOf(one, text)).toBe(false);
      }
    }),
  );
});

test('a description bears the mark that it was given, and no other', () => {
  const mark = ownershipMark(run, targetDigest([]), '9d5b65ce8600fea5');
  expect(bearsMark(markedDescription(undefined, mark), mark)).toBe(true);
  expect(bearsMark(markedDescription('Made by CI', mark), mark)).toBe(true);
  for (const description of [undefined, null, '', `by hand${mark}`, `${mark} by hand`, mark.slice(1)]) {
    expect(bearsMark(description, mark)).toBe(false);
  }
});
