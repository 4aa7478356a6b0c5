import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { generate } from 'selfsigned';
import type { TokenKind } from '../emulator/github/index.ts';
import type { ActionRun } from '../emulator/runner.ts';
import type { Vantage, VantageOptions } from '../emulator/vantage/index.ts';
import { EVERYTHING } from './support/github.ts';
import { closedPort } from './support/ports.ts';
import { PrivateNetwork } from './support/private-network.ts';
import { BEHIND_PROXY } from './support/proxy.ts';
import { runStep } from './support/run-step.ts';
import { errorOf } from './support/step.ts';
import { World } from './support/world.ts';

/** The mistakes that people are most likely to make, and the whole message of each: it alone must be enough to correct it. */

type Inputs = Readonly<Record<string, string>>;

const TENANT = '6a10d7c9-5d3b-4b0e-8f4e-0a4f3a3f9b11';

let network: PrivateNetwork;

beforeAll(async () => {
  network = await PrivateNetwork.create();
});
afterAll(() => network[Symbol.asyncDispose]());

/** A message with names in place of the addresses and ids of a test. */
function normalized(message: string, { baseUrl, administrator }: Vantage): string {
  return message
    .replaceAll(new URL(baseUrl).host, 'VANTAGE')
    .replaceAll(administrator.clientId, 'ADMIN')
    .replaceAll(/127\.0\.0\.1:\d+/gu, 'LOOPBACK');
}

/** The error of a step that makes a mistake about Vantage. */
async function error(inputs: Inputs, options: VantageOptions = {}, env: Record<string, string> = {}): Promise<string> {
  await using world = await World.open({ vantage: { tenantId: TENANT, ...options } });
  return normalized(errorOf(await world.step(inputs, { env })), world.vantage);
}

/** Long enough for every attempt of a request that is retried. */
const PATIENT = { timeout: '60s' };

/** The error of a step that makes a mistake about GitHub. */
async function deliveryError(writeTo: string, token: TokenKind): Promise<string> {
  await using world = await World.open({ github: {}, token, vantage: { tenantId: TENANT } });
  const message = errorOf(await world.step({ 'write-to': writeTo })).replaceAll(world.github.apiUrl, 'GITHUB');
  return normalized(message, world.vantage);
}

/** The error of a step of a pull request, without secrets. */
async function errorOfPull(head: string, env: Record<string, string>): Promise<string> {
  const file = path.join(network.directory, 'event.json');
  const repository = (full_name: string) => ({ repo: { full_name } });
  await writeFile(
    file,
    JSON.stringify({ pull_request: { number: 7, head: repository(head), base: repository('octo-org/octo-repo') } }),
  );
  return errorOf(await unread({ 'auth-client-secret': '' }, { GITHUB_EVENT_PATH: file, ...env }));
}

/** A step that sends nothing. */
function unread(inputs: Inputs, env: Record<string, string> = {}): Promise<ActionRun> {
  const given = {
    region: 'eu',
    'tenant-id': TENANT,
    'auth-client-id': 'admin',
    'auth-client-secret': 'canary-of-the-administrator',
    'client-id': 'invoices',
    ...inputs,
  };
  return runStep({ inputs: given, env });
}

const CLIENTS = `http://VANTAGE/api/adminapi2/v2/tenants/${TENANT}/clients/`;
const EMPTY =
  '`auth-client-secret` is empty: expected either access-token, or auth-client-id and auth-client-secret, or these two with username and password.';
const MAY_BE_ELSEWHERE =
  'it answered 400 (invalid_client). Check `auth-client-id` and `auth-client-secret`. The secret may have expired, by default after six months: create another one in Vantage, under Configuration → Public API Client. Or the client belongs to another region or installation than http://VANTAGE (`base-url` or `region`): compare that with the address at which you open Vantage.';
const CHECK_TENANT = (tenant: string) =>
  `Check that ${tenant} (\`tenant-id\`) is the tenant id that Vantage shows under Configuration → General, and that the tenant is at http://VANTAGE. If both are right, this Vantage may be older: set \`api-version: v1\`.`;
const REFUSED_KEY =
  '[github-permission] reading the public key for actions secrets in repository octo-org/octo-repo failed at GET GITHUB/repos/octo-org/octo-repo/actions/secrets/public-key: it answered 403 (Resource not accessible by integration). The token needs Secrets: write on octo-org/octo-repo (for this request, GitHub names secrets=read), and access to that repository or organization. If it is the GITHUB_TOKEN of the workflow: that token can never write secrets. Use the token of a GitHub App, created in an earlier step, or a personal access token. If it is the token of a GitHub App: give the App that permission, have an owner approve it, and install the App there.';
const SIGN_IN = 'signing in as client "ADMIN" failed at POST https://VANTAGE/auth2/connect/token';
const ALL: TokenKind = { kind: 'fine-grained', permissions: EVERYTHING };

