import { matchesForeignHosts } from '../model/client.ts';
import { isLoopback } from '../model/url.ts';
import type { InputName } from './names.ts';
import type { InputReader } from './reader.ts';

/** Schemes that run code or read local data in the redirected browser. */
const BLOCKED_SCHEMES = ['javascript', 'vbscript', 'data', 'file', 'blob', 'about', 'view-source', 'ws', 'wss', 'ftp'];

/** Reads the origins whose pages can call the token endpoint. @param warn gets a line for each dangerous one. */
export function readCorsOrigins(input: InputReader, warn: (line: string) => void): readonly string[] | undefined {
  const origins = input.list('allowed-cors-origins');
  const wrong = origins?.find(
    origin => URL.parse(origin)?.origin !== origin.toLowerCase() || !/^https?:[^*]+$/iu.test(origin),
  );
  if (wrong !== undefined) {
    const origin = URL.parse(wrong)?.origin ?? 'null';
    const hint = origin === 'null' || origin.includes('*') ? '' : `, such as ${origin}`;
    return input.rejectItem(
      'allowed-cors-origins',
      `expected http(s)://host[:port] without a path, trailing slash, wildcard, or default port${hint}`,
      wrong,
    );
  }
  for (const origin of origins ?? []) {
    warnOfPlainHttp(input, 'allowed-cors-origins', new URL(origin), warn);
  }
  return origins;
}

/** Reads the URIs to redirect to. @param warn gets a line for each one that works but is dangerous. */
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
      return input.rejectItem(name, wrong ?? '', uri);
    }
    warnOfPlainHttp(input, name, url, warn);
    if (name === 'redirect-uris' && matchesForeignHosts(uri)) {
      warn(
        `\`${input.nameOf(name)}\`: ${input.quote(uri)} also matches ${input.quote(`${uri}${uri.endsWith('.') ? '' : '.'}evil.example`)}, because Vantage matches prefixes. Add a "/" after the host.`,
      );
    }
  }
  return uris;
}

function wrongRedirect(uri: string, url: URL | null): string | undefined {
  if (url === null || /[\s\p{Cc}]/u.test(uri)) {
    return 'expected absolute URIs, one per line';
  }
  if (BLOCKED_SCHEMES.includes(url.protocol.slice(0, -1))) {
    return `the scheme ${url.protocol} is blocked`;
  }
  if (uri.includes('#')) {
    return 'expected a URI without a fragment (RFC 6749, section 3.1.2)';
  }
  if (url.username || url.password) {
    return 'expected a URI without a username or password';
  }
  return uri.includes('*')
    ? 'expected a URI without "*", because Vantage matches prefixes instead of wildcards'
    : undefined;
}

function warnOfPlainHttp(input: InputReader, name: InputName, url: URL, warn: (line: string) => void): void {
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    warn(`\`${input.nameOf(name)}\`: ${input.quote(url.href)} uses http: others can read what is sent there.`);
  }
}
