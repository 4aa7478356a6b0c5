import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { VERSION } from '../../src/step.ts';

test('the version that the User-Agent names is that of the package', async () => {
  const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(VERSION).toBe(version);
});
