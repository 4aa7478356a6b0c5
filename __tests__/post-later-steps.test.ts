import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { deletionsOf, expectSilent, type Post, runPost } from './support/post.ts';
import { PrivateNetwork } from './support/private-network.ts';
import { BEHIND_PROXY, startProxy } from './support/proxy.ts';
import { creationsOf, type Inputs, markOf, type Step, warningsOf } from './support/step.ts';
import { createPrivateTls } from './support/tls.ts';
import { World } from './support/world.ts';

const RESOLVE_HERE = pathToFileURL(path.join(import.meta.dirname, 'support', 'resolve-here.mjs')).href;
const REVOKING: Inputs = { 'revoke-at-job-end': 'true' };
/** The parts of a mark of the emulated run. */
const OWN = {
  repository: 'octo-org/octo-repo',
  id: 'github.com/1001',
  to: 'e0ee8bb5',
  run: '1658821493.1',
  nonce: '9d5b65ce8600fea5',
};

const markWith = (parts: Partial<typeof OWN> = {}) => {
  const { repository, id, to, run, nonce } = { ...OWN, ...parts };
  return `[vantage-client ${repository} id=${id} to=${to} run=${run} ${nonce}]`;
};

/** A step that left one secret to its post step. */
async function revokingStep(world: World, env: Inputs = {}, inputs: Inputs = {}): Promise<Step & { mark: string }> {
  const step = await world.step({ ...REVOKING, ...inputs }, { env });
  const mark = markOf(world.secrets().at(-1)?.description ?? null);
  expect(step.state.marks).toBe(JSON.stringify([mark]));
  return { ...step, mark };
}

/** Nothing was sent, the secret exists, and one warning has its mark and the reason. */
function expectRefused(world: World, post: Post, mark: string, ...says: readonly string[]): void {
  expect(post.requests).toEqual([]);
  expect(world.secrets().map(({ description }) => description)).toContain(mark);
  expect(warningsOf(post)).toEqual([expect.stringContaining(mark)]);
  for (const words of says) {
    expect(warningsOf(post)[0]).toContain(words);
  }
}

/** Everything that the step left was deleted, without a warning. */
function expectDeleted(world: World, post: Post): void {
  expect({ warnings: warningsOf(post), secrets: world.secrets() }).toEqual({ warnings: [], secrets: [] });
}

describe('a later step cannot use the environment to add marks that a step did not leave', () => {
  test.each<readonly [string, Inputs]>([
    ['that succeeded', {}],
    ['that created no secret', { rotate: 'never' }],
    ['that was a dry run', { ...REVOKING, 'dry-run': 'true' }],
    ['with invalid inputs', { 'client-id': '' }],
    ['with a refused sign-in', { 'auth-client-secret': 'a-wrong-secret' }],
    ['in audit mode', { mode: 'audit' }],
  ])('after a step %s', async (_, inputs) => {
    await using world = await World.open();
    // A secret of this run that an earlier step delivered to the job.
    const given = await world.step();
    const [kept] = world.secrets();
    const mark = markOf(kept?.description ?? null);
    const { state } = await revokingStep(world);
    const step = await world.step(inputs);
    const forged = { STATE_marks: JSON.stringify([mark]), STATE_step: state.step ?? '' };
    expectSilent(await runPost(world, step, {}, { env: forged }));
    expect(world.secrets()).toContainEqual(kept);
    expect(given.outputs['client-secret']).toBe(kept?.value);
  });

  test('or to replace those that it left', async () => {
    await using world = await World.open();
    await using elsewhere = await World.open();
    await world.step();
    const [kept] = world.secrets();
    const step = await revokingStep(world);
    const forged = {
      STATE_marks: JSON.stringify([markOf(kept?.description ?? null)]),
      STATE_step: JSON.stringify({ inputs: { 'base-url': elsewhere.vantage.baseUrl }, settings: {} }),
    };
    await runPost(world, step, {}, { env: forged });
    expect(world.secrets()).toEqual([kept]);
    expect(elsewhere.vantage.requests).toEqual([]);
  });
});

