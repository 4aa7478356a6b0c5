import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isPathSegment, pathSegment } from '../../src/model/url.ts';

describe('a value', () => {
  test.each([
    '',
    '.',
    '..',
    '%2e',
    '%2E%2e',
    '.%2e',
    '%252e%252e',
    '%25252E.',
    'a/..',
    '../a',
    'a/./b',
    'a\\..\\b',
    '\ud800',
  ])('%j is not a segment of a path', value => {
    expect(isPathSegment(value)).toBe(false);
    expect(() => pathSegment(value)).toThrow(expect.objectContaining({ code: 'invalid-input' }));
    expect(() => pathSegment(value)).toThrow('Nothing was sent.');
  });

  test.each([
    ['invoices', 'invoices'],
    ['...', '...'],
    ['.github', '.github'],
    ['a..b', 'a..b'],
    ['feature/one', 'feature%2Fone'],
    ['100%', '100%25'],
    ['%2F..%2F', '%252F..%252F'],
    ['ä b', '%C3%A4%20b'],
  ])('%j is the segment %s', (value, segment) => {
    expect(pathSegment(value)).toBe(segment);
  });

  test('that is accepted stays one segment, whatever it contains', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('.', '%', '2', 'e', '5', '/', '\\', 'a'), { maxLength: 8 }), letters => {
        const value = letters.join('');
        fc.pre(isPathSegment(value));
        const path = `/clients/${pathSegment(value)}/secrets/`;
        expect(new URL(path, 'http://vantage').pathname).toBe(path);
        // Decoded once more, it still does not leave its segment.
        expect(new URL(decodeURIComponent(path), 'http://vantage').pathname).toMatch(/^\/clients\/.*\/secrets\/$/u);
      }),
    );
  });
});
