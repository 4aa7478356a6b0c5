import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

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
