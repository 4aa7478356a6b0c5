/**
 * For the workflows of this repository that use the action by itself: starts the emulators of Vantage and GitHub in a
 * process that runs until the job ends, and sets outputs for the inputs of later steps.
 * With `--proxy`, the emulators have a certificate of a private authority, and a host name that only a proxy, which asks
 * for a password, can resolve.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { appendFile, mkdtemp, open, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { BEHIND_PROXY, startProxy } from '../__tests__/support/proxy.ts';
import { createPrivateTls } from '../__tests__/support/tls.ts';
import { startGitHub } from '../emulator/github/index.ts';
import { RUNNER_ENVIRONMENT } from '../emulator/runner/environment.ts';
import { startVantage } from '../emulator/vantage/index.ts';

/** What later steps read, by the names of their inputs where there is one. */
interface Outputs {
  readonly public: Readonly<Record<string, string>>;
  /** Masked. */
  readonly secret: Readonly<Record<string, string>>;
}

const { values } = parseArgs({
  options: { proxy: { type: 'boolean', default: false }, serve: { type: 'string' } },
});

if (values.serve === undefined) await start(values.proxy);
else process.send?.(await serve(values.serve, values.proxy));

/** Starts the emulators in another process, and leaves it running. */
async function start(proxy: boolean): Promise<void> {
  const folder = await mkdtemp(path.join(process.env.RUNNER_TEMP ?? tmpdir(), 'emulators-'));
  const log = await open(path.join(folder, 'log'), 'w');
  const args = [import.meta.filename, '--serve', folder, ...(proxy ? ['--proxy'] : [])];
  const child = spawn(process.execPath, args, {
    detached: true,
    windowsHide: true,
    stdio: ['ignore', log.fd, log.fd, 'ipc'],
  });
  const outputs = await outputsOf(child).catch(async error => {
    process.stderr.write(await readFile(path.join(folder, 'log'), 'utf8'));
    throw error;
  });
  await log.close();
  child.disconnect();
  child.unref();

  for (const value of Object.values(outputs.secret)) console.log(`::add-mask::${value}`);
  const lines = Object.entries({ ...outputs.public, ...outputs.secret, pid: child.pid });
  const text = lines.map(([name, value]) => `${name}=${value}\n`).join('');
  if (process.env.GITHUB_OUTPUT) await appendFile(process.env.GITHUB_OUTPUT, text);
  console.log(`Vantage is at ${outputs.public['base-url']}, and GitHub at ${outputs.public['github-api-url']}.`);
}

/** What the process sends once it serves. */
async function outputsOf(child: ChildProcess): Promise<Outputs> {
  const [message] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => {
      throw new Error('The emulators do not start.');
    }),
  ]);
  return message;
}

/** Serves until the process ends. */
async function serve(folder: string, behindProxy: boolean): Promise<Outputs> {
  const tls = behindProxy ? await createPrivateTls(folder) : undefined;
  const place = tls ? { tls, host: BEHIND_PROXY } : {};
  const { GITHUB_REPOSITORY: repository = '' } = RUNNER_ENVIRONMENT;
  const [owner = '', repo = ''] = repository.split('/');
  const [vantage, github, proxy] = await Promise.all([
    startVantage(place),
    startGitHub({ seed: { repositories: [{ owner, repo }] }, ...place }),
    behindProxy ? startProxy(`ci:${randomBytes(16).toString('hex')}`) : undefined,
  ]);
  return {
    public: {
      'base-url': vantage.baseUrl,
      'tenant-id': vantage.tenantId,
      'auth-client-id': vantage.administrator.clientId,
      'github-api-url': github.apiUrl,
      repository,
      ...(tls ? { 'ca-file': tls.caFile } : {}),
    },
    secret: {
      'auth-client-secret': vantage.administrator.clientSecret,
      'github-token': github.issueToken({ kind: 'classic', scopes: ['repo'] }),
      ...(proxy ? { 'proxy-url': proxy.url } : {}),
    },
  };
}
