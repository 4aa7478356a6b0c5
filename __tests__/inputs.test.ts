import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ActionRun } from '../emulator/runner.ts';
import { startVantage, type Vantage } from '../emulator/vantage/index.ts';
import { findLeaks } from './support/leaks.ts';
import { listen } from './support/ports.ts';
import { startProxy } from './support/proxy.ts';
import { runStep } from './support/run-step.ts';
import { canariesOf, vantageInputs } from './support/vantage.ts';

/** Each contains characters that every encoding writes differently. */
const SECRET = 'auth+Secret/4d1f "9c\\=&';
const PASSWORD = 'pass+Word/77e0 "b2\\=&';
const TOKEN = 'eyJhbGciOi.Tok~en-canary_5a/+=';
const CANARIES = { SECRET, PASSWORD, TOKEN, proxy: 'proxyCanary81f', userInfo: 'urlCanary5d0' };

const HIDDEN = 'is set (value not shown)';
const NO_SIGN_IN = { 'auth-client-id': '', 'auth-client-secret': '' };
const WAYS = 'expected either access-token, or auth-client-id and auth-client-secret';
const GRANTS = 'authorization_code, client_credentials, password, implicit, hybrid';
const CALLBACK = { 'redirect-uris': 'https://app.example/callback' };
const ORIGIN = 'http(s)://host[:port] without a path';
const SHORT_OR_LONG = 'expected 1 day to 3 years after the start of the secret';
const INSTANT = 'an RFC 3339 time (2027-01-31T09:00:00Z) or a duration';
const TARGET = 'expected "[actions|dependabot|codespaces|agents] repository [owner/repo]"';
const GITHUB_URL = 'expected an https URL such as https://api.github.com';
/** What a step needs in addition to a target. */
const WRITING = { 'write-to': 'repository', 'github-token': TOKEN };

const A_DURATION = 'expected a duration, such as 30d';
const A_DAY_OR_MORE = 'expected a duration of at least 1d, such as 7d';

const DELETING = { mode: 'delete' };
const SWEEPING = { mode: 'sweep', 'client-id-pattern': 'invoices-pr-{pr}', 'github-token': TOKEN };

/** The time this many milliseconds from now, as a workflow writes it. */
const fromNow = (milliseconds: number) => new Date(Date.now() + milliseconds).toISOString();
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/**
 * Six calendar months from now, plus some milliseconds. A day that the sixth month does not have becomes one of the
 * next month.
 */
function inSixMonths(offset: number): string {
  const date = new Date(Date.now() + offset);
  date.setUTCMonth(date.getUTCMonth() + 6);
  return date.toISOString();
}

/** The inputs for which an error quotes an item. */
const LISTS = ['allowed-grant-types', 'allowed-cors-origins', 'redirect-uris', 'post-logout-redirect-uris', 'write-to'];

interface Given {
  /** Further inputs. An empty one removes an input that the step has otherwise. */
  readonly with?: Readonly<Record<string, string>>;
  /** How the error describes the value. Default: that the input is the value, or contains it if it is a list. */
  readonly state?: string;
}