describe('a text that is not a complete mark of this run deletes nothing', () => {
  const mark = markWith();
  const NO_MARKS: readonly (readonly [string, string])[] = [
    ['nothing', ''],
    ['the last character of a mark', ']'],
    ['the end of a mark', mark.slice(10)],
    ['the beginning of a mark', mark.slice(0, -1)],
    ['a mark after other text', `by hand ${mark}`],
    ['a mark after a space', ` ${mark}`],
    ['a mark before other text', `${mark} by hand`],
    ['a mark before a line break', `${mark}\n`],
    ['a mark of another run', markWith({ run: '1658821492.1' })],
    ['a mark of another run that starts with the same digits', markWith({ run: '16588214931.1' })],
    ['a mark of another attempt', markWith({ run: '1658821493.2' })],
    ['a mark of another repository', markWith({ repository: 'octo-org/octo-repo-2' })],
    ['a mark of a repository with a similar name', markWith({ repository: 'octo-org/octo.repo' })],
    ['a mark of another repository with the same name', markWith({ id: 'github.com/1002' })],
    ['a mark of the repository on another GitHub', markWith({ id: 'github.acme.example/1001' })],
    ['a mark without an ID', mark.replace(/ id=\S+/u, '')],
    ['a mark without a digest', markWith({ to: '' })],
    ['a mark with a short nonce', markWith({ nonce: '9d5b65ce' })],
  ];

  test.each(NO_MARKS)('%s', async (_, text) => {
    const descriptions = ['by hand', mark, `by hand ${mark}`, text.trim(), `by hand ${text.trim()}`];
    const secrets = descriptions.filter(description => description !== '').map(description => ({ description }));
    await using world = await World.open({ vantage: { clients: [{ clientId: 'invoices', secrets }] } });
    const before = world.secrets();
    // The state of a step that left one mark.
    const { state } = await revokingStep(world);
    const own = world.secrets().at(-1);
    const post = await runPost(world, { state: { ...state, marks: JSON.stringify([text]) } });
    expect(deletionsOf(post)).toEqual([]);
    expect(post.requests).toEqual([]);
    expect(world.secrets()).toEqual([...before, own]);
    expect(warningsOf(post)).toEqual([expect.stringContaining('not marks of this run')]);
  });

  test('and does not prevent the deletion of a secret with a complete mark next to it', async () => {
    await using world = await World.open({
      vantage: {
        clients: [{ clientId: 'invoices', secrets: [{ description: 'by hand' }] }],
      },
    });
    const [byHand] = world.secrets();
    const { state, mark: left } = await revokingStep(world);
    const marks = JSON.stringify(['hand', left, 'by hand']);
    const post = await runPost(world, { state: { ...state, marks } });
    expect(world.secrets()).toEqual([byHand]);
    expect(warningsOf(post)).toEqual([expect.stringContaining('"hand"')]);
  });

  test('a secret whose description only ends like the mark is not deleted', async () => {
    await using world = await World.open();
    const step = await revokingStep(world);
    world.vantage.addClient({ clientId: 'invoices' }, [{ description: `by hand${step.mark}` }]);
    const post = await runPost(world, step);
    expect(deletionsOf(post)).toEqual([]);
    expect(world.secrets()).toHaveLength(1);
  });
});

describe('the post step uses the connection of its step, whatever its inputs are by then', () => {
  test('with its Vantage: the credentials are sent to no other host', async () => {
    await using world = await World.open();
    await using elsewhere = await World.open();
    const step = await revokingStep(world);
    const post = await runPost(world, step, { ...REVOKING, 'base-url': elsewhere.vantage.baseUrl });
    expect(elsewhere.vantage.requests).toEqual([]);
    expectDeleted(world, post);
  });

  test.each<readonly [string, Inputs]>([
    ['client', { 'client-id': 'payments' }],
    ['tenant', { 'tenant-id': '00000000-0000-4000-8000-000000000000' }],
    ['region', { 'base-url': '', region: 'eu' }],
  ])('with its %s', async (_, inputs) => {
    await using world = await World.open({ vantage: { clients: [{ clientId: 'payments' }] } });
    const step = await revokingStep(world);
    expectDeleted(world, await runPost(world, step, { ...REVOKING, ...inputs }));
  });

  test('with its version of the API', async () => {
    await using world = await World.open();
    const step = await revokingStep(world, {}, { 'api-version': 'v1' });
    const post = await runPost(world, step, REVOKING);
    expectDeleted(world, post);
    expect(post.requests.filter(({ path: asked }) => asked.includes('/v2/'))).toEqual([]);
  });

  test.each([
    ['is missing', undefined],
    ['is empty', ''],
    ['is truncated', '{"inputs":{"base-'],
    ['is not an object', '[]'],
    ['has no Vantage', '{"inputs":{},"settings":{}}'],
    ['contains other types than text', '{"inputs":{"base-url":["https://vantage.example.com"]},"settings":{}}'],
    ['has no settings', '{"inputs":{"base-url":"https://vantage.example.com"}}'],
    ['has plain http', '{"inputs":{"base-url":"http://vantage.example.com"},"settings":{}}'],
  ])('and if the state with it %s, it sends nothing and names what is left', async (_, saved) => {
    await using world = await World.open();
    const { state, mark } = await revokingStep(world);
    const { step: __, ...rest } = state;
    const post = await runPost(world, { state: saved === undefined ? rest : { ...rest, step: saved } }, REVOKING);
    expectRefused(world, post, mark);
  });
});

