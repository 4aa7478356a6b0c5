import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { NeedleIndex } from '../../src/redaction/needle-index.ts';

const find = (needles: readonly string[], text: string) => {
  const index = new NeedleIndex();
  index.add(needles);
  return [...index.find(text)];
};

test.each<readonly [readonly string[], string, readonly (readonly [number, number])[]]>([
  [['abcd'], 'abcd', [[0, 4]]],
  [['abcd'], 'abc', []],
  [['abcd'], '', []],
  [[], 'abcd', []],
  [['abcde'], 'xabcd abcde', [[6, 11]]],
  [['abcd', 'abcdef'], 'abcdefg', [[0, 6]]],
  [['abcd', 'cdef'], 'abcdef', [[0, 6]]],
  [
    ['abcd'],
    'abcdabcd abcd',
    [
      [0, 8],
      [9, 13],
    ],
  ],
  [['\0\0\0a'], '\0\0a', []],
  [['\0\0\0\0'], '\0\0\0\0', [[0, 4]]],
  [['Жабв'], 'x Жабв', [[2, 6]]],
])('%j in %j', (needles, text, found) => {
  expect(find(needles, text)).toEqual(found);
});

test('a needle that is removed is not found, and others that begin with the same characters still are', () => {
  const index = new NeedleIndex();
  index.add(['abcdef', 'abcdxy', 'abcdxy']);
  index.remove(['abcdef', 'abcdxy']);
  expect([...index.find('abcdef abcdxy')]).toEqual([[7, 13]]);
  index.remove(['abcdxy']);
  expect([...index.find('abcdef abcdxy')]).toEqual([]);
});

test('every character of every needle is found, and nothing else', () => {
  const letters = fc.constantFrom('a', 'b', '\0', 'Ж', '\u0161');
  const texts = (minLength: number, maxLength: number) =>
    fc.array(letters, { minLength, maxLength }).map(parts => parts.join(''));
  fc.assert(
    fc.property(fc.array(texts(4, 7), { maxLength: 5 }), texts(0, 40), (needles, text) => {
      const hidden = Array.from(text, () => false);
      for (const needle of needles) {
        for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + 1)) {
          hidden.fill(true, at, at + needle.length);
        }
      }
      const found = Array.from(text, () => false);
      for (const [start, end] of find(needles, text)) {
        found.fill(true, start, end);
      }
      expect(found).toEqual(hidden);
    }),
    { numRuns: 1000 },
  );
});
