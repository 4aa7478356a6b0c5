import { Failure, quoted } from './failure.ts';

/** Whether a URL's host is this machine: `localhost`, 127.0.0.0/8 or ::1. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/u.test(hostname);
}

/**
 * The host of the GitHub that an API URL belongs to, as its users know it, in lower case: github.com and GHE.com have
 * their APIs on a host of their own (`api.github.com`, `api.SUBDOMAIN.ghe.com`), an Enterprise Server has it below a path.
 *
 * @param apiUrl a URL that parses.
 * @returns with its port, unless it is the one of the scheme.
 */
export function githubHost(apiUrl: string): string {
  const { host } = new URL(apiUrl);
  return /^api\.(?:github\.com|[^.]+\.ghe\.com)$/u.test(host) ? host.slice('api.'.length) : host;
}

/** What a URL parser, or a server or proxy that decodes once more, folds away: `.` and `..`, as often as they are encoded. */
const DOT_SEGMENT = /^(?:\.|%(?:25)*2e){1,2}$/iu;

/** What parts the segments of a path for whoever decodes it before it is folded. */
const SEPARATOR = /[/\\]/u;

/** Whether a value can be one segment of a path, so that the request reaches what it names and nothing above it. */
export function isPathSegment(value: string): boolean {
  return value !== '' && value.isWellFormed() && !value.split(SEPARATOR).some(part => DOT_SEGMENT.test(part));
}

/**
 * A value as one segment of a path, percent-encoded.
 *
 * @throws Failure where a request with it would reach something else.
 */
export function pathSegment(value: string): string {
  if (!isPathSegment(value)) {
    throw new Failure('invalid-input', {
      operation: 'building the path of a request',
      reason: `${quoted(value)} is empty or holds "." or "..", which no URL can carry`,
      advice: 'Nothing was sent. Rename what bears this name.',
    });
  }
  return encodeURIComponent(value);
}