/** An input, its invalid value, and what is expected. `{origin}` is the server that must get no request. */
const BAD_INPUTS: readonly [input: string, value: string, expected: string, given?: Given][] = [
  ['base-url', '', 'exactly one of base-url and region', { state: 'is empty' }],
  ['base-url', 'vantage-eu.abbyy.com', 'expected an origin such as https://'],
  ['base-url', 'https://', 'expected an origin such as https://'],
  ['base-url', 'ftp://127.0.0.1', 'expected an origin such as https://'],
  ['base-url', 'https://127.0.0.1:99999', 'expected an origin such as https://'],
  ['base-url', '{origin}/vantage', 'without a path, query, or fragment'],
  ['base-url', '{origin}//', 'without a path, query, or fragment'],
  ['base-url', '{origin}?tenant=1', 'without a path, query, or fragment'],
  ['base-url', '{origin}/#top', 'without a path, query, or fragment'],
  ['base-url', 'http://vantage.example', 'http is allowed only for a loopback address'],
  ['base-url', 'http://127.0.0.1.vantage.example', 'http is allowed only for a loopback address'],
  [
    'base-url',
    'https://me:urlCanary5d0@127.0.0.1',
    'without a username or password',
    { state: 'is "https://***@127.0.0.1"' },
  ],
  ['base-url', 'https://me:urlCanary5d0@', 'an origin such as', { state: 'is "https://***@"' }],
  ['base-url', 'me:urlCanary5d0@127.0.0.1', 'an origin such as', { state: 'is "***@127.0.0.1"' }],
  ['region', 'EU', 'us, eu, or au', { with: { 'base-url': '' } }],
  ['region', 'de', 'us, eu, or au', { with: { 'base-url': '' } }],
  ['region', 'eu', 'exactly one of base-url and region', { with: { 'base-url': '{origin}' } }],
  ['tenant-id', '', 'expected the ID of the tenant', { state: 'is empty' }],
  ['tenant-id', '..', 'expected the GUID of the tenant'],
  ['tenant-id', '%2E', 'expected the GUID of the tenant'],
  ['tenant-id', 'one\ntwo', 'expected the GUID of the tenant'],
  ['api-version', '2', 'v2 or v1'],
  ['api-version', 'V1', 'v2 or v1'],

  ['access-token', '', WAYS, { with: NO_SIGN_IN, state: 'is empty' }],
  ['access-token', `Bearer ${TOKEN}`, 'only the token, without "Bearer"', { with: NO_SIGN_IN, state: HIDDEN }],
  ['access-token', `${TOKEN}\n${TOKEN}`, 'only the token', { with: NO_SIGN_IN, state: HIDDEN }],
  ['access-token', `"${TOKEN}"`, 'only the token', { with: NO_SIGN_IN, state: HIDDEN }],
  ['auth-client-id', 'ci', 'access-token is also set', { with: { ...NO_SIGN_IN, 'access-token': TOKEN } }],
  [
    'auth-client-secret',
    SECRET,
    'access-token is also set',
    { with: { ...NO_SIGN_IN, 'access-token': TOKEN }, state: HIDDEN },
  ],
  ['username', 'anna', 'access-token is also set', { with: { ...NO_SIGN_IN, 'access-token': TOKEN } }],
  ['password', PASSWORD, 'access-token is also set', { with: { ...NO_SIGN_IN, 'access-token': TOKEN }, state: HIDDEN }],
  ['auth-client-id', '', WAYS, { state: 'is empty' }],
  ['auth-client-secret', '', WAYS, { state: 'is empty' }],
  ['auth-client-id', '', WAYS, { with: { ...NO_SIGN_IN, username: 'anna', password: PASSWORD }, state: 'is empty' }],
  ['auth-client-secret', '', WAYS, { with: { username: 'anna', password: PASSWORD }, state: 'is empty' }],
  ['auth-client-id', 'café', 'printable ASCII'],
  ['auth-client-id', 'one\ntwo', 'printable ASCII'],
  ['username', '', 'both username and password, or neither', { with: { password: PASSWORD }, state: 'is empty' }],
  ['password', '', 'both username and password, or neither', { with: { username: 'anna' }, state: 'is empty' }],
  ['auth-scope', 'openid  permissions', 'separated by one space'],
  ['auth-scope', 'openid,"permissions"', 'scopes of printable ASCII'],
  ['auth-scope', 'openid\npermissions', 'separated by one space'],

  ['client-id', '', '1 to 100 printable ASCII characters', { state: 'is empty' }],
  ['client-id', 'two words', 'without spaces'],
  ['client-id', 'rechnungen-ä', 'printable ASCII'],
  ['client-id', 'a\tb', 'printable ASCII'],
  ['client-id', 'x'.repeat(101), '1 to 100', { state: `is "${'x'.repeat(80)}…"` }],
  ['client-id', '.', 'no "." or ".." as a path segment'],
  ['client-id', '..', 'no "." or ".." as a path segment'],
  ['client-id', SECRET, 'without spaces', { state: 'is "***"' }],
  ['client-name', 'two\nlines', 'one line without control characters'],
  ['client-name', 'bell\u0007', 'one line without control characters'],

  ['allow-offline-access', 'yes', 'true or false'],
  ['allow-remember-consent', 'tRue', 'true or false'],
  ['back-channel-logout-session-required', '1', 'true or false'],
  ['require-client-secret', 'no', 'true or false'],
  ['require-consent', 'on', 'true or false'],
  ['allow-no-pkce', '0', 'true or false'],
  ['allow-ropc', 'y', 'true or false'],

  ['allowed-grant-types', 'client_credential', GRANTS],
  ['allowed-grant-types', 'client_credentials; password', GRANTS, { state: 'contains "client_credentials;"' }],
  ['allowed-grant-types', 'Client_Credentials', GRANTS],
  ['allowed-grant-types', 'password, password', 'each item once', { state: 'contains "password" twice' }],
  ['allowed-grant-types', 'refresh_token', 'set allow-offline-access to true'],
  ['allowed-grant-types', ',', 'at least one item', { state: 'is ","' }],
  [
    'allowed-grant-types',
    'implicit authorization_code',
    'at most one of authorization_code, implicit, and hybrid',
    { with: CALLBACK, state: 'contains implicit and authorization_code' },
  ],
  [
    'allowed-grant-types',
    'hybrid\nclient_credentials\nimplicit',
    'at most one of authorization_code, implicit, and hybrid',
    { with: CALLBACK, state: 'contains implicit and hybrid' },
  ],
  [
    'allowed-grant-types',
    'authorization_code,hybrid',
    'at most one of authorization_code, implicit, and hybrid',
    { with: CALLBACK, state: 'contains authorization_code and hybrid' },
  ],

  ['allowed-scopes', 'openid permissions', 'exactly openid, permissions, publicapi.all'],
  ['allowed-scopes', 'openid permissions publicapi.all offline_access', 'exactly openid, permissions, publicapi.all'],
  ['allowed-scopes', 'openid permissions global.wildcard', 'exactly openid, permissions, publicapi.all'],
  ['allowed-scopes', 'openid openid permissions publicapi.all', 'each item once', { state: 'contains "openid" twice' }],
  ['allowed-scopes', ' , ,', 'at least one item', { state: 'is " , ,"' }],

  ['allowed-cors-origins', 'https://app.example/path', `${ORIGIN}, trailing slash`],
  ['allowed-cors-origins', 'https://app.example/', 'such as https://app.example'],
  ['allowed-cors-origins', 'https://app.example:443', 'default port, such as https://app.example'],
  [
    'allowed-cors-origins',
    'https://me:urlCanary5d0@app.example',
    ORIGIN,
    { state: 'contains "https://***@app.example"' },
  ],
  ['allowed-cors-origins', '*', ORIGIN],
  ['allowed-cors-origins', 'https://*.app.example', ORIGIN],
  ['allowed-cors-origins', 'app.example', ORIGIN],
  ['allowed-cors-origins', 'ftp://app.example', ORIGIN],
  ['allowed-cors-origins', 'https://a.example, https://b.example', ORIGIN],
  [
    'allowed-cors-origins',
    'https://a.example\nhttps://a.example',
    'each item once',
    { state: 'contains "https://a.example" twice' },
  ],

  ['redirect-uris', 'javascript:alert(1)', 'is blocked'],
  ['redirect-uris', 'JavaScript://app.example/%0aalert(1)', 'is blocked'],
  ['redirect-uris', 'data:text/html,hello', 'is blocked'],
  ['redirect-uris', 'file:///etc/passwd', 'is blocked'],
  ['redirect-uris', 'vbscript:x', 'is blocked'],
  ['redirect-uris', 'https://app.example/#done', 'without a fragment'],
  ['redirect-uris', '/callback', 'absolute URIs, one per line'],
  ['redirect-uris', '//app.example/callback', 'absolute URIs, one per line'],
  ['redirect-uris', 'https://a.example/ https://b.example/', 'absolute URIs, one per line'],
  ['redirect-uris', 'https://*.app.example/callback', 'a URI without "*"'],
  [
    'redirect-uris',
    'https://me:urlCanary5d0@app.example/',
    'without a username or password',
    { state: 'contains "https://***@app.example/"' },
  ],
  [
    'redirect-uris',
    '',
    'at least one URI, because allowed-grant-types contains authorization_code',
    { with: grant('authorization_code') },
  ],
  [
    'redirect-uris',
    ' \n ',
    'at least one URI, because allowed-grant-types contains implicit',
    { with: grant('implicit'), state: 'is empty' },
  ],
  [
    'redirect-uris',
    '',
    'at least one URI, because allowed-grant-types contains hybrid',
    { with: grant('hybrid password') },
  ],
  ['post-logout-redirect-uris', 'blob:https://app.example/1', 'is blocked'],
  ['post-logout-redirect-uris', 'bye', 'absolute URIs, one per line'],

  [
    'access-token-lifetime',
    '3600',
    'api-version to be v2, because v1 has no lifetimes',
    { with: { 'api-version': 'v1' } },
  ],
  [
    'refresh-token-lifetime',
    '30d',
    'api-version to be v2, because v1 has no lifetimes',
    { with: { 'api-version': 'v1' } },
  ],
  ['access-token-lifetime', '0', 'expected 1 to 2147483647 seconds'],
  ['access-token-lifetime', '0.00:00:00', 'expected 1 to 2147483647 seconds'],
  ['access-token-lifetime', '-3600', 'whole seconds (3600), a duration'],
  ['access-token-lifetime', '1.5', 'whole seconds (3600), a duration'],
  ['access-token-lifetime', 'PT0.5S', 'whole seconds (3600), a duration'],
  ['access-token-lifetime', 'P1M', 'a duration without months and years'],
  ['access-token-lifetime', '1.24:00:00', 'd.hh:mm:ss'],
  ['refresh-token-lifetime', '2147483648', 'expected 1 to 2147483647 seconds'],
  ['refresh-token-lifetime', '24855.03:14:08', 'expected 1 to 2147483647 seconds'],
  ['refresh-token-lifetime', 'a month', 'whole seconds (3600), a duration'],

  ['if-exists', 'replace', 'adopt, update, or fail'],
  ['rotate', 'sometimes', 'always, when-due, or never'],
  ['rotate', 'true', 'always, when-due, or never'],
  ['mode', 'Ensure', 'expected ensure'],
  ['mode', 'remove', 'expected ensure'],

  ['rotate-before', 'soon', A_DURATION],
  ['rotate-before', '30', A_DURATION],
  ['rotate-before', '-30d', A_DURATION],
  ['rotate-before', '0d', A_DURATION],
  ['rotate-before', 'P0.5M', A_DURATION],
  ['rotate-before', '2027-01-31T09:00:00Z', A_DURATION],
  ['prune-after', 'never', A_DAY_OR_MORE],
  ['prune-after', '7', A_DAY_OR_MORE],
  ['prune-after', '-7d', A_DAY_OR_MORE],
  ['prune-after', '0d', A_DAY_OR_MORE],
  ['prune-after', '23h59m59s', A_DAY_OR_MORE],
  ['prune-after', '7d', 'nothing shows who uses a secret that was an output: pass the stored secret as current-secret'],
  [
    'prune-after',
    '7d',
    'pass the stored secret as current-secret',
    { with: { 'output-secret': 'true', rotate: 'when-due' } },
  ],
  ['revoke-at-job-end', 'always', 'true or false'],
  ['revoke-at-job-end', 'true', 'expected no write-to', { with: WRITING }],

  ['secret-description', 'bell\u0007', 'one line without control characters'],
  ['secret-description', 'two\nlines', 'one line without control characters'],
  ['secret-description', 'ours [vantage-client a/b to=0 run=1.1 0]', 'the action appends its own ownership mark'],
  ['secret-start-time', 'tomorrow', INSTANT],
  ['secret-start-time', '-1d', INSTANT],
  ['secret-start-time', '2027-02-30T00:00:00Z', INSTANT],
  [
    'secret-start-time',
    fromNow(200 * DAY),
    'the secret expires six months from now, which must be 1 day to 3 years after its start',
  ],
  ['secret-start-time', inSixMonths(-HOUR), 'six months from now'],
  ['secret-start-time', '2020-01-01T00:00:00Z', 'six months from now'],
  ['secret-start-time', '999999999d', 'from now'],
  ['secret-expiration', 'never', INSTANT],
  ['secret-expiration', '90', INSTANT],
  ['secret-expiration', '2027-02-30T00:00:00Z', INSTANT],
  ['secret-expiration', '2027-13-01T00:00:00Z', INSTANT],
  ['secret-expiration', '2027-02-28T00:00:00', INSTANT],
  ['secret-expiration', '2027-02-28', INSTANT],
  ['secret-expiration', '2027-02-28T24:00:00Z', INSTANT],
  ['secret-expiration', '23h', SHORT_OR_LONG],
  ['secret-expiration', 'P0D', SHORT_OR_LONG],
  ['secret-expiration', '6m', '(m means minutes; for months, use P6M)'],
  ['secret-expiration', 'P3Y1D', SHORT_OR_LONG],
  ['secret-expiration', '999999999d', 'start'],
  ['secret-expiration', '2020-01-31T09:00:00Z', SHORT_OR_LONG],
  ['secret-expiration', fromNow(23 * HOUR), SHORT_OR_LONG],
  ['secret-expiration', fromNow(4 * 366 * DAY), SHORT_OR_LONG],
  ['secret-expiration', fromNow(-DAY), 'a time in the future', { with: { 'secret-start-time': fromNow(-9 * DAY) } }],
  ['secret-expiration', fromNow(30 * DAY), SHORT_OR_LONG, { with: { 'secret-start-time': '30d' } }],
  ['verify', 'maybe', 'true or false'],
  ['output-secret', 'False ?', 'true or false'],
  ['output-secret', 'false', 'a new secret must be delivered'],

  ['write-to', 'repo', TARGET],
  ['write-to', 'Repository', TARGET],
  ['write-to', 'actions', TARGET],
  ['write-to', 'pages repository', TARGET],
  ['write-to', 'repository octo-repo', TARGET],
  ['write-to', 'repository acme/invoices production', TARGET],
  ['write-to', 'repository acme/invoices/tree', TARGET],
  ['write-to', 'repository https://github.com/acme/invoices', TARGET],
  ['write-to', 'repository acme/..', TARGET],
  ['write-to', 'environment', TARGET],
  ['write-to', 'environment ..', 'environment'],
  [
    'write-to',
    'environment ..',
    'environment',
    { with: { 'client-id-variable': 'CLIENT_ID', 'expiration-variable': 'ENDS' } },
  ],
  [
    'write-to',
    `environment ${'x'.repeat(256)}`,
    'at most 255 characters',
    { state: `contains "environment ${'x'.repeat(68)}…"` },
  ],
  ['write-to', 'dependabot environment production', 'only actions secrets, not dependabot secrets'],
  ['write-to', 'organization', TARGET],
  ['write-to', 'organization acme public', TARGET],
  ['write-to', 'organization acme all private', TARGET],
  ['write-to', 'organization acme/invoices', TARGET],
  ['write-to', 'repository as', TARGET],
  ['write-to', 'repository as MY-SECRET', 'letters, digits, and _'],
  ['write-to', 'repository as 1SECRET', 'does not start with a digit'],
  ['write-to', 'repository as Github_Secret', 'does not start with GITHUB_'],
  ['write-to', 'repository\nrepository', 'each item once', { state: 'contains "repository" twice' }],
  [
    'write-to',
    'repository\nrepository Octo-Org/Octo-Repo as vantage_client_secret',
    'another line also names actions repository Octo-Org/Octo-Repo as VANTAGE_CLIENT_SECRET',
    { with: { 'github-token': TOKEN }, state: 'contains "repository Octo-Org/Octo-Repo as vantage_client_secret"' },
  ],
  ['secret-name', 'my-secret', 'letters, digits, and _'],
  ['secret-name', 'two words', 'letters, digits, and _'],
  ['secret-name', '2ND', 'does not start with a digit'],
  ['secret-name', 'GITHUB_SECRET', 'does not start with GITHUB_'],
  ['secret-name', 'ÜBER', 'letters, digits, and _'],
  ['client-id-variable', 'client.id', 'letters, digits, and _', { with: WRITING }],
  ['client-id-variable', 'github_id', 'does not start with GITHUB_', { with: WRITING }],
  ['client-id-variable', 'CLIENT_ID', 'write-to with an actions target'],
  [
    'client-id-variable',
    'CLIENT_ID',
    'write-to with an actions target',
    { with: { 'write-to': 'dependabot repository', 'github-token': TOKEN } },
  ],
  ['expiration-variable', 'ends.at', 'letters, digits, and _', { with: WRITING }],
  ['expiration-variable', 'github_ends', 'does not start with GITHUB_', { with: WRITING }],
  ['expiration-variable', 'ENDS_AT', 'write-to with an actions target'],
  [
    'expiration-variable',
    'client_id',
    'a name other than that of client-id-variable',
    { with: { ...WRITING, 'client-id-variable': 'CLIENT_ID' } },
  ],
  ['github-token', '', 'GITHUB_TOKEN cannot write secrets', { with: { 'write-to': 'repository' } }],
  ['github-token', `${TOKEN} ${TOKEN}`, 'only the token', { with: { 'write-to': 'repository' }, state: HIDDEN }],
  ['github-token', `${TOKEN}\n${TOKEN}`, 'only the token', { with: { 'write-to': 'repository' }, state: HIDDEN }],
  ['github-api-url', 'api.github.com', GITHUB_URL, { with: WRITING }],
  ['github-api-url', 'http://github.example/api/v3', GITHUB_URL, { with: WRITING }],
  ['github-api-url', 'ftp://api.github.com', GITHUB_URL, { with: WRITING }],
  ['github-api-url', 'https://api.github.com?per_page=1', GITHUB_URL, { with: WRITING }],
  ['github-api-url', 'https://api.github.com?', GITHUB_URL, { with: WRITING }],
  ['github-api-url', 'https://api.github.com/#', GITHUB_URL, { with: WRITING }],
  [
    'github-api-url',
    'https://me:urlCanary5d0@api.github.com',
    GITHUB_URL,
    { with: WRITING, state: 'is "https://***@api.github.com"' },
  ],
  ['create-environments', 'yes', 'true or false'],

  ['dry-run', 'dry', 'true or false'],
  ['summary', 'none', 'true or false'],
  ['timeout', '0', '1s to 24h'],
  ['timeout', '0s', '1s to 24h'],
  ['timeout', '-5m', '1s to 24h'],
  ['timeout', '300', '1s to 24h'],
  ['timeout', '25h', '1s to 24h'],
  ['timeout', 'P1M', '1s to 24h'],
  ['timeout', '5 minutes', '1s to 24h'],
  ['request-timeout', '0s', 'PT0.1S to 1h'],
  ['request-timeout', '-PT30S', 'PT0.1S to 1h'],
  ['request-timeout', '30', 'PT0.1S to 1h'],
  ['request-timeout', '61m', 'PT0.1S to 1h'],
  ['request-timeout', 'PT0.05S', 'PT0.1S to 1h'],

  ['client-id', '', '1 to 100 printable ASCII characters', { with: DELETING, state: 'is empty' }],
  ['client-id', '..', 'no "." or ".." as a path segment', { with: DELETING }],
  ['client-id', 'administration', 'the step signs in with this client', { with: DELETING }],
  ['client-id', 'Administration', 'the step signs in with this client', { with: DELETING }],
  ['write-to', 'production', TARGET, { with: DELETING }],
  ['secret-name', '2ND', 'does not start with a digit', { with: DELETING }],
  ['client-id-variable', 'CLIENT_ID', 'write-to with an actions target', { with: DELETING }],
  ['github-token', '', 'GITHUB_TOKEN cannot write secrets', { with: { ...DELETING, 'write-to': 'repository' } }],
  ['github-api-url', 'ftp://api.github.com', GITHUB_URL, { with: { ...DELETING, ...WRITING } }],
  ['dry-run', 'perhaps', 'true or false', { with: DELETING }],

  ['client-id-pattern', '', 'a pattern such as invoices-pr-{pr} for mode sweep', { with: SWEEPING, state: 'is empty' }],
  ['client-id-pattern', 'invoices-pr-*', 'expected {pr} once', { with: SWEEPING }],
  ['client-id-pattern', '{pr}-{pr}-a', 'expected {pr} once', { with: SWEEPING }],
  ['client-id-pattern', '{pr}', 'at least one letter', { with: SWEEPING }],
  ['client-id-pattern', 'invoices1{pr}', 'no digit next to {pr}', { with: SWEEPING }],
  ['client-id-pattern', 'in voices-{pr}', 'without spaces', { with: SWEEPING }],
  ['client-id-pattern', 'rechnungen-ä-{pr}', 'printable ASCII', { with: SWEEPING }],
  ['max-deletes', '-1', 'an integer from 0 to 100000', { with: SWEEPING }],
  ['max-deletes', '1.5', 'an integer from 0 to 100000', { with: SWEEPING }],
  ['max-deletes', '1e3', 'an integer from 0 to 100000', { with: SWEEPING }],
  ['max-deletes', '100001', 'an integer from 0 to 100000', { with: SWEEPING }],
  ['max-deletes', 'all', 'an integer from 0 to 100000', { with: SWEEPING }],
  ['concurrency', '0', 'an integer from 1 to 50', { with: SWEEPING }],
  ['concurrency', '51', 'an integer from 1 to 50', { with: SWEEPING }],
  ['concurrency', 'many', 'an integer from 1 to 50', { with: SWEEPING }],
  [
    'github-token',
    '',
    'a token that can read pull requests',
    { with: { ...SWEEPING, 'github-token': '' }, state: 'is empty' },
  ],
  ['github-token', `${TOKEN} ${TOKEN}`, 'only the token', { with: SWEEPING, state: HIDDEN }],
  ['github-api-url', 'api.github.com', GITHUB_URL, { with: SWEEPING }],
];