describe('a proxy', () => {
  const NAMES = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'] as const;
  let network: PrivateNetwork;
  /** An environment in which Vantage can be reached only through a proxy. */
  let behind: Inputs;
  /** An environment in which Vantage can also be reached without a proxy. */
  let open: Inputs;

  beforeAll(async () => {
    network = await PrivateNetwork.create();
    behind = network.trusting;
    open = { ...behind, NODE_OPTIONS: `--import=${RESOLVE_HERE}`, RESOLVE_HERE: BEHIND_PROXY };
  });
  afterAll(() => network[Symbol.asyncDispose]());

  test.each(NAMES)('that the step did not have is not used (%s)', async name => {
    await using world = await network.openWorldBehindProxy();
    const [step, proxy] = await Promise.all([revokingStep(world, open), startProxy()]);
    const post = await runPost(world, step, REVOKING, { env: { ...open, [name]: proxy.url } });
    await proxy.close();
    expect(proxy.requested).toEqual([]);
    expectDeleted(world, post);
    expect(post.log).toContain(name);
  });

  test.each(NAMES)('that differs from that of the step is not used (%s)', async name => {
    await using world = await network.openWorldBehindProxy();
    const [own, other] = await Promise.all([startProxy(), startProxy()]);
    const step = await revokingStep(world, { ...open, [name]: own.url });
    expect(own.passed).not.toEqual([]);
    const post = await runPost(world, step, REVOKING, { env: { ...open, [name]: other.url } });
    await Promise.all([own.close(), other.close()]);
    expect(other.requested).toEqual([]);
    expectDeleted(world, post);
  });

  test.each([
    ['the same', {}],
    ['the same, while a later step excludes every host', { NO_PROXY: '*' }],
    ['the same in uppercase, while a later step sets another one in lowercase', { https_proxy: 'http://127.0.0.1:9' }],
    ['the same in uppercase, while a later step sets none in lowercase', { https_proxy: '' }],
  ])('of the step is used: %s', async (_, later) => {
    await using world = await network.openWorldBehindProxy();
    const proxy = await startProxy('user:pass-of-the-proxy');
    const env = { ...behind, HTTPS_PROXY: proxy.url };
    const step = await revokingStep(world, env);
    const passed = proxy.passed.length;
    const post = await runPost(world, step, REVOKING, { env: { ...env, ...later } });
    await proxy.close();
    expectDeleted(world, post);
    expect(proxy.passed.length).toBeGreaterThan(passed);
    expect(JSON.stringify(step.state)).not.toContain('pass-of-the-proxy');
  });

  test.each([
    ['empty', { HTTPS_PROXY: '' }],
    ['missing', {}],
  ])('of the step that is now %s: nothing is sent past it', async (_, later) => {
    await using world = await network.openWorldBehindProxy();
    const proxy = await startProxy();
    const step = await revokingStep(world, { ...open, HTTPS_PROXY: proxy.url });
    const post = await runPost(world, step, REVOKING, { env: { ...open, ...later } });
    await proxy.close();
    expectRefused(world, post, step.mark, 'HTTPS_PROXY');
  });

  test('is recognized by a digest, which no debug log shows', async () => {
    await using world = await network.openWorldBehindProxy();
    const proxy = await startProxy('user:pass-of-the-proxy');
    const { state, masks } = await revokingStep(world, { ...behind, HTTPS_PROXY: proxy.url });
    await proxy.close();
    const digests = Object.values((JSON.parse(state.step ?? '{}') as { settings: Inputs }).settings);
    expect(digests).toHaveLength(2);
    for (const digest of digests) {
      expect(digest).toMatch(/^[\da-f]{64}$/u);
    }
    expect(masks).toEqual(expect.arrayContaining(digests));
  });
});

