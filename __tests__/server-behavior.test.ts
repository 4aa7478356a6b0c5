import { describe, expect, test } from '@jest/globals';
import type { Mishap, RouteFault, RouteName, SeedClient, Shapes } from '../emulator/vantage/index.ts';
import type { ErrorCode } from '../src/model/failure.ts';
import { errorOf, expectDelivered, requestsOf, type Step } from './support/step.ts';
import { CLIENT_ID, World } from './support/world.ts';

/**
 * How Vantage can respond to each request, and how the step must end. `World.step` checks for each run what must always
 * hold: one line of error with the right code, outputs that say what Vantage stores, every secret accounted for, no
 * needless secret, no leak.
 */
interface Behavior {
  readonly answer: string;
  readonly mishap: Mishap;
  /** The number of times. Default: always. */
  readonly times?: number;
  /** How the step ends: '' for success. */
  readonly code: ErrorCode | '';
  /** Whether the timeout of the step can abort the last attempt, so that the step may also end with `timeout`. */
  readonly orTimeout?: true;
  readonly inputs?: Readonly<Record<string, string>>;
  /** Default: 1. */
  readonly tier?: 0 | 1;
  readonly shape?: Partial<Shapes>;
  /** A client that exists at the start. */
  readonly client?: SeedClient;
  /** The number of such requests that Vantage receives, if it is certain. */
  readonly asked?: number;
  /** Further outputs. */
  readonly outputs?: Readonly<Record<string, string>>;
  /** The number of secrets in Vantage at the end. Default: one on success, else none. */
  readonly held?: number;
  /** What the error line contains in addition. */
  readonly says?: string;
  /** What it must not contain. */
  readonly omits?: string;
}

/** The request that misbehaves. */
interface Kind {
  readonly request: string;
  readonly on: NonNullable<RouteFault['on']>;
  readonly route: RouteName;
  /** How the error names it, after the base URL. `TENANT` stands for the tenant ID. */
  readonly line: string;
  readonly behaviors: readonly Behavior[];
}

const TIMEOUT = 6000;
const STALLS = { 'request-timeout': 'PT0.6S' };
const CLIENTS = '/api/adminapi2/v2/tenants/TENANT/clients/';
const there: SeedClient = { clientId: CLIENT_ID, clientName: 'Invoices' };
const drifting = { 'if-exists': 'update', 'client-name': 'New name' };

const badGateway: Mishap = {
  kind: 'answer',
  status: 502,
  headers: { 'content-type': 'text/html', 'retry-after': '0' },
  body: '<html><title>Bad gateway</title></html>',
};

function status(code: number, body: unknown = '', apply = false): Mishap {
  return { kind: 'answer', status: code, body, apply };
}

/** A failure that can be retried at once, so that all attempts fit into the time of the step. */
function failing(code: number, apply = false): Mishap {
  return { kind: 'answer', status: code, headers: { 'retry-after': '0' }, body: '', apply };
}
/** An HTML page of a gateway, after which the request can be retried at once. */
const gatewayOnce: Mishap = {
  kind: 'answer',
  status: 504,
  headers: { 'retry-after': '0', 'content-type': 'text/html' },
  body: '<html><title>Gateway timeout</title></html>',
};
const unchanged = { 'client-created': 'false', changed: 'false' };
const oauth = (error: string) => ({ error });
const wrong = { title: 'One or more validation errors occurred.', errors: { clientName: ['Too plain.'] } };

