import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  hasMark,
  isMarkOfRun,
  isOwnMark,
  isTruncatedMark,
  type Mark,
  markedDescription,
  markNonce,
  ownershipMark,
  readMark,
} from '../../src/model/mark.ts';
import type { WorkflowRun } from '../../src/model/request.ts';
import { digests, WORKFLOW } from '../support/workflow.ts';

const run: WorkflowRun = { ...WORKFLOW, runId: '1658821493', runAttempt: '2' };

test('a mark has the documented form', () => {
  expect(ownershipMark(run, ['e0ee8bb5', '01234567'], '9d5b65ce8600fea5')).toBe(
    '[vantage-client octo-org/octo-repo id=github.com/1001 to=e0ee8bb5,01234567 run=1658821493.2 9d5b65ce8600fea5]',
  );
});

test('a mark is parsed as it was written, for any attempt of the run', () => {
  const createdAt = new Date('2027-01-31T09:00:00Z');
  const nonce = markNonce(createdAt, 'deadbeef');
  const mark = ownershipMark({ ...run, runAttempt: '12' }, ['e0ee8bb5', '01234567'], nonce);
  expect(readMark(`Made by CI ${mark}`)).toEqual({
    repository: run.repository,
    owner: 'github.com/1001',
    digests: ['e0ee8bb5', '01234567'],
    createdAt,
    nonce,
  });
});

test.each([
  ['of an Enterprise Server with a port', 'github.acme.example:8443'],
  ['of an Enterprise Server with an IP address', '[::1]:3000'],
])('a mark %s is parsed', (_, host) => {
  const mark = ownershipMark({ ...run, host }, ['e0ee8bb5'], '9d5b65ce8600fea5');
  expect(readMark(mark)?.owner).toBe(`${host}/1001`);
});

const MARK = ownershipMark(run, ['e0ee8bb5', '01234567'], '9d5b65ce8600fea5');

test.each([
  ['no id', MARK.replace(/ id=\S+/u, '')],
  ['an ID without a host', MARK.replace('id=github.com/1001', 'id=1001')],
  ['an ID that is not a number', MARK.replace('/1001', '/octo-repo')],
  ['an ID with a leading zero', MARK.replace('/1001', '/1001/1002')],
  ['no digest', MARK.replace(/to=\S+/u, 'to=')],
  ['an empty digest', MARK.replace(',01234567', ',')],
  ['a longer digest', MARK.replace('to=', 'to=0')],
  ['a digest that is not a number', MARK.replace('to=e', 'to=x')],
  ['a nonce that is not a time', MARK.replace(/ [\da-f]{16}\]$/u, ' noon]')],
  ['a truncated end', MARK.slice(0, -1)],
  ['text after it', `${MARK} copied`],
  ['another mark before it', `${MARK.replace('/1001', '/2001')} ${MARK}`],
  ['a mark that cannot be read before it', `[vantage-client ${MARK}`],
])('a mark with %s is invalid', (_, text) => {
  expect(readMark(text)).toBeUndefined();
});

test('a nonce always has 16 digits', () => {
  expect(markNonce(new Date('1970-01-01T00:00:01Z'), 'deadbeef')).toBe('00000001deadbeef');
});

test('a description ends with the mark', () => {
  const mark = ownershipMark(run, digests(['environment staging']), 'c0ffee');
  expect(markedDescription(undefined, mark)).toBe(mark);
  expect(markedDescription('Made by CI', mark)).toBe(`Made by CI ${mark}`);
});

/** The mark that a run creates, parsed. */
function given(by: WorkflowRun): Mark {
  const mark = readMark(ownershipMark(by, digests([]), markNonce(new Date(), 'deadbeef')));
  if (mark === undefined) {
    throw new Error('the mark of a run cannot be read');
  }
  return mark;
}

test.each<readonly [string, Partial<WorkflowRun>, boolean]>([
  ['that created it', {}, true],
  ['that was renamed since', { repository: 'octo-org/renamed' }, true],
  ['that was transferred since', { repository: 'acme/octo-repo' }, true],
  ['whose name changed its case', { repository: 'Octo-Org/OCTO-repo' }, true],
  ['in another run and step', { runId: '8', runAttempt: '3', step: 'another' }, true],
  ['of the same name that was created after the other one was deleted', { repositoryId: 4711 }, false],
  ['with the same name and ID on another GitHub', { host: 'github.acme.example' }, false],
  ['with an ID that starts with the same digits', { repositoryId: 10010 }, false],
])('whether a repository owns a mark if it %s: %j %j', (_, change, isOwn) => {
  expect(isOwnMark(given(run), { ...run, ...change })).toBe(isOwn);
});

test('no mark provably belongs to a repository whose ID is not known', () => {
  const { repositoryId: _, ...unreported } = run;
  expect(isOwnMark(given(run), unreported)).toBe(false);
  expect(isOwnMark(given(unreported), unreported)).toBe(false);
  expect(isOwnMark(given(unreported), run)).toBe(false);
});

test('each mark that a run creates is a mark of that run, and no other text is', () => {
  const name = fc.stringMatching(/^[\w.-]{1,12}$/u);
  const digits = fc.stringMatching(/^[1-9]\d{0,9}$/u);
  const runs = fc.record({
    host: fc.constantFrom('github.com', 'github.acme.example:8443'),
    repository: fc.tuple(name, name).map(parts => parts.join('/')),
    repositoryId: fc.integer({ min: 1, max: 9 }),
    runId: digits,
    runAttempt: digits,
    step: fc.constant(WORKFLOW.step),
  });
  const lists = fc.uniqueArray(fc.stringMatching(/^[\da-f]{8}$/u), { minLength: 1, maxLength: 64 });
  fc.assert(
    fc.property(runs, runs, lists, fc.string({ minLength: 1 }), fc.nat(), (one, other, to, more, cut) => {
      const mark = ownershipMark(one, to, markNonce(new Date(), 'deadbeef'));
      expect(isMarkOfRun(one, mark)).toBe(true);
      const isSame = JSON.stringify(one) === JSON.stringify(other);
      expect(isMarkOfRun(other, mark)).toBe(isSame);
      for (const text of [
        mark + more,
        more + mark,
        mark.slice(0, cut % mark.length),
        mark.slice(1 + (cut % mark.length)),
      ]) {
        expect(isMarkOfRun(one, text)).toBe(false);
      }
    }),
  );
});

test('a description has the mark that it was created with, and no other', () => {
  const mark = ownershipMark(run, digests([]), '9d5b65ce8600fea5');
  expect(hasMark(markedDescription(undefined, mark), mark)).toBe(true);
  expect(hasMark(markedDescription('Made by CI', mark), mark)).toBe(true);
  for (const description of [undefined, null, '', `by hand${mark}`, `${mark} by hand`, mark.slice(1)]) {
    expect(hasMark(description, mark)).toBe(false);
  }
});

describe('a mark is truncated', () => {
  const whole = ownershipMark(
    WORKFLOW,
    ['deadbeef', '0badcafe'],
    markNonce(new Date('2027-01-31T09:00:00Z'), 'c0ffee00'),
  );

  test.each(Array.from({ length: whole.length - 1 }, (_, index) => index + 1))('after %i characters', length => {
    expect(isTruncatedMark(`Made by CI ${whole.slice(0, length)}`)).toBe(true);
  });

  test.each([null, '', 'by hand', 'a [note] of ours', 'an open [bracket', whole, `Made by CI ${whole}`])(
    'but not in %j',
    text => {
      expect(isTruncatedMark(text)).toBe(false);
    },
  );
});
