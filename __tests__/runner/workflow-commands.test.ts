import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import * as core from '@actions/core';
import { expect, test } from '@jest/globals';
import { workflowCommand } from '../../src/runner/workflow-commands.ts';

const MODULE = path.resolve(import.meta.dirname, '..', '..', 'src', 'runner', 'workflow-commands.ts');

/** Starts a process that prints with `print`. */
function start(script: string): ChildProcess {
  const source = `import { print } from ${JSON.stringify(pathToFileURL(MODULE))};\n${script}`;
  return spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', source]);
}

/** What @actions/core prints. */
function printedBy(work: () => void): string {
  const { write } = process.stdout;
  let printed = '';
  process.stdout.write = (chunk: string | Uint8Array): boolean => {
    printed += String(chunk);
    return true;
  };
  try {
    work();
    return printed.trimEnd();
  } finally {
    process.stdout.write = write;
  }
}

test.each(['', 'plain', '100%', 'two\nlines\r\n', '%0A', 'a:b,c::d', 'größer → 密'])(
  'a command is as @actions/core writes it: %j',
  value => {
    expect(workflowCommand('add-mask', value)).toBe(printedBy(() => core.setSecret(value)));
    expect(workflowCommand('warning', value, { title: value || 'title' })).toBe(
      printedBy(() => core.warning(value, { title: value || 'title' })),
    );
    expect(workflowCommand('error', value, { title: 'title', file: `${value}.yml`, line: 3, col: undefined })).toBe(
      printedBy(() => core.error(value, { title: 'title', file: `${value}.yml`, startLine: 3 })),
    );
  },
);

test('what is printed is out at once, although the process is killed right after it', async () => {
  const child = start(`print('first', 'second'); process.kill(process.pid, 'SIGKILL');`);
  const printed = child.stdout ? await text(child.stdout) : undefined;
  expect(printed).toBe('first\nsecond\n');
});

test('a pipe that is full and lets no write wait loses nothing', async () => {
  // Node makes the pipe such a one when it opens the stream.
  const child = start(`process.stdout; print('x'.repeat(2_000_000)); print('end');`);
  await sleep(500);
  const printed = child.stdout ? await text(child.stdout) : undefined;
  expect(printed).toHaveLength(2_000_005);
  expect(printed?.endsWith('x\nend\n')).toBe(true);
});

test('a process ends its work although nobody reads its log', async () => {
  const child = start(`
    process.stdin.once('data', () => {
      print('first'); print('second');
      process.exit(7);
    });`);
  child.stdout?.destroy();
  child.stdin?.write('go');
  const [exitCode]: (number | null)[] = await once(child, 'close');
  expect(exitCode).toBe(7);
});
