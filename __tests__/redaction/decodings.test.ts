import { describe, expect, test } from '@jest/globals';
import { type Decoded, decodingsOf } from '../../src/redaction/decodings.ts';

const readable = ({ text, originOf, depth }: Decoded) => {
  return { text, origins: Array.from({ length: text.length + 1 }, (_, index) => originOf(index)), depth };
};
const all = (text: string, maxDepth: number) => [...decodingsOf(text, maxDepth)].map(readable);
const textsOf = (text: string, maxDepth = 1) => all(text, maxDepth).map(decoded => decoded.text);

test('a text without escapes decodes to itself alone', () => {
  expect(all('abc', 2)).toEqual([{ text: 'abc', origins: [0, 1, 2, 3], depth: 0 }]);
  expect(all('', 2)).toEqual([{ text: '', origins: [0], depth: 0 }]);
});

test('each decoded character points to where its escape begins, and the end to the end', () => {
  expect(all('x%3Cy%3e', 1)).toEqual([
    { text: 'x%3Cy%3e', origins: [0, 1, 2, 3, 4, 5, 6, 7, 8], depth: 0 },
    { text: 'x<y>', origins: [0, 1, 4, 5, 8], depth: 1 },
  ]);
  expect(all('%3Cab', 1).at(1)).toEqual({ text: '<ab', origins: [0, 3, 4, 5], depth: 1 });
  // Two code units come from one escape.
  expect(all('x&#x1F600;y', 1).at(1)).toEqual({ text: 'x😀y', origins: [0, 1, 1, 10, 11], depth: 1 });
});

test('an escape of an escape is decoded twice, and points to where the first one begins', () => {
  expect(all('a%253Cb', 2)).toEqual([
    { text: 'a%253Cb', origins: [0, 1, 2, 3, 4, 5, 6, 7], depth: 0 },
    { text: 'a%3Cb', origins: [0, 1, 4, 5, 6, 7], depth: 1 },
    { text: 'a<b', origins: [0, 1, 6, 7], depth: 2 },
  ]);
  // An escape after another one.
  expect(all('%26lt;%26lt;', 2).at(-1)).toEqual({ text: '<<', origins: [0, 6, 12], depth: 2 });
  expect(all('\\\\u0026lt;', 3).at(-1)).toEqual({ text: '<', origins: [0, 10], depth: 3 });
});

test('every order of the kinds of escapes is tried, up to the depth', () => {
  expect(textsOf('%26lt;', 0)).toEqual(['%26lt;']);
  expect(textsOf('%26lt;', 1)).toEqual(['%26lt;', '&lt;']);
  expect(textsOf('%26lt;', 2)).toEqual(['%26lt;', '&lt;', '<']);
  expect(textsOf('%3C\\"', 2)).toEqual(['%3C\\"', '<\\"', '<"', '%3C"', '<"']);
  expect(textsOf('\\u00253C&#37;', 2)).toEqual(['\\u00253C&#37;', '%3C&#37;', '<&#37;', '%3C%', '\\u00253C%', '%3C%']);
});

describe('an escape is decoded', () => {
  test.each<readonly [string, string]>([
    ['%00', '\0'],
    ['%09', '\t'],
    ['%41', 'A'],
    ['%4a', 'J'],
    ['%7F', '\x7f'],
    ['%7f', '\x7f'],
    ['%C3%A9', 'é'],
    ['%c3%a9', 'é'],
    ['%D0%96', 'Ж'],
    ['%d0%96', 'Ж'],
    ['%DF%BF', '\u07ff'],
    ['%E2%82%AC', '€'],
    ['%e2%82%ac', '€'],
    ['%EF%BF%BD', '\ufffd'],
    ['%F0%9F%98%80', '😀'],
    ['%f0%9f%98%80', '😀'],
    ['%F4%8F%BF%BF', '\u{10ffff}'],
    ['\\u0041', 'A'],
    ['\\u00e9', 'é'],
    ['\\u00E9', 'é'],
    ['\\uFFFD', '\ufffd'],
    ['\\U0041', 'A'],
    ['\\b', '\b'],
    ['\\f', '\f'],
    ['\\n', '\n'],
    ['\\r', '\r'],
    ['\\t', '\t'],
    ['\\N', '\n'],
    ['\\"', '"'],
    ['\\/', '/'],
    ['\\\\', '\\'],
    ['&lt;', '<'],
    ['&gt;', '>'],
    ['&quot;', '"'],
    ['&amp;', '&'],
    ['&apos;', "'"],
    ['&Lt;', '<'],
    ['&#9;', '\t'],
    ['&#65;', 'A'],
    ['&#0000065;', 'A'],
    ['&#1114111;', '\u{10ffff}'],
    ['&#1114112;', '\ufffd'],
    ['&#9999999;', '\ufffd'],
    ['&#x9;', '\t'],
    ['&#x41;', 'A'],
    ['&#X4a;', 'J'],
    ['&#x10FFFF;', '\u{10ffff}'],
    ['&#xFFFFFF;', '\ufffd'],
  ])('%s', (escaped, character) => {
    expect(textsOf(`(${escaped})`)).toEqual([`(${escaped})`, `(${character})`]);
  });
});

describe('what only looks like an escape is not decoded', () => {
  test.each([
    '%',
    '%4',
    '%4g',
    '%g4',
    '%80',
    '%8f',
    '%c3',
    '%c3%',
    '%c3%c3',
    '%c3%c9',
    '%b3%a9',
    '%e2%82',
    '%e2%82%c3',
    '%f0%9f%98',
    '%f8%9f%98%80',
    'u0041',
    '\\u004',
    '\\u00g1',
    '\\a',
    '\\x41',
    "\\'",
    '&lt',
    '&l;',
    '&nbsp;',
    '&#;',
    '&#x;',
    '&#12345678;',
    '&#x1234567;',
    '&#a;',
    '&#xg;',
    '&#65',
  ])('%s', text => {
    expect(textsOf(`(${text})`)).toEqual([`(${text})`]);
  });
});
