import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from '@jest/globals';

const ROOT = path.resolve(import.meta.dirname, '..');

/** Where the kernel allows it, the command runs on a machine without any network. */
const WITHOUT_NETWORK = ['unshare', '--map-root-user', '--net'];
const HAS_UNSHARE = spawnSync(WITHOUT_NETWORK[0] ?? '', [...WITHOUT_NETWORK.slice(1), 'true']).status === 0;

/** Notes each attempt of a Node program to open a connection or to resolve a name, and refuses it. */
const REFUSE = `
  import { appendFileSync } from 'node:fs';
  import dns from 'node:dns';
  import net from 'node:net';
  import { syncBuiltinESMExports } from 'node:module';
  const refuse = what => (...args) => {
    appendFileSync(process.env.ATTEMPTS, what + ' ' + JSON.stringify(args[0] ?? '') + '\\n');
    throw new Error('no network');
  };
  net.Socket.prototype.connect = refuse('connect');
  dns.lookup = refuse('lookup');
  syncBuiltinESMExports();
`;

test('npm run verify-dist needs no network', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'offline-'));
  try {
    const [refuse, attempts] = [path.join(folder, 'refuse.mjs'), path.join(folder, 'attempts')];
    await writeFile(refuse, REFUSE);
    await writeFile(attempts, '');
    const env = { ...process.env, ATTEMPTS: attempts, NODE_OPTIONS: `--import=${pathToFileURL(refuse)}` };
    const run = (...command: readonly string[]) =>
      new Promise<string>(resolve => {
        const [program = '', ...args] = [...(HAS_UNSHARE ? WITHOUT_NETWORK : []), process.execPath, ...command];
        execFile(program, args, { cwd: ROOT, env }, (_, stdout, stderr) => resolve(stdout + stderr));
      });
    expect(await run('-e', 'fetch("http://127.0.0.1:8081").catch(() => console.log("refused"))')).toBe('refused\n');
    expect(await readFile(attempts, 'utf8')).toContain('connect');
    await writeFile(attempts, '');
    // While src is worked on, dist may be older. Then the command says so.
    expect(await run('scripts/verify-dist.ts')).toMatch(
      /dist is what src builds to|Run `npm run build`, and commit dist/u,
    );
    expect(await readFile(attempts, 'utf8')).toBe('');
  } finally {
    await rm(folder, { recursive: true });
  }
}, 120_000);
