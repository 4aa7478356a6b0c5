import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type ClientIdPattern, parseClientIdPattern, patternText, pullRequestOf } from '../../src/model/client.ts';
import { numberIn } from '../support/honest-sweep.ts';

function patternOf(text: string): ClientIdPattern {
  const pattern = parseClientIdPattern(text);
  if (typeof pattern === 'string') {
    throw new Error(pattern);
  }
  return pattern;
}

/** Pattern, client ID, and the number of its pull request, if the pattern matches. */
const CASES: readonly [pattern: string, clientId: string, picked: number | undefined][] = [
  // The pattern itself.
  ['invoices-pr-{pr}', 'invoices-pr-1', 1],
  ['invoices-pr-{pr}', 'invoices-pr-10', 10],
  ['invoices-pr-{pr}', 'invoices-pr-4294967297', 4294967297],
  ['invoices-pr-{pr}', 'invoices-pr-9999999999', 9999999999],
  ['pr-{pr}-invoices', 'pr-7-invoices', 7],
  ['{pr}-invoices', '7-invoices', 7],
  ['p{pr}', 'p7', 7],
  ['a{pr}a', 'a7a', 7],
  ['v2-{pr}', 'v2-7', 7],
  ['{pr}-v2', '7-v2', 7],

  // Near misses at the number.
  ['invoices-pr-{pr}', 'invoices-pr-', undefined],
  ['invoices-pr-{pr}', 'invoices-pr-0', undefined],
  ['invoices-pr-{pr}', 'invoices-pr-01', undefined],
  ['invoices-pr-{pr}', 'invoices-pr-00', undefined],
  ['invoices-pr-{pr}', 'invoices-pr--1', undefined],
  ['invoices-pr-{pr}', 'invoices-pr-+1', undefined],
  ['invoices-pr-{pr}', 'invoices-pr-1.0', undefined],
  ['invoices-pr-{pr}', 'invoices-pr-1e3', undefined],
  ['invoices-pr-{pr}', 'invoices-pr-0x1', undefined],
  ['invoices-pr-{pr}', 'invoices-pr-1_000', undefined],
  ['invoices-pr-{pr}', 'invoices-pr-1,000', undefined],
  ['invoices-pr-{pr}', 'invoices-pr-NaN', undefined],
  ['invoices-pr-{pr}', 'invoices-pr-Infinity', undefined],
  ['invoices-pr-{pr}', 'invoices-pr-{pr}', undefined],
  ['invoices-pr-{pr}', 'invoices-pr-12345678901', undefined],
  ['invoices-pr-{pr}', 'invoices-pr-99999999999999999999', undefined],
  ['invoices-pr-{pr}', 'invoices-pr-١', undefined],
  ['invoices-pr-{pr}', 'invoices-pr-１', undefined],
  ['invoices-pr-{pr}', 'invoices-pr-²', undefined],
  ['invoices-pr-{pr}', 'invoices-pr-1 ', undefined],
  ['invoices-pr-{pr}', 'invoices-pr-1\n', undefined],
  ['invoices-pr-{pr}', 'invoices-pr-1\r\n2', undefined],
  ['invoices-pr-{pr}', 'invoices-pr-1\u0000', undefined],
  ['invoices-pr-{pr}', 'invoices-pr-abc', undefined],

  // Near misses around it, and clients of others.
  ['invoices-pr-{pr}', '', undefined],
  ['invoices-pr-{pr}', 'invoices', undefined],
  ['invoices-pr-{pr}', 'invoices-pr', undefined],
  ['invoices-pr-{pr}', '1', undefined],
  ['invoices-pr-{pr}', ' invoices-pr-1', undefined],
  ['invoices-pr-{pr}', 'my-invoices-pr-1', undefined],
  ['invoices-pr-{pr}', 'invoices-pr-1-old', undefined],
  ['invoices-pr-{pr}', 'invoices-pr-1invoices-pr-1', undefined],
  ['invoices-pr-{pr}', 'x\ninvoices-pr-1', undefined],
  ['invoices-pr-{pr}', 'Invoices-pr-1', undefined],
  ['invoices-pr-{pr}', 'INVOICES-PR-1', undefined],
  ['invoices-pr-{pr}', 'invoices_pr_1', undefined],
  ['invoices-pr-{pr}', 'invoices-pr1', undefined],
  ['invoices-pr-{pr}', 'invoices-prs-1', undefined],
  ['invoices-pr-{pr}', 'invoice-pr-1', undefined],
  ['invoices-pr-{pr}', 'invoıces-pr-1', undefined],
  ['pr-{pr}-invoices', 'pr-7-invoices-2', undefined],
  ['pr-{pr}-invoices', 'pr-7-8-invoices', undefined],
  ['pr-{pr}-invoices', 'pr-invoices', undefined],
  ['pr-{pr}-invoices', 'pr--invoices', undefined],
  // The text before the number and the text after it may not overlap.
  ['a-{pr}-a', 'a-a', undefined],
  ['a-{pr}-a', 'a-', undefined],
  ['aa{pr}aa', 'aaa', undefined],
  ['aa{pr}aa', 'aa1a', undefined],

  // Special characters represent themselves.
  ['a.b-{pr}', 'a.b-1', 1],
  ['a.b-{pr}', 'axb-1', undefined],
  ['.*a{pr}', '.*a1', 1],
  ['.*a{pr}', 'xxa1', undefined],
  ['^a{pr}$', '^a1$', 1],
  ['^a{pr}$', 'a1', undefined],
  ['a|b{pr}', 'a|b1', 1],
  ['a|b{pr}', 'b1', undefined],
  ['(a){pr}', '(a)1', 1],
  ['[a-z]{pr}', '[a-z]1', 1],
  ['[a-z]{pr}', 'q1', undefined],
  ['a+{pr}', 'aa1', undefined],
  ['a\\d{pr}', 'a\\d1', 1],
  ['a\\d{pr}', 'a51', undefined],
  ['a*{pr}', 'a*1', 1],
  ['a*{pr}', 'abc1', undefined],
  ['a%{pr}', 'a%1', 1],
  ['a_{pr}', 'a-1', undefined],
  ['a$&{pr}', 'a$&1', 1],
  ['a/{pr}', 'a/1', 1],
  ['{a}{pr}', '{a}1', 1],
  ['a{{pr}}', 'a{1}', 1],
  ['{PR}{pr}', '{PR}1', 1],
];