function grant(types: string): Record<string, string> {
  return { 'allowed-grant-types': types };
}

/**
 * An invalid value of a variable that a runner always sets: the variable, its value, what the error says, the error
 * code.
 */
const BAD_ENVIRONMENTS: readonly [variable: string, value: string, says: string, code?: string][] = [
  ['GITHUB_REPOSITORY', '', 'GITHUB_REPOSITORY, GITHUB_RUN_ID or GITHUB_RUN_ATTEMPT'],
  ['GITHUB_REPOSITORY', 'octo-repo', 'GITHUB_REPOSITORY, GITHUB_RUN_ID or GITHUB_RUN_ATTEMPT'],
  ['GITHUB_REPOSITORY', 'a/b to=0 run=1', 'GITHUB_REPOSITORY, GITHUB_RUN_ID or GITHUB_RUN_ATTEMPT'],
  ['GITHUB_SERVER_URL', 'github.com', 'GITHUB_SERVER_URL is not a URL'],
  ['GITHUB_RUN_ID', '', 'GITHUB_REPOSITORY, GITHUB_RUN_ID or GITHUB_RUN_ATTEMPT'],
  ['GITHUB_RUN_ATTEMPT', 'first', 'GITHUB_REPOSITORY, GITHUB_RUN_ID or GITHUB_RUN_ATTEMPT'],
  ['GITHUB_RUN_ATTEMPT', '', 'GITHUB_REPOSITORY, GITHUB_RUN_ID or GITHUB_RUN_ATTEMPT'],
  ['GITHUB_EVENT_PATH', import.meta.filename, 'the file of GITHUB_EVENT_PATH is not JSON'],
  ['GITHUB_OUTPUT', '', 'GITHUB_OUTPUT does not name a writable file', 'internal-error'],
  ['GITHUB_OUTPUT', '/nowhere/output', 'GITHUB_OUTPUT does not name a writable file', 'internal-error'],
  ['GITHUB_OUTPUT', import.meta.dirname, 'GITHUB_OUTPUT does not name a writable file', 'internal-error'],
  ['HTTPS_PROXY', 'http://me:proxyCanary81f@:none', 'http://[user:password@]host:port'],
  ['HTTPS_PROXY', 'proxy.example:3128', 'http://[user:password@]host:port'],
  ['HTTP_PROXY', 'ftp://me:proxyCanary81f@127.0.0.1:3128', 'http://[user:password@]host:port'],
  ['https_proxy', 'http://me:%zzproxyCanary81f@127.0.0.1:3128', 'http://[user:password@]host:port'],
];