describe('a setting that decides which code Node runs and whom it trusts', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'post-later-steps-'));
  });
  afterAll(() => rm(directory, { recursive: true }));
  /** Writes the certificate of a new authority to the file, and replaces the previous one. */
  const writeAuthority = async () => (await createPrivateTls(directory)).caFile;

  test.each([
    ['NODE_OPTIONS', '--no-deprecation'],
    ['NODE_EXTRA_CA_CERTS', '/nowhere/ca.pem'],
    ['NODE_TLS_REJECT_UNAUTHORIZED', '1'],
    ['NODE_USE_SYSTEM_CA', '0'],
    ['NODE_USE_ENV_PROXY', '0'],
    ['SSL_CERT_FILE', '/nowhere/ca.pem'],
    ['SSL_CERT_DIR', '/nowhere'],
    ['OPENSSL_CONF', '/dev/null'],
    ['OPENSSL_MODULES', '/nowhere'],
    ['OPENSSL_ENGINES', '/nowhere'],
  ])('%s: after a later step sets or changes it, nothing is sent', async (name, value) => {
    await using world = await World.open();
    const step = await revokingStep(world);
    const env = name === 'NODE_EXTRA_CA_CERTS' ? { [name]: await writeAuthority() } : { [name]: value };
    expectRefused(world, await runPost(world, step, REVOKING, { env }), step.mark, name);
  });

  test('it was set in the step, and is the same: the secret is deleted', async () => {
    await using world = await World.open();
    const ca = await writeAuthority();
    const env = { NODE_OPTIONS: '--no-deprecation', NODE_EXTRA_CA_CERTS: ca };
    const step = await revokingStep(world, env);
    expectDeleted(world, await runPost(world, step, REVOKING, { env }));
  });

  test('it was set in the step, and has changed: nothing is sent', async () => {
    await using world = await World.open();
    const step = await revokingStep(world, { NODE_OPTIONS: '--no-deprecation' });
    const env = { NODE_OPTIONS: '--no-deprecation --no-warnings' };
    expectRefused(world, await runPost(world, step, REVOKING, { env }), step.mark, 'NODE_OPTIONS');
  });

  test('it was set in the step, and a later step wrote another authority into its file: nothing is sent', async () => {
    await using world = await World.open();
    const ca = await writeAuthority();
    const env = { NODE_EXTRA_CA_CERTS: ca };
    const step = await revokingStep(world, env);
    await writeAuthority();
    expectRefused(world, await runPost(world, step, REVOKING, { env }), step.mark, 'NODE_EXTRA_CA_CERTS');
  });

  test('it was removed: Node uses its defaults, and the secret is deleted', async () => {
    await using world = await World.open();
    const step = await revokingStep(world, { NODE_OPTIONS: '--no-deprecation' });
    expectDeleted(world, await runPost(world, step, REVOKING));
  });
});

describe('a secret with revoke-at-job-end lives for at most a day, in case its runner disappears', () => {
  const DAY = 86_400_000;
  const MINUTES = 10 * 60_000;
  /** The life that the action requests for the new secret, in milliseconds from its start. */
  const lifeOf = (step: Step): number => {
    const [asked] = creationsOf(step);
    const { startTime, expiration } = JSON.parse(asked?.body ?? '{}') as Record<string, string>;
    return Date.parse(expiration ?? '') - (startTime ? Date.parse(startTime) : (asked?.receivedAt ?? 0));
  };

  test.each<readonly [string, Inputs]>([
    ['rotate: always', {}],
    ['rotate: always, with its rotate-before of 30 days', { 'rotate-before': '30d' }],
    ['rotate: when-due, with a rotate-before that is shorter', { rotate: 'when-due', 'rotate-before': '6h' }],
    ['a future start', { 'secret-start-time': '2d' }],
  ])('%s', async (_, inputs) => {
    await using world = await World.open();
    const life = lifeOf(await revokingStep(world, {}, inputs));
    expect(life).toBeGreaterThanOrEqual(DAY);
    expect(life).toBeLessThan(DAY + MINUTES);
  });

  test('unless the workflow sets an expiration', async () => {
    await using world = await World.open();
    const life = lifeOf(await revokingStep(world, {}, { 'secret-expiration': '7d' }));
    expect(Math.abs(life - 7 * DAY)).toBeLessThan(MINUTES);
  });

  test('the expiration of any other secret is up to Vantage', async () => {
    await using world = await World.open();
    expect(lifeOf(await world.step())).toBeNaN();
  });

  test('and is rejected if it would be due at once', async () => {
    await using world = await World.open();
    const step = await world.step({ ...REVOKING, rotate: 'when-due' });
    expect(step.outputs['error-code']).toBe('invalid-input');
    expect(step.log).toContain('the default `rotate-before` of 30d is not shorter than the one day');
  });
});
