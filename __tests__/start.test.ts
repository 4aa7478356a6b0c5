import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { readOptions, UsageError } from '../scripts/start/options.ts';
import { encodingsOf } from './support/leaks.ts';

const ROOT = path.resolve(import.meta.dirname, '..');

/** No credentials of another Vantage, whatever is in the environment of the tests. */
const ENVIRONMENT = { ...process.env, VANTAGE_ACCESS_TOKEN: '', VANTAGE_ADMIN_CLIENT_ID: '' };

/** The form of every secret of the emulators, or the start of a token. No other text of these tests looks like it. */
const SECRET = /[A-Za-z0-9+/]{43}=|gh[ps]_\w{20}|github_pat_|eyJ[\w-]+\./u;

/** What a user sees of `npm start`, without styles. */
interface Shown {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs it to its end. With a pattern, interrupts it like Ctrl+C after it has printed a match and the output was
 * checked.
 */
async function start(
  args: readonly string[],
  until?: { readonly printed: RegExp; readonly look: (stdout: string) => Promise<void> },
): Promise<Shown> {
  const child = spawn(process.execPath, ['scripts/start.ts', ...args], {
    cwd: ROOT,
    env: ENVIRONMENT,
    timeout: 150_000,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (chunk: string) => {
      printed[stream] += chunk;
    });
  }
  const closed = once(child, 'close');
  try {
    while (until && child.exitCode === null && !until.printed.test(printed.stdout)) await sleep(20);
    await until?.look(printed.stdout);
  } finally {
    if (until) child.kill('SIGINT');
  }
  const [exitCode]: (number | null)[] = await closed;
  return { exitCode: exitCode ?? null, stderr: printed.stderr, stdout: stripVTControlCharacters(printed.stdout) };
}

/** The part with a numbered title. Spaces that align columns are collapsed. */
function part(stdout: string, number: number): string {
  return (stdout.split(/^━━ (?=\d\. )/mu)[number] ?? '').replaceAll(/ {2,}/gu, ' ');
}

describe.each(['1', '0'])('npm start -- --tier %s', tier => {
  let shown: Promise<Shown> | undefined;
  /** The tests check one run. */
  const run = () => {
    shown ??= start(['--tier', tier]);
    return shown;
  };

  test('succeeds, and shows no secret', async () => {
    const { exitCode, stderr, stdout } = await run();
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(SECRET.exec(stdout)?.[0]).toBeUndefined();
    expect(stdout.match(/^ {2}success \(exit code 0\)/gmu)).toHaveLength(3);
  });

  test('shows a client with a secret that is delivered to its job', async () => {
    const first = part((await run()).stdout, 1);
    expect(first).toContain('\n auth-client-secret: ***\n');
    expect(first).toContain('\n Created client "invoices-staging".\n');
    expect(first).toContain('\n client-secret ***\n');
    expect(first).toMatch(/The requests that Vantage got\n POST \/auth2\/connect\/token 200\n/u);
    expect(first).toContain(
      'The next step of the job, which calls Vantage as the new client\n Vantage gave invoices-staging an access token.\n',
    );
    expect(first).toMatch(/What Vantage now holds\n client invoices-staging\n/u);
    expect(first).toMatch(/\n valueDisplay \S{3}\n/u);
    expect(first).not.toContain('The requests that GitHub got');
  });

  test('shows that the second run changes nothing', async () => {
    const second = part((await run()).stdout, 2);
    expect(second).toContain('\n changed false\n');
    expect(second).not.toContain('changed something');
    expect(second).toContain('What Vantage now holds\n The same as before.\n');
  });

  test('shows an environment in GitHub that is created and filled for the next job', async () => {
    const third = part((await run()).stdout, 3);
    const environment = '/repos/octo-org/octo-repo/environments/production';
    expect(third).toContain('\n github-token: ***\n');
    expect(third).toContain('\n written ["environment octo-org/octo-repo production as VANTAGE_CLIENT_SECRET"]\n');
    expect(third).toMatch(/\n ✅ invoices-production: new secret in 1 place, works until \d+ \w+ \d{4}\n/u);
    expect(third).toMatch(
      /\n environment production \(\S+\/settings\/environments\) of octo-org\/octo-repo \(created\) VANTAGE_CLIENT_SECRET VANTAGE_CLIENT_ID\n/u,
    );
    expect(third).toContain(`\n PUT ${environment} 200 changed something\n`);
    expect(third).toContain(`\n PUT ${environment}/secrets/VANTAGE_CLIENT_SECRET 201 changed something\n`);
    expect(third).toContain(`\n POST ${environment}/variables 201 changed something\n`);
    expect(third).toMatch(
      /What GitHub now holds, for the job "deploy" to read\n environment production of octo-org\/octo-repo\n variable VANTAGE_CLIENT_ID invoices-production\n secret VANTAGE_CLIENT_SECRET present; decrypted, it is the value that Vantage stores\n$/u,
    );
  });
});

test('a dry run leaves Vantage and GitHub unchanged', async () => {
  const { exitCode, stdout } = await start(['--input', 'dry-run=true']);
  expect(exitCode).toBe(0);
  expect(stdout).not.toContain('changed something');
  expect(part(stdout, 3)).toMatch(
    /\n environment production none\n variable VANTAGE_CLIENT_ID none\n secret VANTAGE_CLIENT_SECRET none\n$/u,
  );
});

test('a step that fails makes npm start fail, and says why', async () => {
  const { exitCode, stdout } = await start(['--input', 'allowed-scopes=openid']);
  expect(exitCode).toBe(1);
  expect(stdout).toContain('Error: [invalid-input]');
});

test('--keep leaves both running until it is interrupted, and only then shows their credentials', async () => {
  const { exitCode, stderr, stdout } = await start(['--keep'], {
    printed: /--input write-to=.*\n$/u,
    look: async shown => {
      const [, ...urls] = /Vantage stays at (\S+) and GitHub at (\S+) until Ctrl\+C/u.exec(shown) ?? [];
      const answers = await Promise.all(urls.map(url => fetch(`${url}/nothing-here`)));
      expect(answers.map(({ status }) => status)).toEqual([404, 404]);
    },
  });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });

  const [before = '', after = ''] = stdout.split('━━ Vantage stays at');
  const credentials = [...after.matchAll(/(?:auth-client-secret|password|github-token): (\S+)/gu)].map(
    ([, value = '']) => value,
  );
  expect(credentials).toHaveLength(3);
  expect(after).toMatch(SECRET);
  for (const value of credentials) {
    expect(encodingsOf(value).filter(encoding => before.includes(encoding.text))).toEqual([]);
  }
});

test('--help explains every option, and starts nothing', async () => {
  const { exitCode, stdout, stderr } = await start(['--help']);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  for (const option of ['--tier', '--keep', '--port', '--base-url', '--tenant-id', '--input', '--help']) {
    expect(stdout).toMatch(new RegExp(`^ {2}${option} `, 'mu'));
  }
  expect(stdout).not.toContain('━━');
});

test.each([
  [['--teir', '1'], /--teir/u],
  [['--base-url', 'https://vantage.example.com', '--tenant-id', 't'], /^Set VANTAGE_ADMIN_CLIENT_ID /u],
])('%j ends with exit code 2 and one line', async (args, message) => {
  const { exitCode, stdout, stderr } = await start(args);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toMatch(message);
  expect(stderr).toMatch(/^.* Try: npm start -- --help\n$/u);
});

test.each([
  [['quick'], /quick/u],
  [['--tier', '2'], /^--tier expects 0 or 1, not 2\./u],
  [['--port', 'x'], /^--port expects a number, not x\./u],
  [['--base-url', 'https://vantage.example.com'], /^--base-url and --tenant-id go together\./u],
  [['--base-url', 'https://vantage.example.com', '--tenant-id', 't', '--keep'], /^--keep is for the embedded Vantage/u],
  [['--input', 'clientid=x'], /^--input expects NAME=VALUE with the name of an input, not clientid\./u],
  [['--input', 'github-token=x'], /^--input github-token would show a secret to others\./u],
])('%j is refused', (args, message) => {
  const read = () => readOptions(args);
  expect(read).toThrow(UsageError);
  expect(read).toThrow(message);
});
