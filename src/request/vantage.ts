import { isPathSegment } from '../http/path.ts';
import type { ApiVersion } from './lifetime.ts';
import type { InputReader } from './reader.ts';
import { isLoopback } from './url.ts';

/** Which Vantage to talk to. */
export interface VantageRequest {
  /** An origin without a slash at the end. */
  readonly baseUrl: string;
  /** As it goes into the path, not yet URL-encoded. */
  readonly tenantId: string;
  readonly apiVersion: ApiVersion;
}

const GUID = /^[\da-f]{8}-?[\da-f]{4}-?[\da-f]{4}-?[\da-f]{4}-?[\da-f]{12}$/iu;

/** Reads which Vantage, and which tenant of it, the step is for. */
export function readVantage(input: InputReader, apiVersion: ApiVersion): VantageRequest | undefined {
  const baseUrl = readBaseUrl(input);
  const tenantId = readTenantId(input);
  return baseUrl && tenantId ? { baseUrl, tenantId, apiVersion } : undefined;
}

function readBaseUrl(input: InputReader): string | undefined {
  const takes = 'exactly one of base-url and region says which Vantage to talk to';
  if (input.given('base-url') && input.given('region')) {
    return input.refuse('region', takes);
  }
  if (input.given('region')) {
    return `https://vantage-${input.choice('region', ['us', 'eu', 'au'])}.abbyy.com`;
  }
  const text = input.required('base-url', takes);
  if (text === undefined) {
    return undefined;
  }
  const url = URL.parse(text);
  if (url === null || !/^https?:\/\//iu.test(text)) {
    return input.refuse(
      'base-url',
      'it takes an origin such as https://vantage-eu.abbyy.com',
      input.quote(withoutUserInfo(text)),
    );
  }
  if (url.username || url.password || /^[^/?#]*\/\/[^/?#]*@/u.test(text)) {
    return input.refuse('base-url', 'it takes no user info', input.quote(withoutUserInfo(text)));
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    return input.refuse('base-url', 'plain http is for a loopback address alone: use https');
  }
  if (url.pathname !== '/' || /[?#]/u.test(text)) {
    return input.refuse('base-url', `it takes an origin without path, query or fragment, such as ${url.origin}`);
  }
  return url.origin;
}

/** A base URL as an error may quote it: what stands before an `@` may be a password. */
function withoutUserInfo(text: string): string {
  return text.replace(/^([^/]*\/\/)?.*@/su, '$1***@');
}

function readTenantId(input: InputReader): string | undefined {
  const tenantId = input.required('tenant-id', 'it takes the id of the tenant, from Configuration → General');
  if (tenantId === undefined) {
    return undefined;
  }
  if (GUID.test(tenantId)) {
    return tenantId
      .toLowerCase()
      .replaceAll('-', '')
      .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/u, '$1-$2-$3-$4-$5');
  }
  return !isPathSegment(tenantId) || /\p{Cc}/u.test(tenantId)
    ? input.refuse('tenant-id', 'it takes the GUID of the tenant, from Configuration → General')
    : tenantId;
}
