import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { runAction } from '../emulator/runner.ts';
import { findLeaks } from './support/leaks.ts';
import { runStep } from './support/run-step.ts';
import { errorOf } from './support/step.ts';

const INPUTS = {
  region: 'eu',
  'tenant-id': 'acme',
  'auth-client-id': 'admin',
  'auth-client-secret': 'canary-of-the-administrator',
  'client-id': 'invoices',
  rotate: 'when-due',
};
const DAY = 24 * 3_600_000;
const fromNow = (milliseconds: number) => new Date(Date.now() + milliseconds).toISOString();

/** A step whose inputs are wrong. */
const refused = (inputs: Readonly<Record<string, string>>) => runStep({ inputs: { ...INPUTS, ...inputs } });

describe('rotate-before that is not shorter than the life of the secret', () => {
  const YEAR = fromNow(36 * DAY);
  test.each([
    [
      { 'secret-expiration': '30d' },
      'the default `rotate-before` of 30d is not shorter than `secret-expiration` 30d (set it to less, such as 10d)',
    ],
    [
      { 'revoke-at-job-end': 'true' },
      'the default `rotate-before` of 30d is not shorter than the one day that a secret gets with `revoke-at-job-end` (set it to less, such as 8h)',
    ],
    [
      { 'rotate-before': '91d', 'secret-expiration': '90d' },
      '`rotate-before` of 91d is not shorter than `secret-expiration` 90d (set it to less, such as 30d)',
    ],
    [
      { 'rotate-before': 'P1Y' },
      '`rotate-before` of P1Y is not shorter than the six months that a secret gets by default (set it to less, such as 60d)',
    ],
    [
      { 'secret-start-time': '7d', 'secret-expiration': YEAR },
      `the default \`rotate-before\` of 30d is not shorter than \`secret-expiration\` ${YEAR} (set it to less, such as 9d)`,
    ],
  ])('is refused, and the error says which of them is a default: %j', async (inputs, line) => {
    const step = await refused(inputs);
    expect(errorOf(step)).toBe(`[invalid-input] reading the inputs failed: ${line}.`);
  });

  test('by a minute is refused, and by none more is accepted', async () => {
    const longer = await refused({ 'rotate-before': '2d', 'secret-expiration': fromNow(2 * DAY - 60_000) });
    expect(errorOf(longer)).toContain('`rotate-before` of 2d is not shorter than `secret-expiration` ');
  });
});

describe('the annotation of refused inputs', () => {
  test('has a title with the code', async () => {
    const { annotations } = await refused({ 'client-id': '' });
    expect(annotations).toMatchObject([{ level: 'error', title: 'Vantage: invalid-input' }]);
  });
});

describe('the job summary of refused inputs', () => {
  const WRONG = {
    'client-id': 'in`voices | <b>',
    'auth-client-secret': '',
    'secret-expiration': '30d',
    'write-to': 'repository\nrepositry',
    'github-token': 'canary of github',
  };

  test('is a table of what was found and what is expected', async () => {
    const { summary, exitCode } = await refused(WRONG);
    expect(exitCode).toBe(1);
    expect(summary.trimEnd()).toBe(
      [
        '### ❌ The step did not start: 5 inputs are wrong',
        '',
        '> [!CAUTION]',
        '> **To do:** Change what is wrong as the last column says. An input is also empty if the job cannot read the secret or variable behind it: it may not exist, its name may have a typo, or it belongs to an environment that the job does not name with `environment:`. A reusable workflow gets only the secrets that its caller passes.',
        '',
        '| Input | Got | Expected |',
        '| --- | --- | --- |',
        '| `auth-client-secret` | empty | either access-token, or auth-client-id and auth-client-secret, or these two with username and password |',
        '| `client-id` | "in\\`voices \\| \\<b\\>" | 1 to 100 printable ASCII characters without spaces |',
        '| `rotate-before` | "30d", the default | less than `secret-expiration` 30d, such as 10d |',
        '| `write-to` | contains "repositry" | "\\[actions\\|dependabot\\|codespaces\\|agents\\] repository \\[owner/repo\\]", "environment \\[owner/repo\\] NAME", or "\\[app\\] organization NAME \\[all\\|private\\|selected\\]", each with an optional " as SECRET\\_NAME" |',
        '| `github-token` | set (value not shown) | only the token, without spaces or line breaks |',
        '',
        'Error code `invalid-input`. Nothing was sent and nothing was changed.',
      ].join('\n'),
    );
  });

  test('names the places in a manifest', async () => {
    const workspace = await mkdtemp(path.join(tmpdir(), 'manifest-'));
    try {
      await writeFile(path.join(workspace, 'clients.yml'), 'clients:\n  - clientId: a\n    colour: red\n');
      const { summary } = await runStep({
        inputs: { ...INPUTS, rotate: '', 'client-id': '', manifest: 'clients.yml', 'output-access-token': 'true' },
        env: { GITHUB_WORKSPACE: workspace },
      });
      expect(summary).toContain('### ❌ The step did not start: an input is wrong, and the manifest has an error\n');
      expect(summary).toContain('| `output-access-token` | "true" | no such input with manifest, ');
      expect(summary).toContain('| clients.yml:3:5 `colour` | unknown | one of clientId, ');
    } finally {
      await rm(workspace, { recursive: true });
    }
  });

  test('shows no secret, wherever the workflow wrote it', async () => {
    const secret = 'canary+of/a <secret>';
    const step = await runAction({
      inputs: {
        ...INPUTS,
        'auth-client-secret': secret,
        'client-id': secret,
        'write-to': secret,
        'github-token': secret,
      },
    });
    expect(step.summary).toContain('| `write-to` | contains "\\*\\*\\*" |');
    expect(findLeaks(step, { secret })).toEqual([]);
  });

  test.each(['false', 'False', ' FALSE '])('is not written with summary: %j', async summary => {
    expect((await refused({ 'client-id': '', summary })).summary).toBe('');
  });

  test.each(['', 'true', 'no'])('is written with summary: %j', async summary => {
    expect((await refused({ 'client-id': '', summary })).summary).toContain('### ❌ The step did not start');
  });

  test('says why the step did not start if no input is wrong', async () => {
    const { summary } = await runStep({ inputs: INPUTS, env: { GITHUB_RUN_ID: 'none' } });
    expect(summary).toContain('### ❌ The step did not start\n');
    expect(summary).toContain('**Why:** reading the environment failed: GITHUB\\_REPOSITORY');
  });
});