interface Refused {
  readonly run: ActionRun;
  /** The number of connections to the Vantage that the inputs named. */
  readonly connections: number;
  readonly origin: string;
  /** The inputs of the step. */
  readonly inputs: Readonly<Record<string, string>>;
}

/** Runs the step with its own `base-url`, at which a server counts the connections. */
async function runRefused(
  inputs: Readonly<Record<string, string>>,
  env: Record<string, string> = {},
  user?: number,
): Promise<Refused> {
  let connections = 0;
  const server = createServer(socket => {
    connections += 1;
    socket.destroy();
  });
  const origin = `http://127.0.0.1:${await listen(server)}`;
  const base = {
    'base-url': origin,
    'tenant-id': '7ab3d5f0-1c2e-4a68-9d1b-0f2e4c6a8b10',
    'auth-client-id': 'administration',
    'auth-client-secret': SECRET,
    'client-id': 'invoices',
    timeout: '2s',
  };
  const given = Object.entries({ ...base, ...inputs }).map(([name, text]) => [name, text.replace('{origin}', origin)]);
  try {
    const all = Object.fromEntries(given);
    const run = await runStep({ inputs: all, env, ...(user === undefined ? {} : { user }) });
    return { run, connections, origin, inputs: all };
  } finally {
    server.close();
  }
}

