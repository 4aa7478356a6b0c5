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
    const expected = 'expected http(s)://host[:port] without a path, trailing slash, wildcard, or default port';
    return input.rejectItem('allowed-cors-origins', expected + hint, wrong);
  }
  for (const origin of origins ?? []) {
    warnOfPlainHttp(input, 'allowed-cors-origins', origin, warn);
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
    const wrong = wrongRedirect(uri);
    if (wrong !== undefined) {
      return input.rejectItem(name, wrong, uri);
    }
    warnOfPlainHttp(input, name, uri, warn);
    if (name === 'redirect-uris' && matchesForeignHosts(uri)) {
      const foreign = input.quote(`${uri}${uri.endsWith('.') ? '' : '.'}evil.example`);
      const why = 'because Vantage matches prefixes. Add a "/" after the host.';
      warn(`\`${input.nameOf(name)}\`: ${input.quote(uri)} also matches ${foreign}, ${why}`);
    }
  }
  return uris;
}

function wrongRedirect(uri: string): string | undefined {
  const url = URL.parse(uri);
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

function warnOfPlainHttp(input: InputReader, name: InputName, text: string, warn: (line: string) => void): void {
  const url = new URL(text);
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    warn(`\`${input.nameOf(name)}\`: ${input.quote(url.href)} uses http: others can read what is sent there.`);
  }
}