const signIn: readonly Behavior[] = [
  {
    answer: '400 invalid_client',
    mishap: status(400, oauth('invalid_client')),
    code: 'authentication-failed',
    asked: 1,
  },
  {
    answer: '401 invalid_client',
    mishap: status(401, oauth('invalid_client')),
    code: 'authentication-failed',
    asked: 1,
  },
  { answer: '400 invalid_grant', mishap: status(400, oauth('invalid_grant')), code: 'authentication-failed' },
  {
    answer: '400 unauthorized_client',
    mishap: status(400, oauth('unauthorized_client')),
    code: 'authentication-failed',
  },
  {
    answer: '400 invalid_scope',
    mishap: status(400, oauth('invalid_scope')),
    code: 'invalid-input',
    says: 'invalid_scope',
  },
  { answer: '401, empty', mishap: status(401), code: 'authentication-failed' },
  { answer: '403', mishap: status(403), code: 'forbidden', asked: 1, says: 'something in front of Vantage does' },
  {
    answer: '404',
    mishap: status(404),
    code: 'not-found',
    asked: 1,
    says: '(`base-url` or `region`) is Vantage itself',
  },
  { answer: '404 HTML', mishap: { kind: 'html', status: 404 }, code: 'not-found', says: 'HTML page' },
  { answer: '405', mishap: status(405), code: 'unsupported', asked: 1 },
  { answer: '500', mishap: failing(500), code: 'vantage-unavailable', says: '5 times' },
  { answer: '503 once', mishap: status(503), times: 1, code: '', asked: 3 },
  { answer: '502 HTML', mishap: badGateway, code: 'vantage-unavailable', asked: 5, says: 'Bad gateway' },
  { answer: '429 for an hour', mishap: { kind: 'throttle', retryAfter: 3600 }, code: 'rate-limited', asked: 1 },
  { answer: '429, always', mishap: { kind: 'throttle', retryAfter: 0 }, code: 'rate-limited', asked: 5 },
  { answer: '429 for a second', mishap: { kind: 'throttle', retryAfter: 1 }, times: 1, code: '', asked: 3 },
  { answer: '200 HTML', mishap: { kind: 'html' }, code: 'unexpected-response', asked: 1 },
  { answer: '200, empty', mishap: { kind: 'empty' }, code: 'unexpected-response', asked: 1 },
  { answer: '200 of another shape', mishap: { kind: 'wrong-shape' }, code: 'unexpected-response', asked: 1 },
  {
    answer: '200 with a token of another type',
    mishap: status(200, { access_token: 'abc', token_type: 'mac' }),
    code: 'unexpected-response',
  },
  { answer: '204', mishap: status(204), code: 'unexpected-response', asked: 1 },
  {
    answer: '302',
    mishap: { kind: 'redirect', status: 302, location: '/login' },
    code: 'unexpected-response',
    asked: 1,
  },
  { answer: 'a reset', mishap: { kind: 'reset' }, code: 'vantage-unavailable', orTimeout: true },
  { answer: 'a reset once', mishap: { kind: 'reset' }, times: 1, code: '', asked: 3 },
  { answer: 'truncated once', mishap: { kind: 'truncate' }, times: 1, code: '', asked: 3 },
  { answer: 'nothing', mishap: { kind: 'stall' }, code: 'timeout', asked: 1 },
  { answer: 'no response once', mishap: { kind: 'stall' }, times: 1, code: '', asked: 3, inputs: STALLS },
  { answer: 'a slow response', mishap: { kind: 'trickle', everyMs: 50 }, code: 'timeout', asked: 1 },
  { answer: 'over 1 MiB', mishap: { kind: 'oversize' }, code: 'unexpected-response', asked: 1 },
];