/** Calls a function for each item, one after the other, so that the steps can run in this process. */
async function forAll<Item, Result>(items: readonly Item[], act: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (const item of items) {
    results.push(await act(item));
  }
  return results;
}

/** The only error line of the step. */
function expectOneError({ run, connections }: Refused): string {
  const errors = run.annotations.filter(({ level }) => level === 'error').map(({ message }) => message);
  expect(errors).toHaveLength(1);
  expect(run.stdout.match(/^::error.*$/gmu)).toHaveLength(1);
  expect(errors[0]).not.toContain('\n');
  expect(run.stderr).toBe('');
  expect(run.exitCode).toBe(1);
  expect(findLeaks(run, CANARIES)).toEqual([]);
  expect(connections).toBe(0);
  return String(errors[0]);
}

describe('an invalid input stops the step before any request', () => {
  let refused: Refused[];
  beforeAll(async () => {
    refused = await forAll(BAD_INPUTS, ([input, value, , given]) => runRefused({ ...given?.with, [input]: value }));
  }, 600_000);

  test.each(BAD_INPUTS.map((bad, index) => [bad[0], bad[1].replaceAll(SECRET, 'SECRET'), index] as const))(
    '%s: %j',
    (input, _value, index) => {
      const [, value, expected, given] = BAD_INPUTS[index] ?? ['', '', ''];
      const result = refused[index] as Refused;
      const line = expectOneError(result);
      const verb = LISTS.includes(input) ? 'contains' : 'is';
      const whole =
        value.trim() === '' ? 'is empty' : `${verb} ${JSON.stringify(value.replace('{origin}', result.origin))}`;
      expect(line).toContain(`[invalid-input] reading the inputs failed: \`${input}\` ${given?.state ?? whole}: `);
      expect(line).toContain(expected);
      expect([...line.matchAll(/`([a-z-]+)` (?:is|contains) /gu)].map(match => match[1])).toEqual([input]);
      expect(result.run.outputs).toEqual({ 'error-code': 'invalid-input' });
      const secrets = ['access-token', 'auth-client-secret', 'password', 'current-secret', 'github-token'].map(name =>
        result.inputs[name]?.trim(),
      );
      expect(result.run.masks).toEqual(expect.arrayContaining(secrets.filter(Boolean)));
    },
  );
});

