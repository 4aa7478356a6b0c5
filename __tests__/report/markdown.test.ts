import { describe, expect, test } from '@jest/globals';
import { fragment, joined, Markdown } from '../../src/report/markdown.ts';

const NOW = new Date('2028-02-29T12:00:00Z');
const markdown = new Markdown(text => text.replaceAll('canary', '***'), NOW);
const shown = (value: unknown) => String(value);

describe('a text of the action', () => {
  test.each([
    ['set `if-exists: update`.', 'set `if-exists: update`.'],
    ['one ` alone', 'one \\` alone'],
    ['at https://a.example/b, and so on', 'at `https://a.example/b`, and so on'],
    ['(GET https://a.example)', '(GET `https://a.example`)'],
    ['ends at 2028-08-27T12:00:00Z', 'ends on 27 Aug 2028 (in 180 days)'],
    [
      'marked [vantage-client a/b id=github.com/1 to=0123abcd run=1.1 0123456789abcdef].',
      'marked `[vantage-client a/b id=github.com/1 to=0123abcd run=1.1 0123456789abcdef]`.',
    ],
    ['<b> *x* [y](z) a|b', '\\<b\\> \\*x\\* \\[y\\](z) a\\|b'],
    ['two\nlines', 'two lines'],
    ['the canary', 'the \\*\\*\\*'],
  ])('%j is %j', (text, expected) => {
    expect(shown(markdown.prose(text))).toBe(expected);
  });
});

test.each([
  ['invoices', '`invoices`'],
  ['a`b', "`a'b`"],
  ['a|b', '`a`\\|`b`'],
  ['|', '\\|'],
  ['a\nb', '`a b`'],
  ['canary', '`***`'],
  ['', '` `'],
  ['x'.repeat(400), `\`${'x'.repeat(299)}…\``],
])('code of %j is %j', (text, expected) => {
  expect(shown(markdown.code(text))).toBe(expected);
});

test('a link leads to its address, whatever the name is', () => {
  expect(shown(markdown.link('a](b', new URL('https://a.example/x(y)|z')))).toBe(
    '[`a](b`](https://a.example/x%28y%29%7cz)',
  );
});

test('a time that is none is shown as it is', () => {
  expect(['2028-08-27T12:00:00Z', '27 May', 'never', '<b>'].map(text => shown(markdown.time(text)))).toEqual([
    '27 Aug 2028 (in 180 days)',
    '27 May',
    'never',
    '\\<b\\>',
  ]);
  expect(shown(markdown.date('2028-08-27T12:00:00Z'))).toBe('27 Aug 2028');
});

test('cells are escaped, unless they are Markdown already', () => {
  const cell = fragment`**${1}** ${markdown.code('a*b')}`;
  expect(markdown.row(['a*b', cell, joined([cell, cell], ' · ')])).toBe(
    '| a\\*b | **1** `a*b` | **1** `a*b` · **1** `a*b` |',
  );
});

test('a block of changes cannot be left, and hides what is secret', () => {
  const lines = [
    { sign: '+', text: 'a  canary' },
    { sign: ' ', text: '````' },
    { sign: '-', text: 'b\n```\n# c' },
  ] as const;
  expect(markdown.diff(lines)).toEqual(['`````diff', '+ a  ***', '  ````', '- b ``` # c', '`````']);
  expect(markdown.diff([])).toEqual([]);
});