test('1. the wrong region', async () => {
  expect(await error({ 'auth-client-id': 'from-elsewhere' })).toBe(
    `[authentication-failed] signing in as client "from-elsewhere" failed at POST http://VANTAGE/auth2/connect/token: ${MAY_BE_ELSEWHERE}`,
  );
});

test('2. an expired secret', async () => {
  const secrets = [{ value: 'canary-of-an-expired-secret', expiration: '2026-01-01T00:00:00.000Z' }];
  const inputs = { 'auth-client-id': 'ci', 'auth-client-secret': 'canary-of-an-expired-secret' };
  expect(await error(inputs, { clients: [{ clientId: 'ci', secrets }] })).toBe(
    `[authentication-failed] signing in as client "ci" failed at POST http://VANTAGE/auth2/connect/token: ${MAY_BE_ELSEWHERE}`,
  );
});

test('3. a client without the role', async () => {
  expect(await error({}, { shape: { clientAdministrator: 'forbidden' } })).toBe(
    `[forbidden] creating client "invoices" failed at POST ${CLIENTS}: it answered 403 with an empty body. Give client "ADMIN" the role Tenant Administrator in the tenant ${TENANT} (\`tenant-id\`): in Vantage, in its settings under Configuration → Public API Client. If it has the role, this Vantage lets only users do this: set \`username\` and \`password\` of such a user as well.`,
  );
});

test('4. GITHUB_TOKEN for secrets', async () => {
  expect(await deliveryError('repository', { kind: 'workflow' })).toBe(REFUSED_KEY);
});

test('5. a pull request from a fork', async () => {
  expect(await errorOfPull('mona/octo-repo', { GITHUB_EVENT_NAME: 'pull_request' })).toBe(
    `[invalid-input] reading the inputs failed: ${EMPTY} This run is for a pull request from the fork mona/octo-repo, and GitHub does not pass secrets to such runs. Skip the job in them: \`if: github.event.pull_request.head.repo.full_name == github.repository\`.`,
  );
});

test('6. a run of Dependabot', async () => {
  const env = { GITHUB_EVENT_NAME: 'pull_request', GITHUB_ACTOR: 'dependabot[bot]' };
  expect(await errorOfPull('octo-org/octo-repo', env)).toBe(
    `[invalid-input] reading the inputs failed: ${EMPTY} Dependabot started this run, so it can read Dependabot secrets but no Actions secrets. Store the secret as a Dependabot secret too, or skip the job in such runs: \`if: github.actor != 'dependabot[bot]'\`.`,
  );
});

test('7. an environment that does not exist', async () => {
  expect(await deliveryError('environment staging', ALL)).toBe(
    '[not-found] looking for environment "staging" of octo-org/octo-repo failed: the repository has no such environment. Check its name, create it on GitHub (Settings of the repository, Environments), or set `create-environments` to true.',
  );
});

test('8. an environment that the job does not name', async () => {
  const empty = { region: '', 'tenant-id': '', 'auth-client-id': '', 'auth-client-secret': '' };
  expect(errorOf(await unread(empty))).toBe(
    '[invalid-input] reading the inputs failed: `base-url` is empty: expected exactly one of base-url and region; `tenant-id` is empty: expected the ID of the tenant, from Configuration → General; `access-token` is empty: expected either access-token, or auth-client-id and auth-client-secret, or these two with username and password. An input is also empty if the job cannot read the secret or variable behind it: it may not exist, its name may have a typo, or it belongs to an environment that the job does not name with `environment:`. A reusable workflow gets only the secrets that its caller passes.',
  );
});

test('9. the wrong tenant', async () => {
  const tenant = '11111111-5d3b-4b0e-8f4e-0a4f3a3f9b11';
  expect(await error({ 'tenant-id': tenant })).toBe(
    `[not-found] creating client "invoices" failed at POST http://VANTAGE/api/adminapi2/v2/tenants/${tenant}/clients/: it answered 404 (Not Found; Tenant '${tenant}' was not found.). ${CHECK_TENANT(tenant)}`,
  );
});

test('10. a proxy that does not answer, and none where the network needs one', async () => {
  const env = { ...network.trusting, HTTPS_PROXY: `http://127.0.0.1:${await closedPort()}` };
  expect(await error(PATIENT, { tls: network.tls, host: BEHIND_PROXY }, env)).toBe(
    `[vantage-unavailable] ${SIGN_IN}: connect ECONNREFUSED LOOPBACK, 5 times. Unless NO_PROXY names VANTAGE, the request uses the proxy in HTTPS_PROXY: check its address, and that it runs. Otherwise: Run the step again when Vantage is available.`,
  );
  expect(await error(PATIENT, { tls: network.tls, host: BEHIND_PROXY }, network.trusting)).toBe(
    `[vantage-unavailable] ${SIGN_IN}: getaddrinfo ENOTFOUND vantage.example, 5 times. Check \`base-url\` (or \`region\`), and HTTPS_PROXY if the runner needs a proxy.`,
  );
});

