import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ActionRunOptions, cancel, runAction } from '../../emulator/runner.ts';

const ACTION_YML = `
name: Stand-in
inputs:
  client-id: { description: no default }
  if exists: { description: a space in its name, default: adopt }
  verify: { description: a default that YAML reads as a boolean, default: true }
  api-url: { description: a default that is an expression, default: '\${{ github.api_url }}' }
runs: { using: node24, main: main.mjs }
`;

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'runner-test-'));
  await writeFile(path.join(directory, 'action.yml'), ACTION_YML);
});
afterAll(() => rm(directory, { recursive: true }));

/** Runs a script as an action. The script can use `print(…lines)` and `env`. */
async function runScript(body: string, options: Omit<ActionRunOptions, 'entry' | 'metadata'> = {}) {
  const entry = path.join(directory, `${expect.getState().currentTestName?.replace(/\W+/g, '-')}.mjs`);
  const prelude = `
    import { appendFileSync, writeFileSync } from 'node:fs';
    import { setTimeout as sleep } from 'node:timers/promises';
    const env = process.env;
    const print = (...lines) => process.stdout.write(lines.join('\\n') + '\\n');
  `;
  await writeFile(entry, prelude + body);
  return runAction({ ...options, entry, metadata: path.join(directory, 'action.yml') });
}

describe('what a step gets', () => {
  test('inputs are those of the workflow, else the defaults of action.yml, else empty', async () => {
    const { stdout } = await runScript(
      `print(JSON.stringify(Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith('INPUT_')))))`,
      { inputs: { 'client-id': 'line 1\nline 2' } },
    );
    expect(JSON.parse(stdout)).toEqual({
      'INPUT_CLIENT-ID': 'line 1\nline 2',
      INPUT_IF_EXISTS: 'adopt',
      INPUT_VERIFY: 'true',
      'INPUT_API-URL': 'https://api.github.com',
    });
  });

  test('an input that action.yml does not declare causes a warning and is passed on', async () => {
    const run = await runScript(`print(env['INPUT_CLEINT-ID'])`, { inputs: { 'cleint-id': 'x', 'CLIENT-ID': 'y' } });
    expect(run.log).toBe(
      "Warning: Unexpected input(s) 'cleint-id', valid inputs are ['client-id', 'if exists', 'verify', 'api-url']\nx\n",
    );
  });

  test('its environment contains nothing of the machine except PATH', async () => {
    process.env.RUNNER_TEST_STRAY = 'stray';
    try {
      const { stdout } = await runScript('print(JSON.stringify(env))', { env: { GITHUB_REPOSITORY: 'acme/invoices' } });
      const env = JSON.parse(stdout);
      expect(Object.keys(env).filter(name => !/^(CI|HOME|PATH|TMPDIR|(GITHUB|RUNNER|INPUT)_.*)$/.test(name))).toEqual(
        [],
      );
      expect(env).not.toHaveProperty('RUNNER_TEST_STRAY');
      expect(env).toMatchObject({ CI: 'true', GITHUB_ACTIONS: 'true', GITHUB_REPOSITORY: 'acme/invoices' });
    } finally {
      delete process.env.RUNNER_TEST_STRAY;
    }
  });

  test('its directory belongs to it alone, and is deleted afterwards', async () => {
    const { stdout } = await runScript(`print(process.cwd(), env.GITHUB_WORKSPACE, env.RUNNER_TEMP)`);
    const [cwd, workspace, temp] = stdout.trim().split('\n');
    expect(cwd).toBe(workspace);
    expect([cwd, temp].map(folder => existsSync(String(folder)))).toEqual([false, false]);
  });
});

test('a post step gets what its step saved, and anything else from the job', async () => {
  const { stdout } = await runScript('print(env.STATE_saved, env.STATE_unsaved, env.STATE_empty)', {
    env: { STATE_saved: 'forged', STATE_unsaved: 'forged', STATE_empty: 'forged' },
    state: { saved: 'by the step', empty: '' },
  });
  expect(stdout).toBe('by the step\nforged\n\n');
});

