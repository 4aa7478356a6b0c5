import { matchesForeignHosts } from '../model/client.ts';
import { isLoopback } from '../model/url.ts';
import type { InputName } from './names.ts';
import type { InputReader } from './reader.ts';

/** Schemes that run code, or read what is local, in the browser that is redirected. */
const BLOCKED_SCHEMES = ['javascript', 'vbscript', 'data', 'file', 'blob', 'about', 'view-source', 'ws', 'wss', 'ftp'];

/** Reads the origins whose pages may call the token endpoint. @param warn told of what is dangerous. */
export function readCorsOrigins(input: InputReader, warn: (line: string) => void): readonly string[] | undefined {
  const origins = input.list('allowed-cors-origins');
  const wrong = origins?.find(
    origin => URL.parse(origin)?.origin !== origin.toLowerCase() || !/^https?:[^*]+$/iu.test(origin),
  );
  if (wrong !== undefined) {
    const meant = URL.parse(wrong)?.origin ?? 'null';
    const hint = meant === 'null' || meant.includes('*') ? '' : `, such as ${meant}`;
    return input.reject(
      'allowed-cors-origins',
      `an origin is http(s)://host[:port] without path, slash at the end, wildcard or default port${hint}`,
      input.quote(wrong),
    );
  }
  for (const origin of origins ?? []) {
    warnOfPlainHttp(input, 'allowed-cors-origins', new URL(origin), warn);
  }
  return origins;
}

/** Reads where sign-ins or sign-outs may return to. @param warn told of what works but is dangerous. */
export function readRedirectUris(
  input: InputReader,
  name: 'redirect-uris' | 'post-logout-redirect-uris',
  warn: (line: string) => void,
): readonly string[] | undefined {
  const uris = input.list(name);
  for (const uri of uris ?? []) {
    const url = URL.parse(uri);
    const wrong = wrongRedirect(uri, url);
    if (wrong !== undefined || url === null) {
      return input.reject(name, wrong ?? '', input.quote(uri));
    }
    warnOfPlainHttp(input, name, url, warn);
    if (name === 'redirect-uris' && matchesForeignHosts(uri)) {
      warn(
        `\`${name}\`: ${input.quote(uri)} also matches ${input.quote(`${uri}${uri.endsWith('.') ? '' : '.'}evil.example`)}, as Vantage matches prefixes. End the host with a "/".`,
      );
    }
  }
  return uris;
}

function wrongRedirect(uri: string, url: URL | null): string | undefined {
  if (url === null || /[\s\p{Cc}]/u.test(uri)) {
    return 'it takes absolute URIs, one a line';
  }
  if (BLOCKED_SCHEMES.includes(url.protocol.slice(0, -1))) {
    return `the rule of blocked schemes: a redirect to ${url.protocol} is refused`;
  }
  if (uri.includes('#')) {
    return 'a redirect URI has no fragment (RFC 6749, 3.1.2)';
  }
  if (url.username || url.password) {
    return 'a redirect URI takes no user info';
  }
  return uri.includes('*') ? 'Vantage knows no wildcards: a URI matches what begins with it' : undefined;
}

function warnOfPlainHttp(input: InputReader, name: InputName, url: URL, warn: (line: string) => void): void {
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    warn(`\`${name}\`: ${input.quote(url.href)} is plain http: what is sent there can be read on the way.`);
  }
}
