import { describe, expect, test } from '@jest/globals';
import {
  base64Forms,
  encodedForms,
  HTML_NAMES,
  hexForms,
  strictlyPercentEncoded,
} from '../../src/redaction/encodings.ts';

const sorted = (forms: Iterable<string>) => [...new Set(forms)].sort();

/** All forms of a text but those in hex and base64, which have tests of their own. */
const escapesOf = (text: string) => {
  const others = new Set([
    ...hexForms(text),
    ...base64Forms(text),
    ...base64Forms(text).map(form => form.replaceAll('+', '-').replaceAll('/', '_')),
  ]);
  return sorted(encodedForms(text).filter(form => !others.has(form)));
};

describe('the escaped forms of a text', () => {
  test.each<readonly [string, readonly string[]]>([
    ['abc', ['abc', 'ABC']],
    ['a b', ['a b', 'A B', 'a%20b', 'a+b']],
    ['A_z0', ['A_z0', 'A_Z0', 'a_z0']],
    ["a'b", ["a'b", "A'B", 'a%27b', 'a\\u0027b', 'a&#39;b', 'a&#x27;b']],
    ['a"b', ['a"b', 'A"B', 'a%22b', 'a\\"b', 'a\\u0022b', 'a&#34;b', 'a&#x22;b', 'a&quot;b']],
    [
      '<>',
      [
        '<>',
        '%3C%3E',
        '%3c%3e',
        '\\u003C\\u003E',
        '\\u003c\\u003e',
        '&#60;&#62;',
        '&#x3C;&#x3E;',
        '&#x3c;&#x3e;',
        '&lt;&gt;',
      ],
    ],
    ['&', ['&', '%26', '\\u0026', '&#38;', '&#x26;', '&amp;']],
    ['+', ['+', '%2B', '%2b', '\\u002B', '\\u002b', '&#43;', '&#x2B;', '&#x2b;']],
    ['\\', ['\\', '%5C', '%5c', '\\\\', '&#92;', '&#x5C;', '&#x5c;']],
    ['`', ['`', '%60', '\\u0060', '&#96;', '&#x60;']],
    ['\x7f', ['\x7f', '%7F', '%7f', '\\u007F', '\\u007f', '&#127;', '&#x7F;', '&#x7f;']],
    ['\x01', ['\x01', '%01', '\\u0001', '&#1;', '&#x1;']],
    ['\n', ['\n', '%0A', '%0a', '\\n', '&#10;', '&#xA;', '&#xa;']],
    ['\t', ['\t', '%09', '\\t', '&#9;', '&#x9;']],
    ['\r', ['\r', '%0D', '%0d', '\\r', '&#13;', '&#xD;', '&#xd;']],
    ['\b', ['\b', '%08', '\\b', '&#8;', '&#x8;']],
    ['\f', ['\f', '%0C', '%0c', '\\f', '&#12;', '&#xC;', '&#xc;']],
    ['é', ['é', 'É', '%C3%A9', '%c3%a9', '\\u00E9', '\\u00e9', '&#233;', '&#xE9;', '&#xe9;']],
    [
      '😀',
      ['😀', '%F0%9F%98%80', '%f0%9f%98%80', '\\uD83D\\uDE00', '\\ud83d\\ude00', '&#128512;', '&#x1F600;', '&#x1f600;'],
    ],
    // Left as it is in a URL by encodeURIComponent, escaped by .NET and by forms.
    ['!', ['!', '%21', '&#33;', '&#x21;']],
    [
      '(*)',
      ['(*)', '%28*%29', '%28%2A%29', '%28%2a%29', '&#40;&#42;&#41;', '&#x28;&#x2A;&#x29;', '&#x28;&#x2a;&#x29;'],
    ],
    ['~', ['~', '%7E', '%7e', '&#126;', '&#x7E;', '&#x7e;']],
    // A lone surrogate has no UTF-8.
    ['\ud800', ['\ud800', '%EF%BF%BD', '%ef%bf%bd', '\\ud800', '\\uD800', '&#55296;', '&#xD800;', '&#xd800;']],
  ])('%j', (text, forms) => {
    expect(escapesOf(text)).toEqual(sorted(forms));
  });

  test.each([' ', '#', '$', '%', ',', '-', '.', '/', '0', '9', ':', ';', '=', '?', '@', '[', ']', '^', '{', '|', '}'])(
    'JSON of .NET does not escape %j',
    character => {
      expect(escapesOf(character).filter(form => form.includes('\\u'))).toEqual([]);
    },
  );

  test('the names in HTML are those of the five special characters', () => {
    expect(HTML_NAMES).toEqual({ '<': 'lt', '>': 'gt', '"': 'quot', '&': 'amp', "'": 'apos' });
  });
});

test('the percent encoding of .NET escapes everything that RFC 3986 does not call unreserved', () => {
  expect(strictlyPercentEncoded("aZ09-._~!'()*/é")).toBe('aZ09-._~%21%27%28%29%2A%2F%C3%A9');
});

test('the forms in hex are those with and without separators, in both cases', () => {
  expect(sorted(hexForms('k\n~é'))).toEqual(
    sorted(['6b0a7ec3a9', '6B0A7EC3A9', '6b-0a-7e-c3-a9', '6B-0A-7E-C3-A9', '6b:0a:7e:c3:a9', '6B:0A:7E:C3:A9']),
  );
  expect(encodedForms('k\n~é')).toEqual(expect.arrayContaining([...hexForms('k\n~é')]));
});

describe('the forms in base64', () => {
  test('are the whole text, and what is the same at each offset, in UTF-8 and UTF-16', () => {
    expect(sorted(base64Forms('abcdefg'))).toEqual(
      sorted([
        'YWJjZGVmZw==',
        'YWJjZGVm',
        'YmNkZWZn',
        'YQBiAGMAZABlAGYAZwA=',
        'YQBiAGMAZABlAGYA',
        'AGIAYwBkAGUAZgBn',
        'YgBjAGQAZQBmAGcA',
      ]),
    );
  });

  test('contain no part of only three bytes: it could be part of any word', () => {
    expect(sorted(base64Forms('abc'))).toEqual(sorted(['YWJj', 'YQBiAGMA']));
  });

  test('are in both alphabets', () => {
    expect(base64Forms('???>>>')).toContain('Pz8/Pj4+');
    expect(encodedForms('???>>>')).toEqual(expect.arrayContaining(['Pz8/Pj4+', 'Pz8_Pj4-']));
  });
});
