import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';

const ROOT = path.resolve(import.meta.dirname, '..', '..');

const FILES = {
  'tests.test.ts': `
    import { expect, test } from '@jest/globals';
    test('passes', () => expect(1).toBe(1));
    test('fails', () => expect(1).toBe(2));
    test('asserts too little', () => expect.assertions(1));
    test('does not end', () => new Promise(() => undefined), 50);
    test('leaves a promise', async () => {
      Promise.reject(new Error('nobody waits'));
      await new Promise(done => setTimeout(done, 20));
    });
    test.skip('is skipped', () => expect(1).toBe(2));`,
  'broken.test.ts': `import './nothing.ts';`,
};

test('npm test notices each way in which a test or a file can fail', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'tests-'));
  try {
    for (const [name, text] of Object.entries(FILES)) writeFileSync(path.join(folder, name), text);
    const config = { rootDir: folder, runner: path.join(ROOT, 'scripts/test/runner.ts'), transform: {}, maxWorkers: 1 };
    const results = path.join(folder, 'results.json');
    const jest = [path.join(ROOT, 'node_modules/jest/bin/jest.js'), `--config=${JSON.stringify(config)}`];
    const { status } = spawnSync(process.execPath, ['--no-warnings', ...jest, '--json', `--outputFile=${results}`], {
      cwd: folder,
    });
    const { testResults } = JSON.parse(readFileSync(results, 'utf8')) as {
      testResults: { name: string; status: string; assertionResults: { title: string; status: string }[] }[];
    };
    const found = testResults.map(({ name, status, assertionResults }) => [
      path.basename(name),
      status,
      Object.fromEntries(assertionResults.map(result => [result.title, result.status])),
    ]);
    expect({ status, found: found.sort() }).toEqual({
      status: 1,
      found: [
        ['broken.test.ts', 'failed', {}],
        [
          'tests.test.ts',
          'failed',
          {
            passes: 'passed',
            fails: 'failed',
            'asserts too little': 'failed',
            'does not end': 'failed',
            'leaves a promise': 'failed',
            'is skipped': 'pending',
          },
        ],
      ],
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