test('11. a private CA', async () => {
  // With a variable of Node, so that the step runs in a process.
  expect(await error({}, { tls: network.tls }, { NODE_EXTRA_CA_CERTS: '' })).toBe(
    `[vantage-unavailable] ${SIGN_IN}: self-signed certificate in certificate chain (SELF_SIGNED_CERT_IN_CHAIN). If a private CA issued the certificate, set the NODE_EXTRA_CA_CERTS environment variable of the step to a file with the certificate of that CA.`,
  );
});

test('12. a Vantage that has only v1', async () => {
  await using world = await World.open({ vantage: { tenantId: TENANT } });
  world.vantage.faults.add({ on: { path: /adminapi2\/v2/u }, mishap: { kind: 'answer', status: 404 } });
  expect(normalized(errorOf(await world.step()), world.vantage)).toBe(
    `[not-found] creating client "invoices" failed at POST ${CLIENTS}: it answered 404 with an empty body. ${CHECK_TENANT(TENANT)}`,
  );
});

test('13. an id that another tenant uses', async () => {
  expect(await error({}, { takenElsewhere: ['invoices'] })).toBe(
    `[conflict] ensuring client "invoices" failed at POST ${CLIENTS}invoices/secrets/: Vantage reports that the id is taken, but this tenant has no such client. Another tenant of the region may use the id. Choose another client-id.`,
  );
});

test('14. two workflows that write one target', async () => {
  await using world = await World.open({ github: {} });
  const variable = { 'client-id-variable': 'VANTAGE_CLIENT_ID' };
  await world.step({ 'write-to': 'repository', ...variable });
  const step = await world.step({ 'write-to': 'repository', ...variable, 'client-id': 'payables' });
  expect(step.annotations).toEqual([
    {
      level: 'warning',
      title: 'Vantage: targets',
      message:
        'The secret VANTAGE_CLIENT_SECRET in repository octo-org/octo-repo serves another client: the variable VANTAGE_CLIENT_ID in repository octo-org/octo-repo names another client: "invoices". It now gets a secret of client "payables". If another step writes to it as well, each step overwrites the secret of the other. Give one of them another `secret-name` and another `client-id-variable`.',
    },
  ]);
});

test('15. a clock that is wrong', async () => {
  const past = { notBeforeDate: new Date(Date.now() - 9e8), notAfterDate: new Date(Date.now() - 8e8) };
  const altNames = [{ type: 2, value: 'localhost' } as const];
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ...past,
    extensions: [{ name: 'subjectAltName', altNames }],
  });
  const certificate = path.join(network.directory, 'past.pem');
  await writeFile(certificate, cert);
  const message = await error({}, { tls: { key, cert } }, { NODE_EXTRA_CA_CERTS: certificate });
  expect(message.replace(/\d{4}-\S+Z/u, 'NOW')).toBe(
    `[vantage-unavailable] ${SIGN_IN}: certificate has expired (CERT_HAS_EXPIRED). The clock of the runner shows NOW. If that is wrong, set the clock. Otherwise, the certificate of VANTAGE must be renewed.`,
  );
});

test('16. OWNER left in', async () => {
  expect(await deliveryError('repository OWNER/web', ALL)).toBe(
    '[invalid-input] reading the inputs failed: `write-to` contains "repository OWNER/web": expected the account on GitHub in place of OWNER.',
  );
});

test('17. an App without the permission', async () => {
  expect(await deliveryError('repository', { kind: 'app', permissions: { actions_variables: 'write' } })).toBe(
    REFUSED_KEY,
  );
});

test('18. a typo in a target', async () => {
  expect(await deliveryError('enviroment production', ALL)).toBe(
    '[invalid-input] reading the inputs failed: `write-to` contains "enviroment production": expected "[actions|dependabot|codespaces|agents] repository [owner/repo]", "environment [owner/repo] NAME", or "[app] organization NAME [all|private|selected]", each with an optional " as SECRET_NAME".',
  );
});

test('19. a secret that lives too long', async () => {
  expect(await error({ 'secret-expiration': 'P5Y' })).toBe(
    '[invalid-input] reading the inputs failed: `secret-expiration` is "P5Y": expected 1 day to 3 years after the start of the secret, because Vantage allows no other life.',
  );
});

test('20. a token that can only read', async () => {
  expect(await deliveryError('repository', { kind: 'fine-grained', permissions: { secrets: 'read' } })).toBe(
    '[github-permission] writing secret VANTAGE_CLIENT_SECRET in repository octo-org/octo-repo failed at PUT GITHUB/repos/octo-org/octo-repo/actions/secrets/VANTAGE_CLIENT_SECRET: it answered 403 (Resource not accessible by personal access token). The token needs Secrets: write on octo-org/octo-repo (for this request, GitHub names secrets=write), and access to that repository or organization. Edit the token on GitHub: Settings, Developer settings, Personal access tokens.',
  );
});
