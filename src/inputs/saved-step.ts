import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseJson } from '../http/message.ts';
import type { EnsureRequest } from '../model/request.ts';
import type { InputName } from './names.ts';
import type { Inputs } from './reader.ts';

/** The inputs that say where the client is. */
const WHEREABOUTS = ['base-url', 'region', 'tenant-id', 'api-version', 'client-id'] as const satisfies InputName[];

/** What the step tells its post step beside the marks: where its client is, and how it reached it. Never a secret. */
export interface StepRecord {
  readonly inputs: Readonly<{ [Name in (typeof WHEREABOUTS)[number]]?: string }>;
  readonly settings: SettingDigests;
}

/** The record of a step that is about to begin. */
export function recordStep({ vantage, client }: EnsureRequest, env: NodeJS.ProcessEnv): StepRecord {
  const { baseUrl, tenantId, apiVersion } = vantage;
  return {
    inputs: { 'base-url': baseUrl, 'tenant-id': tenantId, 'api-version': apiVersion, 'client-id': client.clientId },
    settings: digestSettings(env),
  };
}

/** Reads a record back, or gives undefined where the text is none. */
export function parseStepRecord(text: string): StepRecord | undefined {
  const record = parseJson(text);
  return isRecord(record) && isTexts(record.inputs) && isTexts(record.settings)
    ? { inputs: record.inputs, settings: record.settings }
    : undefined;
}

/**
 * The inputs of the post step. GitHub evaluates them again for it, and a later step may have changed what they come to:
 * so where the client is comes from the step, and its credentials go to no other host.
 */
export function inputsOfStep({ inputs: recorded }: StepRecord, inputs: Inputs): Inputs {
  const isWhereabouts = (name: InputName): name is keyof typeof recorded =>
    (WHEREABOUTS as readonly InputName[]).includes(name);
  return {
    readInput: name => (isWhereabouts(name) ? (recorded[name] ?? '') : inputs.readInput(name)),
    redact: text => inputs.redact(text),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isTexts(value: unknown): value is Record<string, string> {
  return isRecord(value) && Object.values(value).every(text => typeof text === 'string');
}

/** What may name a proxy. */
const PROXIES = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'https_proxy', 'http_proxy', 'all_proxy'];

/** What may have a request go past the proxy. */
const NO_PROXIES = ['NO_PROXY', 'no_proxy'];

/** What decides which code Node runs and whom it trusts. It has taken effect before any code of the action runs. */
const TRUST = [
  'NODE_OPTIONS',
  'NODE_EXTRA_CA_CERTS',
  'NODE_TLS_REJECT_UNAUTHORIZED',
  'NODE_USE_SYSTEM_CA',
  'NODE_USE_ENV_PROXY',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'OPENSSL_CONF',
  'OPENSSL_MODULES',
  'OPENSSL_ENGINES',
];

/** Those that are the path of a file, which may change while the path does not. */
const FILES = ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'OPENSSL_CONF'];

/** Variable → a SHA-256 digest of its value, as a proxy may hold a password. One that is not set is absent. */
export type SettingDigests = Readonly<Record<string, string>>;

/** How the environment of the post step differs from the one of its step, by the names of variables. */
export interface SettingChanges {
  /** New or changed, and in effect already. */
  readonly trust: readonly string[];
  /** Proxies of the step that are gone. */
  readonly lostProxies: readonly string[];
  /** New or changed, and not yet in effect. */
  readonly proxies: readonly string[];
}

/** What the environment says of how to reach a server. */
export function digestSettings(env: NodeJS.ProcessEnv): SettingDigests {
  return Object.fromEntries(
    [...PROXIES, ...NO_PROXIES, ...TRUST].flatMap(name => {
      const digest = digestOf(name, env[name]);
      return digest === undefined ? [] : [[name, digest]];
    }),
  );
}

/** Compares the environment with the one that was digested. */
export function compareSettings(digested: SettingDigests, env: NodeJS.ProcessEnv): SettingChanges {
  const differs = (name: string) => digestOf(name, env[name]) !== digested[name];
  const isLost = (name: string) => !env[name] && digested[name] !== undefined;
  return {
    // Without any of them, Node does what it does of itself.
    trust: TRUST.filter(name => env[name] && differs(name)),
    lostProxies: PROXIES.filter(name => differs(name) && isLost(name)),
    // An empty one counts: http_proxy hides HTTP_PROXY.
    proxies: [...PROXIES, ...NO_PROXIES].filter(name => env[name] !== undefined && differs(name)),
  };
}

function digestOf(name: string, value: string | undefined): string | undefined {
  if (value === undefined) {
    return undefined;
  }
  const hash = createHash('sha256').update(value);
  return (FILES.includes(name) ? hash.update('\0').update(contentOf(value)) : hash).digest('hex');
}

function contentOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    // What cannot be read is of no effect. Node says so itself where it matters.
    return Buffer.alloc(0);
  }
}
