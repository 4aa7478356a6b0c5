import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseKeyValueFile } from '../../emulator/runner/command-files.ts';
import { appendToFile, appendValues, assertWritable } from '../../src/runner/command-files.ts';

let directory: string;
let file: string;

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'command-files-test-'));
  file = path.join(directory, 'output');
  process.env.GITHUB_OUTPUT = file;
});
afterEach(() => {
  delete process.env.GITHUB_OUTPUT;
  rmSync(directory, { recursive: true });
});

/** Texts that try to end their own value and to set another one. */
const value = fc
  .array(fc.oneof(fc.string(), fc.constantFrom('\n', 'end-of-value', 'end-of-value-', '--', '<<', '=', 'other=x')))
  .map(parts => parts.join(''))
  // The runner accepts each kind of line break, and reads all as one.
  .filter(text => !text.includes('\r'));

test('the runner reads every value as it was set, whatever it contains', () => {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 4 }), values => {
      writeFileSync(file, '');
      const named = Object.fromEntries(values.map((text, index) => [`name-${index}`, text]));
      appendValues('GITHUB_OUTPUT', named);
      expect(parseKeyValueFile(readFileSync(file, 'utf8'))).toEqual(named);
    }),
  );
});

test('a value that consists of delimiters is set at once', () => {
  writeFileSync(file, '');
  const texts = [`end-of-value${'-'.repeat(400_000)}`, 'end-of-value-'.repeat(40_000)];
  // The time of this thread only, because other processes may be busy.
  const began = process.threadCpuUsage();
  appendValues('GITHUB_OUTPUT', { one: texts[0] ?? '', other: texts[1] ?? '' });
  expect(process.threadCpuUsage(began).user / 1000).toBeLessThan(5000);
  expect(parseKeyValueFile(readFileSync(file, 'utf8'))).toEqual({ one: texts[0], other: texts[1] });
});

test('a later value replaces an earlier one', () => {
  writeFileSync(file, '');
  appendValues('GITHUB_OUTPUT', { changed: 'false' });
  appendValues('GITHUB_OUTPUT', { changed: 'true' });
  expect(parseKeyValueFile(readFileSync(file, 'utf8'))).toEqual({ changed: 'true' });
});

test('a file that the runner did not create is not created', () => {
  for (const named of [file, '', undefined]) {
    Object.assign(process.env, named === undefined ? {} : { GITHUB_OUTPUT: named });
    if (named === undefined) delete process.env.GITHUB_OUTPUT;
    expect(() => appendToFile('GITHUB_OUTPUT', 'x')).toThrow('ENOENT');
    expect(() => assertWritable('GITHUB_OUTPUT')).toThrow('GITHUB_OUTPUT does not name a writable file');
  }
});

test('a directory is no file of the runner', () => {
  process.env.GITHUB_OUTPUT = directory;
  expect(() => assertWritable('GITHUB_OUTPUT')).toThrow('GITHUB_OUTPUT does not name a writable file');
  expect(() => appendToFile('GITHUB_OUTPUT', 'x')).toThrow('EISDIR');
});