describe('an invalid environment stops the step before any request', () => {
  let refused: Refused[];
  beforeAll(async () => {
    refused = await forAll(BAD_ENVIRONMENTS, ([variable, value]) => runRefused({}, { [variable]: value }));
  });

  test.each(BAD_ENVIRONMENTS.map((bad, index) => [bad[0], bad[1], index] as const))('%s: %j', (variable, _, index) => {
    const [, , says, code = 'invalid-input'] = BAD_ENVIRONMENTS[index] ?? ['', '', ''];
    const result = refused[index] as Refused;
    const line = expectOneError(result);
    expect(line).toContain(`[${code}] `);
    expect(line).toContain(says);
    expect(line).toContain(variable.toUpperCase());
    expect(result.run.outputs['error-code']).toBe(variable === 'GITHUB_OUTPUT' ? undefined : code);
    expect(result.run.outputs['client-secret']).toBeUndefined();
  });
});

describe('a secret that is empty', () => {
  const base = { full_name: 'octo-org/octo-repo' };
  const EMPTY = 'the job cannot read the secret or variable behind it';
  const pull = (head: unknown) => ({ pull_request: { number: 7, head: { repo: head }, base: { repo: base } } });
  const fork = pull({ full_name: 'mona/octo-repo' });

  test.each<readonly [string, object, Record<string, string>, Record<string, string>, string]>([
    [
      'in a run for a fork',
      fork,
      { GITHUB_EVENT_NAME: 'pull_request' },
      { 'auth-client-secret': '' },
      'This run is for a pull request from the fork mona/octo-repo, and GitHub does not pass secrets to such runs',
    ],
    [
      'in a run of Dependabot',
      pull(base),
      { GITHUB_EVENT_NAME: 'pull_request', GITHUB_ACTOR: 'dependabot[bot]' },
      { username: 'anna', password: '' },
      'Dependabot started this run, so it can read Dependabot secrets but no Actions secrets',
    ],
    ['in a run of a branch', pull(base), { GITHUB_EVENT_NAME: 'pull_request' }, NO_SIGN_IN, EMPTY],
    ['after a push', {}, {}, { 'write-to': 'repository' }, EMPTY],
  ])('%s says why', async (_, event, env, inputs, why) => {
    const directory = await mkdtemp(path.join(tmpdir(), 'event-'));
    try {
      const file = path.join(directory, 'event.json');
      await writeFile(file, JSON.stringify(event));
      const line = expectOneError(await runRefused(inputs, { ...env, GITHUB_EVENT_PATH: file }));
      expect(line).toContain('[invalid-input] reading the inputs failed: ');
      expect(line.split(why)).toHaveLength(2);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  test('is not explained if another input is wrong', async () => {
    const line = expectOneError(await runRefused({ 'client-id': 'in voices' }, { GITHUB_ACTOR: 'dependabot[bot]' }));
    expect(line).not.toContain('Dependabot');
  });
});

describe('files of the runner that the user of the step may not write', () => {
  /** Root may write everything, so the step then runs as another user. */
  const stranger = process.getuid?.() === 0 ? 65_534 : undefined;

  /** A file that only its owner may write, who is not the user of the step, or a file that everybody may write. */
  async function fileOf(directory: string, name: string, mode: 0o600 | 0o666): Promise<string> {
    const file = path.join(directory, name);
    await writeFile(file, '');
    await chmod(file, mode === 0o600 && stranger === undefined ? 0 : mode);
    return file;
  }

  test.each([
    ['GITHUB_OUTPUT', 0o600, 0o666],
    ['GITHUB_STATE', 0o666, 0o600],
  ] as const)('are reported with their user: %s', async (variable, outputMode, stateMode) => {
    const directory = await mkdtemp(path.join(tmpdir(), 'runner-files-'));
    try {
      await chmod(directory, 0o755);
      const env = {
        GITHUB_OUTPUT: await fileOf(directory, 'output', outputMode),
        GITHUB_STATE: await fileOf(directory, 'state', stateMode),
      };
      const line = expectOneError(await runRefused({}, env, stranger));
      expect(line).toContain('[internal-error] ');
      expect(line).toContain(
        `user ${stranger ?? process.getuid?.()} has no permission to write the file that ${variable} names`,
      );
      expect(line).toContain('has no permission to write the file that');
      expect(line).toContain('A container job with `options: --user` needs access to the files of the runner');
      expect(line).toContain('Nothing was sent.');
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

test('several invalid inputs are reported in one line', async () => {
  const refused = await runRefused({
    region: 'eu',
    'client-id': '',
    rotate: 'daily',
    timeout: '5',
    'allow-ropc': 'si',
  });
  const line = expectOneError(refused);
  const named = [...line.matchAll(/`([a-z-]+)` (?:is|contains) /gu)].map(match => match[1]);
  expect(named.sort()).toEqual(['allow-ropc', 'client-id', 'region', 'rotate', 'timeout']);
});

test.each([
  ['with its spaces collapsed', 'correct  horse battery', (secret: string) => secret],
  ['truncated with a long value', 'correct-horse-battery', (secret: string) => `${'x'.repeat(65)} ${secret}`],
  ['in quotes', 'correct"horse\\battery', (secret: string) => `a ${secret}`],
])('a secret that was pasted into another input is not shown, and no part of it is: %s', async (_, secret, paste) => {
  const { run } = await runRefused({ 'auth-client-secret': secret, 'client-id': paste(secret) });
  expect(run.log).toContain('`client-id` is');
  expect(run.log).not.toMatch(/correct|horse|battery/u);
});

describe('a valid input', () => {
  let vantage: Vantage;
  beforeAll(async () => {
    vantage = await startVantage();
  });
  afterAll(() => vantage.close());

  /** Runs a step that ensures a client with this ID, and returns the body of the request that created it. */
  async function create(clientId: string, inputs: Readonly<Record<string, string>>) {
    const run = await runStep({
      inputs: vantageInputs(vantage, { 'client-id': clientId, rotate: 'never', ...inputs }),
    });
    expect(run.log).not.toContain('Error: ');
    expect(run).toMatchObject({ exitCode: 0, outputs: { 'client-id': clientId, 'error-code': '' } });
    const allowed = inputs.rotate === undefined ? undefined : ({ output: 'client-secret' } as const);
    expect(findLeaks(run, canariesOf(vantage), allowed)).toEqual([]);
    const bodies = requestsOf(clientId).filter(({ route }) => route === 'createClient');
    expect(bodies).toHaveLength(1);
    return { run, body: JSON.parse(bodies[0]?.body ?? '') as Record<string, unknown>, path: String(bodies[0]?.path) };
  }
  const requestsOf = (clientId: string) =>
    vantage.requests.filter(({ path, body }) => path.includes(`/${clientId}/`) || body.includes(`"${clientId}"`));
  const warningsOf = (run: ActionRun) =>
    run.annotations.filter(({ level }) => level === 'warning').map(({ message }) => message);

  const FLAGS = {
    'allow-offline-access': 'allowOfflineAccess',
    'allow-remember-consent': 'allowRememberConsent',
    'back-channel-logout-session-required': 'backChannelLogoutSessionRequired',
    'require-client-secret': 'requireClientSecret',
    'require-consent': 'requireConsent',
    'allow-no-pkce': 'allowNoPkce',
    'allow-ropc': 'allowRopc',
  };
  test.each([
    ['true', true],
    ['True', true],
    ['TRUE', true],
    ['false', false],
    ['False', false],
    ['FALSE', false],
    ['  true\n', true],
  ])('every boolean of a client accepts %j', async (spelling, meant) => {
    const given = Object.fromEntries(Object.keys(FLAGS).map(name => [name, spelling]));
    const { body } = await create(`flags-${JSON.stringify(spelling).length}-${spelling.trim()}`, given);
    expect(body).toMatchObject(Object.fromEntries(Object.values(FLAGS).map(field => [field, meant])));
  });

  test.each(['false', 'False', 'FALSE'])('the booleans of the step accept %s', async spelling => {
    const clientId = `quiet-${spelling}`;
    const { run } = await create(clientId, {
      rotate: 'always',
      verify: spelling,
      summary: spelling,
      'dry-run': spelling,
    });
    expect(run.outputs).toMatchObject({ verified: 'skipped', 'secret-created': 'true' });
    expect(run.summary).toBe('');
    const silent = await runStep({
      inputs: vantageInputs(vantage, { 'client-id': clientId, rotate: 'never', 'output-secret': spelling }),
    });
    expect(silent.outputs).toMatchObject({ 'error-code': '', 'secret-created': 'false' });
    expect(silent.outputs['client-secret']).toBeUndefined();
  });

  test.each(['true', 'True', 'TRUE'])('dry-run accepts %s, and then changes nothing', async spelling => {
    const clientId = `dry-${spelling}`;
    const run = await runStep({ inputs: vantageInputs(vantage, { 'client-id': clientId, 'dry-run': spelling }) });
    expect(run.outputs).toMatchObject({ changed: 'false', 'secret-created': 'false', 'error-code': '' });
    expect(JSON.parse(run.outputs.plan ?? '')).toMatchObject({ clientId, client: 'create', secret: 'mint' });
    expect(requestsOf(clientId).map(({ method }) => method)).toEqual(['GET', 'GET']);
    expect(vantage.client(clientId)).toBeUndefined();
  });

  test.each([
    ['line', 'client_credentials\npassword\nimplicit'],
    ['line-with-crlf', 'client_credentials\r\n\r\n  password\r\nimplicit\r\n'],
    ['space', 'client_credentials password  implicit'],
    ['comma', 'client_credentials,password, implicit'],
    ['mixture', 'client_credentials,\npassword implicit,'],
  ])('a list of words can be separated by %s', async (separator, text) => {
    const { body } = await create(`by-${separator}`, { 'allowed-grant-types': text, ...CALLBACK });
    expect(body.allowedGrantTypes).toEqual(['client_credentials', 'password', 'implicit']);
  });

  test('a list of URIs is separated only by line breaks, because a URI may contain commas', async () => {
    const { body } = await create('uris', {
      'redirect-uris': '  https://a.example/one,two\r\n\n com.example.app:/callback  \n',
      'post-logout-redirect-uris': 'https://a.example/bye\nhttp://localhost:8080/bye',
      'allowed-cors-origins': 'https://a.example\nhttp://localhost:8080',
    });
    expect(body).toMatchObject({
      redirectUris: ['https://a.example/one,two', 'com.example.app:/callback'],
      postLogoutRedirectUris: ['https://a.example/bye', 'http://localhost:8080/bye'],
      allowedCorsOrigins: ['https://a.example', 'http://localhost:8080'],
      allowedGrantTypes: ['authorization_code'],
    });
  });

  test('an empty input counts as not set', async () => {
    const optional = Object.keys(FLAGS).concat(
      'region access-token username password auth-scope api-version client-name allowed-grant-types allowed-scopes allowed-cors-origins redirect-uris post-logout-redirect-uris access-token-lifetime refresh-token-lifetime if-exists secret-description secret-start-time secret-expiration verify output-secret mode dry-run timeout request-timeout summary'.split(
        ' ',
      ),
    );
    const { body, run } = await create('empty', {
      ...Object.fromEntries(optional.map((name, index) => [name, index % 2 === 0 ? '' : ' \n\t '])),
      rotate: '',
    });
    expect(body).toEqual({
      clientId: 'empty',
      clientName: 'empty',
      allowedGrantTypes: ['client_credentials'],
      allowedScopes: ['openid', 'permissions', 'publicapi.all'],
    });
    expect(run.outputs).toMatchObject({ 'secret-created': 'true', verified: 'true' });
    expect(run.outputs['client-secret']).toBe(vantage.client('empty')?.secrets[0]?.value);
    expect(run.summary).not.toBe('');
  });

  test.each([
    ['3600', 3600],
    ['1h', 3600],
    ['PT1H', 3600],
    ['1h30m', 5400],
    ['1.00:00:00', '1.00:00:00'],
    ['00:30:00', '00:30:00'],
  ])('a lifetime of %s is sent as %j', async (text, sent) => {
    const { body } = await create(`life-${text.replaceAll(/\W/gu, '-')}`, {
      'access-token-lifetime': text,
      'refresh-token-lifetime': text,
    });
    expect(body).toMatchObject({ accessTokenLifetime: sent, refreshTokenLifetime: sent });
  });

  test.each([
    ['as it is', (guid: string) => guid],
    ['without hyphens', (guid: string) => guid.replaceAll('-', '')],
    ['in upper case', (guid: string) => guid.toUpperCase()],
    ['with spaces around it', (guid: string) => ` ${guid}\n`],
  ])('a tenant is found by its GUID %s', async (way, write) => {
    const { path } = await create(`tenant-${way.length}`, { 'tenant-id': write(vantage.tenantId) });
    expect(path).toBe(`/api/adminapi2/v2/tenants/${vantage.tenantId}/clients/`);
  });

  test('a tenant ID that is not a GUID is sent unchanged in the path, encoded', async () => {
    const inputs = vantageInputs(vantage, { 'client-id': 'lost', 'tenant-id': 'Acme/Invoices & Co' });
    const run = await runStep({ inputs });
    expect(run.outputs['error-code']).toBe('not-found');
    const path = '/api/adminapi2/v2/tenants/Acme%2FInvoices%20%26%20Co/clients/';
    expect(vantage.requests.at(-1)).toMatchObject({ method: 'POST', path });
  });

  test.each(["!#$&'()*+,-./:;=?@[]_~", '"<>\\^`{|}%', '%2F..%2F', 'x'.repeat(100)])(
    'a client ID can be %j',
    async clientId => {
      const inputs = vantageInputs(vantage, { 'client-id': clientId });
      const run = await runStep({ inputs });
      expect(run.outputs).toMatchObject({ 'client-id': clientId, 'client-created': 'true', verified: 'true' });
      expect(vantage.client(clientId)?.secrets).toHaveLength(1);
      const before = vantage.clients().length;
      const again = await runStep({ inputs });
      expect(again.outputs).toMatchObject({ 'client-created': 'false', 'client-drift': '{}', verified: 'true' });
      expect(vantage.clients()).toHaveLength(before);
    },
  );

  test.each([
    ['redirect-uris', 'https://a.example', '"https://a.example.evil.example"'],
    ['redirect-uris', 'https://myDomain.', '"https://myDomain.evil.example"'],
    ['redirect-uris', 'https://a.example:80', 'Add a "/" after the host'],
    ['redirect-uris', 'http://a.example/callback', 'uses http'],
    ['post-logout-redirect-uris', 'http://a.example/bye', 'uses http'],
    ['allowed-cors-origins', 'http://a.example', 'uses http'],
    ['allow-no-pkce', 'true', 'anyone who steals an authorization code can redeem it'],
    ['allow-ropc', 'true', 'users give their passwords to the application'],
    ['allow-ropc', 'false', 'documented only for v1'],
    ['allowed-grant-types', 'password', '`allow-ropc: true`'],
  ])('%s: %s causes a warning, and works', async (input, value, warned) => {
    const clientId = `risky-${input}-${value.replaceAll(/\W/gu, '-')}`;
    const warnings = warningsOf((await create(clientId, { [input]: value })).run);
    expect(warnings).toContainEqual(expect.stringContaining(warned));
    expect(warnings).toContainEqual(expect.stringContaining(`\`${input}\``));
    expect(warnings.filter(line => !line.includes(`\`${input}\``))).toEqual([]);
  });

  test.each([
    ['redirect-uris', 'https://a.example/'],
    ['redirect-uris', 'http://localhost:8080/callback'],
    ['redirect-uris', 'http://127.0.0.1/callback'],
    ['redirect-uris', 'com.example.app:/callback'],
    ['post-logout-redirect-uris', 'https://a.example'],
    ['allow-no-pkce', 'false'],
  ])('%s: %s causes no warning', async (input, value) => {
    const clientId = `safe-${input}-${value.replaceAll(/\W/gu, '-')}`;
    expect(warningsOf((await create(clientId, { [input]: value })).run)).toEqual([]);
  });

  test.each(['us', 'eu', 'au'])('region: %s stands for a host', async region => {
    const proxy = await startProxy('nobody:knows');
    try {
      const inputs = vantageInputs(vantage, { 'base-url': '', region });
      const env = { HTTPS_PROXY: proxy.url.replace('nobody:knows@', '') };
      expect((await runStep({ inputs, env })).exitCode).toBe(1);
      expect(new Set(proxy.requested)).toEqual(new Set([`vantage-${region}.abbyy.com:443`]));
      expect(proxy.passed).toEqual([]);
    } finally {
      await proxy.close();
    }
  });

  test.each([(origin: string) => `${origin}/`, (origin: string) => origin.replace('127.0.0.1', 'LocalHost')])(
    'base-url can be spelled otherwise (%#)',
    async write => {
      const origin = write(vantage.baseUrl);
      const { run } = await create(`origin-${origin.length}`, { 'base-url': origin });
      expect(run.outputs['client-created']).toBe('true');
    },
  );
});
