import { Failure } from '../model/failure.ts';
import { isLoopback } from '../model/url.ts';

/** A proxy and its exemptions, as Node reads them. */
export type ProxyEnv = { readonly https_proxy: string; readonly no_proxy: string };

/**
 * Reads the proxy that HTTPS_PROXY or else HTTP_PROXY names, if any, and its exemptions in NO_PROXY. All requests that
 * are not to this machine use https. The flag `--use-env-proxy` came with the support for proxies, in Node 24.5.
 *
 * @throws Failure `invalid-input` if it is not the URL of a proxy, or this Node supports none.
 */
export function readProxy(
  env: NodeJS.ProcessEnv,
  flags: ReadonlySet<string> = process.allowedNodeEnvironmentFlags,
): ProxyEnv | undefined {
  const proxy = proxyOf(env);
  if (!proxy) {
    return undefined;
  }
  // Otherwise Node would ignore the proxy, and send the request past it.
  if (!isProxyUrl(proxy)) {
    throw unusable('HTTPS_PROXY or HTTP_PROXY is not the URL of a proxy', 'Expected http://[user:password@]host:port.');
  }
  if (!flags.has('--use-env-proxy')) {
    throw unusable(
      `HTTPS_PROXY or HTTP_PROXY is set, and Node ${process.versions.node} does not support proxies`,
      'Update the runner to version 2.328.0 or later.',
    );
  }
  const exempt = (env.no_proxy || env.NO_PROXY || '').split(/[\s,]+/u).filter(Boolean);
  // As curl does, `example.com` also exempts the hosts below it. Node exempts them only with a dot in front.
  return { https_proxy: proxy, no_proxy: exempt.flatMap(host => [host, `.${host}`]).join(',') };
}

/** Lower case wins, as in most programs. */
function proxyOf({ https_proxy, HTTPS_PROXY, http_proxy, HTTP_PROXY }: NodeJS.ProcessEnv): string | undefined {
  return https_proxy || HTTPS_PROXY || http_proxy || HTTP_PROXY;
}

function isProxyUrl(text: string): boolean {
  try {
    const { username, password } = new URL(text);
    // Node decodes both, and fails if it cannot.
    decodeURIComponent(`${username}${password}`);
    return /^https?:\/\/\S+$/u.test(text);
  } catch {
    return false;
  }
}

function unusable(reason: string, advice: string): Failure {
  return new Failure('invalid-input', { operation: 'reading the environment', reason, advice });
}

/** Whether a request to a URL may use a proxy. Node decides which hosts NO_PROXY exempts. */
export function mayBeProxied({ hostname }: URL): boolean {
  return !isThisMachine(hostname) && Boolean(proxyOf(process.env));
}

/** Every name under `localhost` is this machine (RFC 6761, 6.3), with or without a dot at its end. */
export function isThisMachine(hostname: string): boolean {
  const name = hostname.replace(/\.$/u, '');
  return isLoopback(name) || name.endsWith('.localhost');
}
