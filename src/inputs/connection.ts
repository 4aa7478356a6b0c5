import type { ApiVersion } from '../model/client.ts';
import type { SignIn, VantageRequest } from '../model/request.ts';
import { isLoopback, isPathSegment } from '../model/url.ts';
import type { InputReader } from './reader.ts';

const GUID = /^([\da-f]{8})-?([\da-f]{4})-?([\da-f]{4})-?([\da-f]{4})-?([\da-f]{12})$/iu;

export function readVantage(input: InputReader, apiVersion: ApiVersion): VantageRequest | undefined {
  const baseUrl = readBaseUrl(input);
  const tenantId = readTenantId(input);
  return baseUrl && tenantId ? { baseUrl, tenantId, apiVersion } : undefined;
}

function readBaseUrl(input: InputReader): string | undefined {
  const either = 'expected exactly one of base-url and region';
  if (input.isSet('base-url') && input.isSet('region')) {
    return input.reject('region', either);
  }
  if (input.isSet('region')) {
    return `https://vantage-${input.choice('region', ['us', 'eu', 'au'])}.abbyy.com`;
  }
  const text = input.required('base-url', either);
  if (text === undefined) {
    return undefined;
  }
  const url = URL.parse(text);
  // What precedes an `@` may be a password.
  const found = `is ${input.quote(text.replace(/^([^/]*\/\/)?.*@/su, '$1***@'))}`;
  if (url === null || !/^https?:\/\//iu.test(text)) {
    return input.reject('base-url', 'expected an origin such as https://vantage-eu.abbyy.com', { found });
  }
  if (url.username || url.password || /^[^/?#]*\/\/[^/?#]*@/u.test(text)) {
    return input.reject('base-url', 'expected an origin without a username or password', { found });
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    return input.reject('base-url', 'expected https, because http is allowed only for a loopback address');
  }
  if (url.pathname !== '/' || /[?#]/u.test(text)) {
    return input.reject('base-url', `expected an origin without a path, query, or fragment, such as ${url.origin}`);
  }
  return url.origin;
}

function readTenantId(input: InputReader): string | undefined {
  const tenantId = input.required('tenant-id', 'expected the ID of the tenant, from Configuration → General');
  if (tenantId !== undefined && (!isPathSegment(tenantId) || /\p{Cc}/u.test(tenantId))) {
    return input.reject('tenant-id', 'expected the GUID of the tenant, from Configuration → General');
  }
  const guid = GUID.exec(tenantId ?? '')
    ?.slice(1)
    .join('-');
  return guid?.toLowerCase() ?? tenantId;
}

const ONE_WAY =
  'expected either access-token, or auth-client-id and auth-client-secret, or these two with username and password';

/** Reads how to sign in, and rejects anything but one complete way. */
export function readSignIn(input: InputReader): SignIn | undefined {
  const accessToken = input.secret('access-token');
  const clientId = input.text('auth-client-id');
  const clientSecret = input.secret('auth-client-secret');
  const username = input.text('username');
  const password = input.secret('password');
  const scope = input.text('auth-scope') ?? '';

  if (accessToken) {
    const others = ['auth-client-id', 'auth-client-secret', 'username', 'password'] as const;
    const second = others.find(name => input.isSet(name));
    if (second) {
      return input.reject(second, `access-token is also set, but ${ONE_WAY}`);
    }
    // The syntax of a bearer token: RFC 6750, section 2.1.
    return /^[\w.~+/-]+=*$/u.test(accessToken.reveal())
      ? { kind: 'access-token', accessToken }
      : input.reject('access-token', 'expected only the token, without "Bearer", spaces, or line breaks');
  }
  if (!clientId && !clientSecret && !username && !password) {
    return input.reject('access-token', ONE_WAY);
  }
  if (!clientId || !clientSecret) {
    return input.reject(clientId ? 'auth-client-secret' : 'auth-client-id', ONE_WAY);
  }
  if (!/^[\x20-\x7e]+$/u.test(clientId)) {
    return input.reject('auth-client-id', 'expected printable ASCII characters');
  }
  if (!/^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/u.test(scope)) {
    return input.reject('auth-scope', 'expected scopes of printable ASCII characters, separated by one space');
  }
  if (!username && !password) {
    return { kind: 'client-credentials', clientId, clientSecret, scope };
  }
  if (!username || !password) {
    return input.reject(username ? 'password' : 'username', 'expected both username and password, or neither');
  }
  return { kind: 'password', clientId, clientSecret, scope, username, password };
}