const readClient: readonly Behavior[] = [
  { answer: '401', mishap: status(401), code: '', asked: 2, outputs: { 'client-created': 'true' } },
  { answer: '403', mishap: status(403), code: '', outputs: { 'client-created': 'true' } },
  {
    answer: '403, exists',
    mishap: status(403),
    client: there,
    code: '',
    outputs: { 'client-created': 'false', 'client-drift': '' },
  },
  { answer: '404, exists', mishap: status(404), client: there, code: '', outputs: { 'client-created': 'false' } },
  { answer: '405', mishap: status(405), code: '', outputs: { 'client-created': 'true' } },
  { answer: '501', mishap: status(501), code: '', outputs: { 'client-created': 'true' } },
  { answer: '200 HTML', mishap: { kind: 'html' }, client: there, code: '', outputs: { 'client-drift': '' } },
  { answer: '200, empty', mishap: { kind: 'empty' }, code: '', outputs: { 'client-created': 'true' } },
  { answer: '200 of another shape', mishap: { kind: 'wrong-shape' }, code: '', outputs: { 'client-created': 'true' } },
  {
    answer: '200, another client',
    mishap: status(200, { clientId: 'orders' }),
    code: '',
    outputs: { 'client-created': 'true' },
  },
  { answer: '200, a list', mishap: status(200, [there]), client: there, code: '', outputs: { 'client-drift': '' } },
  { answer: '500', mishap: failing(500), code: '', asked: 5, outputs: { 'client-created': 'true' } },
  { answer: '500 once', mishap: failing(500), times: 1, code: '', asked: 2 },
  { answer: '504 HTML once', mishap: gatewayOnce, times: 1, client: there, code: '', asked: 2 },
  {
    answer: '429 for an hour',
    mishap: { kind: 'throttle', retryAfter: 3600 },
    code: '',
    asked: 1,
    outputs: { 'client-created': 'true' },
  },
  { answer: '429 once', mishap: { kind: 'throttle', retryAfter: 0 }, times: 1, code: '', asked: 2 },
  {
    answer: '307',
    mishap: { kind: 'redirect', location: '/login' },
    code: '',
    asked: 1,
    outputs: { 'client-created': 'true' },
  },
  { answer: 'a reset', mishap: { kind: 'reset' }, code: '', outputs: { 'client-created': 'true' } },
  { answer: 'truncated once', mishap: { kind: 'truncate' }, times: 1, client: there, code: '' },
  { answer: 'nothing', mishap: { kind: 'stall' }, code: '', asked: 1, outputs: { 'client-created': 'true' } },
  {
    answer: 'a response without a body once',
    mishap: { kind: 'stall-after-head' },
    times: 1,
    code: '',
    inputs: STALLS,
  },
  { answer: 'over 1 MiB', mishap: { kind: 'oversize' }, code: '', asked: 1, outputs: { 'client-created': 'true' } },
];

const readSecrets: readonly Behavior[] = [
  { answer: '401', mishap: status(401), client: there, code: '', asked: 2 },
  { answer: '403', mishap: status(403), client: there, code: '' },
  { answer: '404', mishap: status(404), client: there, code: '' },
  { answer: '405', mishap: status(405), client: there, code: '' },
  { answer: '200 HTML', mishap: { kind: 'html' }, client: there, code: '' },
  {
    answer: '200 of another shape',
    mishap: { kind: 'wrong-shape', body: { items: [{ name: 'no id' }] } },
    client: there,
    code: '',
  },
  { answer: '503', mishap: failing(503), client: there, code: '', asked: 5 },
  { answer: '503 once', mishap: failing(503), times: 1, client: there, code: '', asked: 2 },
  { answer: '429 for an hour', mishap: { kind: 'throttle', retryAfter: 3600 }, client: there, code: '', asked: 1 },
  { answer: 'nothing', mishap: { kind: 'stall' }, client: there, code: '', asked: 1 },
];

