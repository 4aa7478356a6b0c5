import { describe, expect, test } from '@jest/globals';
import { endOfRun, foldRuns, foldText, needlesOf } from '../../src/redaction/needles.ts';
import { findTruncated, truncatedSecretsOf } from '../../src/redaction/truncated-secrets.ts';

const sorted = (texts: Iterable<string>) => [...texts].sort();

describe('folding', () => {
  test.each<readonly [string, string, string]>([
    ['AbC', 'abc', 'abc'],
    ['a b  c', 'a+b++c', 'a b  c'],
    ['a-b_c-_', 'a-b_c-_', 'a+b/c+/'],
    ['ÉcoleЖ', 'écoleж', 'écoleж'],
    // The lowercase form of this letter has two characters.
    ['İstanbul É', 'İstanbul+é', 'İstanbul é'],
    // At the end of a word, the lowercase form of this letter would be another one.
    ['ΟΔΟΣ', 'οδοσ', 'οδοσ'],
    ['', '', ''],
  ])('%j', (text, asText, asRun) => {
    expect([foldText(text), foldRuns(text)]).toEqual([asText, asRun]);
    expect(foldText(text)).toHaveLength(text.length);
  });
});

describe('the end of a run of base64 or hex', () => {
  test.each<readonly [string, number, number]>([
    ['abc def', 0, 3],
    ['abc def', 3, 3],
    ['abc def', 4, 7],
    ['aZ09+/=:-_ x', 2, 10],
    ['a.b', 0, 1],
    ['', 0, 0],
    ['abc', 3, 3],
  ])('%j from %d', (text, from, end) => {
    expect(endOfRun(text, from)).toBe(end);
    // The same a second time.
    expect(endOfRun(text, from)).toBe(end);
  });
});

describe('the texts to search for', () => {
  test('are the folded spellings, each once, of at least the minimum length', () => {
    const { texts } = needlesOf(['AB CD', 'ab cd', 'abcd', 'abc'], 4);
    expect(texts).toEqual(['ab+cd', 'abcd']);
    expect(needlesOf(['abc'], 3).texts).toEqual(['abc']);
    expect(needlesOf(['abc'], 4).texts).toEqual([]);
    expect(needlesOf(['abc'], 4).encoded).toEqual(['616263', '61-62-63', '61:62:63', 'ywjj', 'yqbiagma']);
    expect(needlesOf([], 4)).toEqual({ texts: [], truncated: [], encoded: [], runs: [], runsOfEncoded: [] });
  });

  test('are the encoded forms of the secret alone, not those of its other spellings', () => {
    const { encoded } = needlesOf(['a<b<c', 'x<y<z'], 4);
    expect(encoded).toEqual(expect.arrayContaining(['a<b<c', 'a%3cb%3cc', 'a\\u003cb\\u003cc', '613c623c63']));
    expect(encoded.filter(text => /x.*y/u.test(text))).toEqual([]);
    expect(encoded).toEqual([...new Set(encoded)]);
    expect(encoded).toEqual(encoded.map(foldText));
  });

  test('are the starts of its runs of base64 and hex, without padding, and those of each spelling', () => {
    expect(sorted(needlesOf(['abcdefg', 'hijk'], 4).runs)).toEqual(
      sorted(
        [
          ...[
            'YWJjZGVmZw',
            'YWJjZGVm',
            'YmNkZWZn',
            'YQBiAGMAZABlAGYAZwA',
            'YQBiAGMAZABlAGYA',
            'AGIAYwBkAGUAZgBn',
            'YgBjAGQAZQBmAGcA',
          ],
          ...['61626364656667', '61-62-63-64-65-66-67', '61:62:63:64:65:66:67'],
          ...['aGlqaw', 'aABpAGoAawA', 'aABpAGoA', 'AGkAagBr', 'aQBqAGsA', '68696a6b', '68-69-6a-6b', '68:69:6a:6b'],
        ].map(foldRuns),
      ),
    );
  });

  test('are runs of 40 characters of a longer secret, whatever follows', () => {
    const secret = 'correct-horse-battery-staple-0123456789-abcdefghijklmnop';
    const { runs } = needlesOf([secret], 4);
    expect(Math.max(...runs.map(run => run.length))).toBe(40);
    const whole = [Buffer.from(secret).toString('base64'), Buffer.from(secret).toString('hex')].map(foldRuns);
    for (const text of whole) expect(runs.filter(run => text.startsWith(run))).toEqual([text.slice(0, 40)]);
    // What the last of 48 characters are does not matter.
    expect(needlesOf([secret.slice(0, 48)], 4).runs).toEqual(runs);
    expect(needlesOf([`${secret.slice(0, 48)}!!`], 4).runs).toEqual(runs);
  });

  test('are the runs of each encoded form of the secret', () => {
    const { runs, runsOfEncoded } = needlesOf(['a<b<c', 'x<y<z'], 4);
    const startOf = (text: string) => foldRuns(Buffer.from(text).toString('base64').replace(/=+$/u, ''));
    for (const form of ['a<b<c', 'a%3Cb%3Cc', 'a&lt;b&lt;c', '613c623c63']) {
      expect(runsOfEncoded).toContain(startOf(form));
    }
    expect(runsOfEncoded).toContain(foldRuns(Buffer.from('a%3Cb%3Cc').toString('hex')));
    expect(runsOfEncoded).not.toContain(startOf('x%3Cy%3Cz'));
    expect(runs).not.toContain(startOf('a%3Cb%3Cc'));
    expect(runsOfEncoded).toEqual([...new Set(runsOfEncoded)]);
  });
});