describe('a client id', () => {
  test.each(CASES)('by %j: %j is of pull request %j', (text, clientId, picked) => {
    const pattern = patternOf(text);
    expect(pullRequestOf(pattern, clientId)).toBe(picked);
    expect(patternText(pattern)).toBe(text);
  });

  /** Characters that have a meaning in patterns and regular expressions, and some that look alike. */
  const piece = fc.constantFrom(...'aAbz-_.*+?^$()[]{}|\\/%&#~!"\'<>=@,;:`019'.split(''), 'pr', '{pr', 'pr}', 'PR');
  const text = fc.array(piece, { maxLength: 6 }).map(pieces => pieces.join(''));
  const pattern = fc.tuple(text, text).map(([before, after]) => `${before}{pr}${after}`);
  const accepted = pattern.filter(one => typeof parseClientIdPattern(one) !== 'string');
  const number = fc.oneof(
    fc.integer({ min: 1, max: 9_999_999_999 }).map(String),
    fc.constantFrom('', '0', '01', '-1', '+1', '1.5', '1e3', '{pr}', '١', 'x', '1 ', '1\n', '12345678901'),
    text,
  );

  test('is selected if, and only if, it is the pattern with a number', () => {
    fc.assert(
      fc.property(
        accepted,
        number,
        fc.constantFrom('', 'x', ' ', '-', '1'),
        fc.boolean(),
        (text, middle, more, isLed) => {
          const whole = text.replace('{pr}', () => middle);
          const clientId = isLed ? more + whole : whole + more;
          const expected = numberIn(text, clientId);
          const isCounted = expected !== undefined && expected <= 9_999_999_999;
          expect(pullRequestOf(patternOf(text), clientId)).toBe(isCounted ? expected : undefined);
        },
      ),
      { numRuns: 3000 },
    );
  });

  test('that is selected is the pattern with its number, so no two clients belong to one pull request', () => {
    fc.assert(
      fc.property(accepted, fc.oneof(text, number), (pattern, clientId) => {
        const picked = pullRequestOf(patternOf(pattern), clientId);
        if (picked !== undefined) {
          expect(clientId).toBe(pattern.replace('{pr}', () => String(picked)));
        }
      }),
    );
    fc.assert(
      fc.property(accepted, fc.integer({ min: 1, max: 9_999_999_999 }), (pattern, picked) => {
        expect(
          pullRequestOf(
            patternOf(pattern),
            pattern.replace('{pr}', () => String(picked)),
          ),
        ).toBe(picked);
      }),
    );
  });
});

describe('a pattern is refused', () => {
  test.each([
    ['', 'once'],
    ['invoices', 'once'],
    ['invoices-*', 'once'],
    ['invoices-pr-{PR}', 'once'],
    ['invoices-pr-{ pr }', 'once'],
    ['{pr}-{pr}', 'once'],
    ['invoices-{pr}-{pr}', 'once'],
    ['{pr}', 'at least one letter'],
    ['-{pr}-', 'at least one letter'],
    ['{{pr}}', 'at least one letter'],
    ['*{pr}', 'at least one letter'],
    ['42-{pr}', 'at least one letter'],
    ['invoices2{pr}', 'no digit next to {pr}'],
    ['invoices-{pr}2', 'no digit next to {pr}'],
    ['a0{pr}', 'no digit next to {pr}'],
    ['two words-{pr}', 'without spaces'],
    ['rechnungen-ä-{pr}', 'printable ASCII'],
    ['a\t{pr}', 'printable ASCII'],
    ['a\n{pr}', 'printable ASCII'],
    ['a{pr}\n', 'printable ASCII'],
    [`${'a'.repeat(100)}{pr}`, 'at most 99'],
  ])('%j', (text, why) => {
    expect(parseClientIdPattern(text)).toEqual(expect.stringContaining(why));
  });

  test('only with more than 99 characters next to the number, because a client ID has 100', () => {
    expect(pullRequestOf(patternOf(`${'a'.repeat(99)}{pr}`), `${'a'.repeat(99)}7`)).toBe(7);
  });
});