const created = { 'client-created': 'true' };
/** Created by an attempt whose response was lost, or before: it is not known. */
const perhaps = { 'client-created': 'false', changed: 'true' };
const adopted = { 'client-created': 'false' };
const doubtful = { 'client-created': 'false', changed: 'true' };
const doubt = 'It may have taken effect.';
const createClient: readonly Behavior[] = [
  {
    answer: '400',
    mishap: status(400, wrong),
    code: 'invalid-input',
    asked: 1,
    says: 'clientName: Too plain.',
    outputs: unchanged,
  },
  {
    answer: '422',
    mishap: status(422, { detail: 'Not like this.' }),
    code: 'invalid-input',
    asked: 1,
    says: 'Not like this.',
    outputs: unchanged,
  },
  {
    answer: '400 with commands for the runner in it',
    mishap: status(400, 'No.\r\n::error::forged\n::set-output name=client-created::true\n%0A::warning::forged'),
    code: 'invalid-input',
    says: 'No. ::error::forged',
    outputs: unchanged,
  },
  {
    answer: '204, took effect',
    mishap: { kind: 'empty', status: 204 },
    code: 'unexpected-response',
    says: doubt,
    outputs: doubtful,
  },
  {
    answer: '400 that says taken',
    mishap: status(400, { errors: { clientId: ['A client with this id already exists.'] } }),
    tier: 0,
    client: there,
    code: '',
    outputs: adopted,
  },
  { answer: '401', mishap: status(401), code: 'authentication-failed', asked: 2, outputs: unchanged },
  { answer: '403', mishap: status(403), code: 'forbidden', asked: 1, says: 'Tenant Administrator', outputs: unchanged },
  { answer: '404', mishap: status(404), code: 'not-found', asked: 1, outputs: unchanged },
  { answer: '405', mishap: status(405), code: 'unsupported', asked: 1, outputs: unchanged },
  { answer: '415, always', mishap: status(415), code: 'unexpected-response', asked: 2, outputs: unchanged },
  {
    answer: '429 for an hour',
    mishap: { kind: 'throttle', retryAfter: 3600 },
    code: 'rate-limited',
    asked: 1,
    outputs: unchanged,
  },
  { answer: '429 once', mishap: { kind: 'throttle' }, times: 1, code: '', asked: 2, outputs: created },
  { answer: '500 once, did not take effect', mishap: status(500), times: 1, code: '', asked: 2, outputs: created },
  { answer: '500 once, took effect', mishap: status(500, '', true), times: 1, code: '', asked: 2, outputs: perhaps },
  {
    answer: '500 once, took effect, tier 0',
    mishap: status(500, '', true),
    times: 1,
    tier: 0,
    code: '',
    asked: 2,
    outputs: perhaps,
  },
  {
    answer: '500, always',
    mishap: failing(500),
    code: 'vantage-unavailable',
    asked: 5,
    says: doubt,
    outputs: doubtful,
  },
  {
    answer: '500, always, took effect',
    mishap: failing(500, true),
    code: '',
    asked: 5,
    outputs: perhaps,
  },
  {
    answer: 'a reset once, took effect',
    mishap: { kind: 'reset', apply: true },
    times: 1,
    code: '',
    asked: 2,
    outputs: perhaps,
  },
  { answer: 'truncated once', mishap: { kind: 'truncate' }, times: 1, tier: 0, code: '', asked: 2, outputs: perhaps },
  {
    answer: 'no response once, took effect',
    mishap: { kind: 'stall', apply: true },
    times: 1,
    code: '',
    asked: 2,
    outputs: perhaps,
    inputs: STALLS,
  },
  { answer: 'nothing', mishap: { kind: 'stall' }, code: 'timeout', says: doubt, outputs: doubtful },
  {
    answer: 'no response, took effect',
    mishap: { kind: 'stall', apply: true },
    code: 'timeout',
    says: doubt,
    outputs: doubtful,
  },
  { answer: '200, empty', mishap: { kind: 'empty' }, code: '', outputs: created },
  { answer: '201 of another shape', mishap: { kind: 'wrong-shape', status: 201 }, code: '', outputs: created },
  { answer: '200 HTML', mishap: { kind: 'html' }, code: 'unexpected-response', asked: 1, says: doubt },
  {
    answer: '200 HTML, took effect',
    mishap: { kind: 'html', apply: true },
    code: 'unexpected-response',
    says: doubt,
    outputs: doubtful,
  },
  {
    answer: '302',
    mishap: { kind: 'redirect', status: 302, location: '/login' },
    code: 'unexpected-response',
    asked: 1,
    outputs: unchanged,
  },
  {
    answer: 'over 1 MiB',
    mishap: { kind: 'oversize' },
    code: 'unexpected-response',
    asked: 1,
    says: doubt,
    outputs: doubtful,
  },
];

const updated = { 'client-created': 'false', changed: 'true' };
const updateClient: readonly Behavior[] = (
  [
    { answer: '204', mishap: { kind: 'delay', ms: 10 }, shape: { putAnswer: 204 }, code: '', outputs: updated },
    {
      answer: '400',
      mishap: status(400, wrong),
      code: 'invalid-input',
      asked: 1,
      says: 'clientName: Too plain.',
      outputs: unchanged,
    },
    { answer: '403', mishap: status(403), code: 'forbidden', asked: 1, outputs: unchanged },
    { answer: '404', mishap: status(404), code: 'unsupported', asked: 1, outputs: unchanged },
    { answer: '405', mishap: status(405), code: 'unsupported', asked: 1, outputs: unchanged },
    { answer: '501', mishap: status(501), code: 'unsupported', asked: 1, outputs: unchanged },
    { answer: '409', mishap: status(409), code: 'conflict', asked: 1, outputs: unchanged },
    { answer: '412', mishap: status(412), code: 'unexpected-response', asked: 1, outputs: unchanged },
    { answer: '500 once', mishap: status(500), times: 1, code: '', asked: 2, outputs: updated },
    {
      answer: '500, always, took effect',
      mishap: failing(500, true),
      code: 'vantage-unavailable',
      says: doubt,
      outputs: updated,
    },
    {
      answer: 'a reset once, took effect',
      mishap: { kind: 'reset', apply: true },
      times: 1,
      code: '',
      asked: 2,
      outputs: updated,
    },
    { answer: '200 HTML', mishap: { kind: 'html' }, code: 'unexpected-response', asked: 1, says: doubt },
    {
      answer: '307',
      mishap: { kind: 'redirect', location: '/login' },
      code: 'unexpected-response',
      asked: 1,
      outputs: unchanged,
    },
    { answer: 'nothing', mishap: { kind: 'stall' }, code: 'timeout', says: doubt },
  ] satisfies readonly Behavior[]
).map(behavior => ({ client: there, inputs: drifting, ...behavior }));