describe('what a step prints', () => {
  test('messages become annotations and labelled lines, unescaped', async () => {
    const run = await runScript(
      `print('::error title=Not%2C now%3A,line=3::100%25 wrong%0Atwice', '::warning::careful', '::notice::%250A is no line end', 'plain')`,
    );
    expect(run.annotations).toEqual([
      { level: 'error', title: 'Not, now:', message: '100% wrong\ntwice' },
      { level: 'warning', message: 'careful' },
      { level: 'notice', message: '%0A is no line end' },
    ]);
    expect(run.log).toBe('Error: 100% wrong\ntwice\nWarning: careful\nNotice: %0A is no line end\nplain\n');
    expect(run).toMatchObject({ exitCode: 0, conclusion: 'success' });
  });

  test('debug messages are shown only with RUNNER_DEBUG', async () => {
    const script = `print('::debug::one%0Atwo', 'after')`;
    expect((await runScript(script)).log).toBe('after\n');
    expect((await runScript(script, { env: { RUNNER_DEBUG: '1' } })).log).toBe('##[debug]one\n##[debug]two\nafter\n');
  });

  test('groups are headed and indented', async () => {
    const run = await runScript(`print('::group::Plan', 'create', '::endgroup::', 'done')`);
    expect(run.log).toBe('▼ Plan\n  create\ndone\n');
  });

  test('commands also count in stderr, and in the older form anywhere in a line', async () => {
    const run = await runScript(`console.error('::warning::from stderr'); console.error('body: ##[error]injected')`);
    expect(run.stderr).toBe('::warning::from stderr\nbody: ##[error]injected\n');
    expect(run.annotations.map(annotation => annotation.message)).toEqual(['from stderr', 'injected']);
  });

  test('an unknown command, or a command that does not start its line, is plain output', async () => {
    const run = await runScript(`print('::no-such::x', 'it said ::error::x')`);
    expect(run.log).toBe('::no-such::x\nit said ::error::x\n');
    expect(run.annotations).toEqual([]);
  });

  test('between stop-commands and its token, nothing is a command', async () => {
    const run = await runScript(`print('::stop-commands::t0k', '::error::quoted', '::t0k::', '::error::real')`);
    expect(run.log).toBe('::stop-commands::t0k\n::error::quoted\n::t0k::\nError: real\n');
  });

  test('echo repeats commands, but never what add-mask contains', async () => {
    const run = await runScript(`print('::echo::on', '::add-mask::hunter22', '::group::g', '::endgroup::')`);
    expect(run.log).toBe('::add-mask::***\n::group::g\n▼ g\n  ::endgroup::\n');
  });

  test('commands that GitHub has disabled fail the step', async () => {
    const run = await runScript(`print('::set-env name=A::b')`);
    expect(run).toMatchObject({ exitCode: 0, conclusion: 'failure', environment: {} });
    expect(run.log).toMatch(/^Error: .*`set-env`/);
  });

  test('a character that is split over two writes arrives complete', async () => {
    const run = await runScript(
      `process.stdout.write(Buffer.from([0xc3])); await sleep(50); process.stdout.write(Buffer.from([0xa9]))`,
    );
    expect(run.log).toBe('é\n');
  });
});