describe('a truncated secret', () => {
  const SECRET = 'abcabcababcabcab';
  const find = (secrets: readonly string[], text: string) => [...findTruncated(truncatedSecretsOf(secrets), text)];

  test('has at least 16 characters', () => {
    expect(truncatedSecretsOf(['0123456789abcde', '0123456789abcdef'])).toHaveLength(1);
  });

  test.each<readonly [string, ReadonlyArray<readonly [number, number]>]>([
    ['0123456789abcdef', [[0, 16]]],
    ['x01234567y', [[1, 9]]],
    ['0123456', []],
    ['x0123456x', []],
    ['x0123456789abcdx', [[1, 15]]],
    ['x89abcdefy', [[1, 9]]],
    ['9abcdef', []],
    ['x456789abcdefx', [[1, 13]]],
    [
      '01234567 01234567',
      [
        [0, 8],
        [9, 17],
      ],
    ],
    [
      '89abcdef 89abcdef',
      [
        [9, 17],
        [0, 8],
      ],
    ],
    [
      '0123456701234567',
      [
        [0, 8],
        [8, 16],
      ],
    ],
    [
      '01234567 89abcdef',
      [
        [0, 8],
        [9, 17],
      ],
    ],
    ['', []],
  ])('is found in %j', (text, ranges) => {
    const found = find(['0123456789abcdef'], text);
    // A whole secret is found by its start and by its end.
    expect(found.filter((range, index) => found.findIndex(one => String(one) === String(range)) === index)).toEqual(
      ranges,
    );
  });

  test('is found although its start repeats itself', () => {
    expect(find([SECRET], 'abcabcababcabcabx')).toEqual(expect.arrayContaining([[0, 16]]));
    expect(find([SECRET], 'xabcabcababcabcababcabx').map(([start, end]) => [start, end])).toEqual(
      expect.arrayContaining([[1, 22]]),
    );
  });

  test('is found as one range for each part, also where parts overlap', () => {
    // "abcdefgh" begins again within the secret, so a match of 16 characters becomes one of 8, and grows again.
    const repeating = 'abcdefghabcdefgX';
    const startsIn = (text: string) => find([repeating], text).filter(([start]) => start === 0);
    expect(startsIn('abcdefghabcdefghabcdefgX')).toEqual(expect.arrayContaining([[0, 24]]));
    expect(startsIn('abcdefghabcdefghY')).toEqual([[0, 16]]);
    expect(find(['ababababX0123456'], 'ababababab')).toEqual([
      [0, 8],
      [2, 10],
    ]);
  });

  test('is found among several', () => {
    expect(find(['0123456789abcdef', 'ghijklmnopqrstuv'], 'ghijklmn 89abcdef opqrstuv')).toEqual([
      [9, 17],
      [0, 8],
      [18, 26],
    ]);
  });
});
