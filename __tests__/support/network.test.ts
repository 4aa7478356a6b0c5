import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { listen } from './ports.ts';
import { startProxy } from './proxy.ts';
import { createPrivateTls, type PrivateTls } from './tls.ts';

let directory: string;
let tls: PrivateTls;
let server: Server;
let port: number;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'network-test-'));
  tls = await createPrivateTls(directory);
  server = createServer({ key: tls.key, cert: tls.cert }, (_, response) => response.end('hello'));
  port = await listen(server);
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(directory, { recursive: true });
});

/** Fetches a URL in another process, because Node reads both variables only when it starts. */
async function get(url: string, env: Record<string, string> = {}): Promise<string> {
  const script = `
    try { console.log(await (await fetch(${JSON.stringify(url)})).text()) }
    catch (error) { console.log(error.cause?.code ?? error.cause?.message) }`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { env });
  return stdout.trim();
}

test('the certificate is valid for loopback, once its authority is trusted', async () => {
  const trusting = { NODE_EXTRA_CA_CERTS: tls.caFile };
  expect(await get(`https://127.0.0.1:${port}`, trusting)).toBe('hello');
  expect(await get(`https://localhost:${port}`, trusting)).toBe('hello');
  expect(await get(`https://127.0.0.1:${port}`)).toBe('UNABLE_TO_VERIFY_LEAF_SIGNATURE');
});

test.each([undefined, 'octo:cat'])('the proxy tunnels, and records the targets (credentials %s)', async credentials => {
  const proxy = await startProxy(credentials);
  try {
    const env = { NODE_EXTRA_CA_CERTS: tls.caFile, NODE_USE_ENV_PROXY: '1', HTTPS_PROXY: proxy.url };
    expect(await get(`https://127.0.0.1:${port}`, env)).toBe('hello');
    expect(proxy.passed).toEqual([`127.0.0.1:${port}`]);
  } finally {
    await proxy.close();
  }
});

test('without the credentials that it requires, the proxy forwards nothing', async () => {
  const proxy = await startProxy('octo:cat');
  try {
    const HTTPS_PROXY = proxy.url.replace('octo:cat@', '');
    expect(await get(`https://127.0.0.1:${port}`, { NODE_USE_ENV_PROXY: '1', HTTPS_PROXY })).not.toBe('hello');
    expect(proxy).toMatchObject({ requested: [`127.0.0.1:${port}`], passed: [] });
  } finally {
    await proxy.close();
  }
});