describe('masks', () => {
  test('a value is hidden from the moment it is masked, and so is each of its lines', async () => {
    const run = await runScript(
      `print('first-line', '::add-mask::first-line%0Asecond-line', 'a first-line b', 'second-line')`,
    );
    expect(run.masks).toEqual(['first-line\nsecond-line']);
    expect(run.log).toBe('first-line\na *** b\n***\n');
  });

  test('the forms that the runner knows are hidden, and no others', async () => {
    const run = await runScript(`
      const value = 'p?ss>w"rd+&/~~~';
      print('::add-mask::' + value);
      const base64 = prefix => Buffer.from(prefix + value).toString('base64');
      print(
        base64(''), base64('a'), base64('ab'), JSON.stringify(value), encodeURIComponent(value),
        value.replace(/&/g, '&amp;').replace(/>/g, '&gt;').replace(/"/g, '&quot;'),
        Buffer.from(value).toString('hex'), Buffer.from(value).toString('base64url'),
      );`);
    const [b0, b1, b2, json, uri, xml, hex, base64url] = run.log.split('\n');
    expect([b0, json, uri, xml]).toEqual(['***', '"***"', '***', '***']);
    expect([b1, b2]).toEqual([expect.stringMatching(/^.{1,4}\*\*\*=*$/), expect.stringMatching(/^.{1,4}\*\*\*=*$/)]);
    expect(hex).toBe(Buffer.from('p?ss>w"rd+&/~~~').toString('hex'));
    expect(base64url).toBe(Buffer.from('p?ss>w"rd+&/~~~').toString('base64url'));
  });

  test('masks that overlap or touch become one', async () => {
    const run = await runScript(`print('::add-mask::abcdef', '::add-mask::defghi', '<abcdefghi>', '<abcdefabcdef>')`);
    expect(run.log).toBe('<***>\n<***>\n');
  });

  test('an empty mask is refused with a warning', async () => {
    const run = await runScript(`print('::add-mask::', 'still readable')`);
    expect(run.log).toMatch(/^Warning: Can't add secret mask for empty string.*\nstill readable\n$/);
  });

  test("the job's own secrets are masked from the start, also in messages, titles and the summary", async () => {
    const run = await runScript(
      `print('::error title=t-hunter22::m-hunter22'); appendFileSync(env.GITHUB_STEP_SUMMARY, '# hunter22')`,
      { secrets: ['hunter22'] },
    );
    expect(run.annotations).toEqual([{ level: 'error', title: 't-***', message: 'm-***' }]);
    expect(run).toMatchObject({ summary: '# ***', masks: [], files: { GITHUB_STEP_SUMMARY: '# hunter22' } });
  });
});

describe('what a step leaves behind', () => {
  test('outputs, state, environment, path and summary', async () => {
    const run = await runScript(`
      appendFileSync(env.GITHUB_OUTPUT, 'simple=a=b<<c\\n\\nmany<<EOF\\none\\n\\n two=2\\nEOF\\nnone<<EOF\\nEOF\\nsimple=last\\n');
      appendFileSync(env.GITHUB_STATE, 'secret-id=42');
      appendFileSync(env.GITHUB_ENV, 'NAME=value\\n');
      appendFileSync(env.GITHUB_PATH, '/opt/a\\n/opt/b\\n');
      appendFileSync(env.GITHUB_STEP_SUMMARY, '# Done\\n');`);
    expect(run).toMatchObject({
      outputs: { simple: 'last', many: 'one\n\n two=2', none: '' },
      state: { 'secret-id': '42' },
      environment: { NAME: 'value' },
      paths: ['/opt/a', '/opt/b'],
      summary: '# Done\n',
      conclusion: 'success',
    });
  });

  test.each([
    ['name without a value', "Invalid format 'name without a value'"],
    ['=value', "Invalid format '=value'. Name must not be empty and delimiter must not be empty"],
    ['name<<', "Invalid format 'name<<'. Name must not be empty and delimiter must not be empty"],
    ['name<<EOF\nvalue', "Invalid value. Matching delimiter not found 'EOF'"],
  ])('an output file of %j fails the step', async (text, message) => {
    const run = await runScript(`writeFileSync(env.GITHUB_OUTPUT, ${JSON.stringify(text)})`);
    expect(run).toMatchObject({ exitCode: 0, conclusion: 'failure', outputs: {} });
    expect(run.annotations.map(annotation => annotation.message)).toEqual([
      "Unable to process file command 'output' successfully.",
      message,
    ]);
  });

  test('every file that it wrote, in any folder', async () => {
    const run = await runScript(`
      writeFileSync('in-workspace.txt', 'w');
      writeFileSync(env.RUNNER_TEMP + '/in-temp.txt', 't');
      writeFileSync(env.HOME + '/.netrc', 'h');
      writeFileSync((await import('node:os')).tmpdir() + '/in-tmp.txt', 's');`);
    const commandFiles = ['GITHUB_OUTPUT', 'GITHUB_STATE', 'GITHUB_ENV', 'GITHUB_PATH', 'GITHUB_STEP_SUMMARY'];
    expect(run.files).toEqual({
      ...Object.fromEntries(commandFiles.map(name => [name, ''])),
      'work/octo-repo/octo-repo/in-workspace.txt': 'w',
      'work/_temp/in-temp.txt': 't',
      'home/.netrc': 'h',
      'tmp/in-tmp.txt': 's',
    });
  });

  test('the deprecated commands still set outputs and state', async () => {
    const run = await runScript(`print('::set-output name=a::1', '::save-state name=b::2')`);
    expect(run).toMatchObject({ outputs: { a: '1' }, state: { b: '2' }, conclusion: 'success' });
    expect(run.annotations.map(annotation => annotation.level)).toEqual(['warning', 'warning']);
  });
});

describe('how a step ends', () => {
  test('an exit code other than 0 fails it', async () => {
    expect(await runScript('process.exitCode = 3')).toMatchObject({ exitCode: 3, signal: null, conclusion: 'failure' });
  });

  test('a step that hangs is killed', async () => {
    const run = await runScript('await sleep(60_000)', { timeoutMs: 300 });
    expect(run).toMatchObject({ exitCode: null, signal: 'SIGKILL', conclusion: 'failure' });
    expect(run.log).toBe('Error: The step has not ended after 300 ms and was killed.\n');
  });

  test('a cancelled step gets SIGINT first, and can clean up', async () => {
    const run = await runScript(
      `process.once('SIGINT', () => { print('tidying up'); process.exit(1); }); print('ready'); await sleep(60_000)`,
      { onStart: child => child.stdout?.once('data', () => void cancel(child)) },
    );
    expect(run).toMatchObject({ exitCode: 1, signal: null, log: 'ready\ntidying up\n' });
    expect(run.durationMs).toBeLessThan(7_500);
  });

  test('a cancelled step that ignores it gets SIGTERM after 7.5 s', async () => {
    const run = await runScript(`process.on('SIGINT', () => {}); print('ready'); await sleep(60_000)`, {
      onStart: child => child.stdout?.once('data', () => void cancel(child)),
    });
    expect(run).toMatchObject({ exitCode: null, signal: 'SIGTERM', log: 'ready\n' });
    expect(run.durationMs).toBeGreaterThanOrEqual(7_400);
  });

  test('an action that is not a node24 action does not run', async () => {
    const metadata = path.join(directory, 'docker.yml');
    await writeFile(metadata, 'runs: { using: docker, image: Dockerfile }');
    await expect(runAction({ metadata })).rejects.toThrow('docker.yml is not the action.yml of a node24 action.');
  });

  test('a script that does not exist does not run', async () => {
    const metadata = path.join(directory, 'action.yml');
    await expect(runAction({ metadata })).rejects.toThrow(/^File not found: '.*main\.mjs'$/);
  });
});