const secretCreation: readonly Behavior[] = [
  { answer: '400', mishap: status(400, wrong), code: 'invalid-input', asked: 1, says: 'Too plain.' },
  {
    answer: '400 text',
    mishap: status(400, 'Too many secrets.'),
    code: 'invalid-input',
    asked: 1,
    says: 'Too many secrets.',
  },
  { answer: '401', mishap: status(401), code: 'authentication-failed', asked: 2 },
  { answer: '403', mishap: status(403), code: 'forbidden', asked: 1 },
  { answer: '404', mishap: status(404), client: there, code: 'not-found', asked: 1 },
  {
    answer: '404, of a new client, retried without success',
    mishap: failing(404),
    code: 'not-found',
    asked: 5,
    says: '5 times',
    omits: doubt,
  },
  { answer: '404 once, of a new client', mishap: status(404), times: 1, code: '', asked: 2 },
  { answer: '405', mishap: status(405), code: 'unsupported', asked: 1 },
  { answer: '501', mishap: status(501), code: 'unsupported', asked: 1 },
  {
    answer: '409',
    mishap: status(409, { detail: 'Too many secrets.' }),
    code: 'conflict',
    asked: 1,
    says: 'Too many secrets.',
  },
  { answer: '415, always', mishap: status(415), code: 'unexpected-response', asked: 2 },
  { answer: '422', mishap: status(422), code: 'invalid-input', asked: 1 },
  { answer: '429 once', mishap: { kind: 'throttle', retryAfter: 1 }, times: 1, code: '', asked: 2 },
  { answer: '429 for an hour', mishap: { kind: 'throttle', retryAfter: 3600 }, code: 'rate-limited', asked: 1 },
  { answer: '429, always', mishap: { kind: 'throttle', retryAfter: 0 }, code: 'rate-limited', asked: 5 },
  { answer: '500 once, took effect', mishap: status(500, '', true), times: 1, code: '', asked: 2 },
  {
    answer: '500 once, took effect, tier 0',
    mishap: status(500, '', true),
    times: 1,
    tier: 0,
    code: '',
    asked: 2,
    held: 2,
  },
  { answer: '503 once, did not take effect, tier 0', mishap: status(503), times: 1, tier: 0, code: '', asked: 2 },
  {
    answer: '503 once with an hour to wait',
    mishap: { kind: 'throttle', status: 503, retryAfter: 3600 },
    code: 'vantage-unavailable',
    asked: 1,
  },
  {
    answer: '503 once with an hour to wait, tier 0',
    mishap: { kind: 'throttle', status: 503, retryAfter: 3600 },
    tier: 0,
    code: 'secret-unaccounted',
    asked: 1,
  },
  { answer: '408 once', mishap: status(408), times: 1, code: '', asked: 2 },
  { answer: '500, always, took effect', mishap: status(500, '', true), code: 'secret-unaccounted', asked: 2 },
  {
    answer: '500, always, took effect, tier 0',
    mishap: status(500, '', true),
    tier: 0,
    code: 'secret-unaccounted',
    asked: 2,
    held: 2,
  },
  { answer: 'a reset, always', mishap: { kind: 'reset' }, code: 'secret-unaccounted', asked: 2 },
  { answer: 'a reset once, took effect', mishap: { kind: 'reset', apply: true }, times: 1, code: '', asked: 2 },
  { answer: 'truncated once', mishap: { kind: 'truncate' }, times: 1, code: '', asked: 2 },
  { answer: 'truncated once, tier 0', mishap: { kind: 'truncate' }, times: 1, tier: 0, code: '', asked: 2, held: 2 },
  {
    answer: 'no response once, took effect',
    mishap: { kind: 'stall', apply: true },
    times: 1,
    code: '',
    asked: 2,
    inputs: STALLS,
  },
  { answer: 'nothing', mishap: { kind: 'stall' }, code: 'timeout', asked: 1 },
  { answer: 'no response, took effect', mishap: { kind: 'stall', apply: true }, code: 'timeout', asked: 1 },
  {
    answer: 'no response, took effect, tier 0',
    mishap: { kind: 'stall', apply: true },
    tier: 0,
    code: 'secret-unaccounted',
    asked: 1,
    held: 1,
  },
  { answer: '201 HTML', mishap: { kind: 'html', status: 201, apply: true }, code: 'unexpected-response', asked: 1 },
  {
    answer: '201 HTML, tier 0',
    mishap: { kind: 'html', status: 201, apply: true },
    tier: 0,
    code: 'secret-unaccounted',
    asked: 1,
    held: 1,
  },
  { answer: '201, empty', mishap: { kind: 'empty', status: 201 }, code: 'unexpected-response', asked: 1 },
  {
    answer: '201 without a value',
    mishap: { kind: 'wrong-shape', status: 201, body: { id: '7' } },
    tier: 0,
    code: 'secret-unaccounted',
    asked: 1,
    held: 1,
  },
  {
    answer: '302',
    mishap: { kind: 'redirect', status: 302, location: '/login' },
    code: 'unexpected-response',
    asked: 1,
  },
  { answer: '307', mishap: { kind: 'redirect', location: '/login' }, tier: 0, code: 'unexpected-response', asked: 1 },
  { answer: 'over 1 MiB', mishap: { kind: 'oversize' }, code: 'unexpected-response', asked: 1 },
];

const refused = { verified: 'false', 'secret-created': 'false' };
const verification: readonly Behavior[] = [
  {
    answer: '400 invalid_client',
    mishap: status(400, oauth('invalid_client')),
    code: 'secret-unverified',
    outputs: refused,
    says: 'invalid_client',
  },
  {
    answer: '401 invalid_client, tier 0',
    mishap: status(401, oauth('invalid_client')),
    tier: 0,
    code: 'secret-unverified',
    outputs: refused,
    held: 1,
  },
  {
    answer: '400 invalid_client twice',
    mishap: status(400, oauth('invalid_client')),
    times: 2,
    code: '',
    outputs: { verified: 'true' },
  },
  { answer: '400 invalid_scope', mishap: status(400, oauth('invalid_scope')), code: '', outputs: { verified: 'true' } },
  {
    answer: '400 unauthorized_client',
    mishap: status(400, oauth('unauthorized_client')),
    code: '',
    outputs: { verified: 'true' },
  },
  { answer: '400 Bad Request', mishap: status(400, oauth('Bad Request')), code: 'unexpected-response' },
  { answer: '400 server_error', mishap: status(400, oauth('server_error')), code: 'unexpected-response' },
  { answer: '400 HTML', mishap: { kind: 'html', status: 400 }, code: 'unexpected-response' },
  { answer: '403', mishap: status(403), code: 'forbidden' },
  { answer: '404', mishap: status(404), code: 'not-found' },
  { answer: '404, tier 0', mishap: status(404), tier: 0, code: 'not-found', held: 1 },
  { answer: '500', mishap: failing(500), code: 'vantage-unavailable', says: '5 times' },
  { answer: '503 once', mishap: status(503), times: 1, code: '', outputs: { verified: 'true' } },
  { answer: '429 for an hour', mishap: { kind: 'throttle', retryAfter: 3600 }, code: 'rate-limited' },
  { answer: '429 for a second', mishap: { kind: 'throttle', retryAfter: 1 }, times: 1, code: '' },
  { answer: '200 HTML', mishap: { kind: 'html' }, code: 'unexpected-response' },
  { answer: '200, empty', mishap: { kind: 'empty' }, code: 'unexpected-response' },
  { answer: '302', mishap: { kind: 'redirect', status: 302, location: '/login' }, code: 'unexpected-response' },
  { answer: 'a reset', mishap: { kind: 'reset' }, code: 'vantage-unavailable', orTimeout: true },
  { answer: 'a reset once', mishap: { kind: 'reset' }, times: 1, code: '' },
  { answer: 'truncated once', mishap: { kind: 'truncate' }, times: 1, code: '' },
  { answer: 'nothing', mishap: { kind: 'stall' }, code: 'timeout' },
  { answer: 'no response, tier 0', mishap: { kind: 'stall' }, tier: 0, code: 'timeout', held: 1 },
  { answer: 'no response once', mishap: { kind: 'stall' }, times: 1, code: '', inputs: STALLS },
  { answer: 'over 1 MiB', mishap: { kind: 'oversize' }, code: 'unexpected-response' },
];

const KINDS: readonly Kind[] = [
  { request: 'sign-in', on: 'token', route: 'token', line: 'POST /auth2/connect/token', behaviors: signIn },
  {
    request: 'read client',
    on: 'readClient',
    route: 'readClient',
    line: `GET ${CLIENTS}invoices/`,
    behaviors: readClient,
  },
  {
    request: 'read secrets',
    on: 'readSecrets',
    route: 'readSecrets',
    line: `GET ${CLIENTS}invoices/secrets/`,
    behaviors: readSecrets,
  },
  {
    request: 'create client',
    on: 'createClient',
    route: 'createClient',
    line: `POST ${CLIENTS}`,
    behaviors: createClient,
  },
  {
    request: 'update client',
    on: 'updateClient',
    route: 'updateClient',
    line: `PUT ${CLIENTS}invoices/`,
    behaviors: updateClient,
  },
  {
    request: 'create secret',
    on: 'createSecret',
    route: 'createSecret',
    line: `POST ${CLIENTS}invoices/secrets/`,
    behaviors: secretCreation,
  },
  {
    request: 'verify secret',
    on: { path: 'token', body: /client_id=invoices(?:&|$)/u },
    route: 'token',
    line: 'POST /auth2/connect/token',
    behaviors: verification,
  },
];

const ROWS = KINDS.flatMap(({ behaviors, ...kind }) =>
  behaviors.map(behavior => ({ ...kind, ...behavior, end: behavior.code || 'success' })),
);

describe(`${ROWS.length} behaviors of a server`, () => {
  test.each(ROWS)('$request: $answer → $end', async row => {
    const { tier = 1, shape = {}, client, on, times = Number.POSITIVE_INFINITY, mishap } = row;
    await using world = await World.open({ vantage: { tier, shape, clients: client ? [client] : [] } });
    world.vantage.faults.add({ on, times, mishap });
    const step = await world.step({ timeout: `${TIMEOUT / 1000}s`, ...row.inputs });

    const secrets = world.vantage.clients().flatMap(held => held.secrets);
    const timedOut = row.orTimeout && step.outputs['error-code'] === 'timeout';
    expect({ code: step.outputs['error-code'], error: errorOf(step) }).toEqual({
      code: timedOut ? 'timeout' : row.code,
      error: row.code === '' ? '' : expect.any(String),
    });
    if (row.code === '') {
      expectDelivered(step, secrets);
    } else {
      const { baseUrl, tenantId } = world.vantage;
      const line = row.line.replace(' ', ` ${baseUrl}`).replace('TENANT', tenantId);
      expect(errorOf(step)).toContain(` at ${line}: `);
      expect(errorOf(step)).toContain(row.says ?? '');
      expect(row.omits !== undefined && errorOf(step).includes(row.omits)).toBe(false);
    }
    expect(step.outputs).toMatchObject(row.outputs ?? {});
    expect(secrets).toHaveLength(row.held ?? (row.code === '' ? 1 : 0));
    const asked = requestsOf(step, row.route).length;
    expect(asked).toBe(row.asked ?? asked);
    expect(step.workMs).toBeLessThan(TIMEOUT + 1000 + step.delayMs);
    expectLastWord(step);
  });
});

/** Nothing continues in the background after the step has reported its end. */
function expectLastWord(step: Step): void {
  if (step.exitCode !== 0) {
    expect(step.log.trimEnd().split('\n').at(-1)).toMatch(/^Error: /u);
  }
}
