import { Failure, quoted } from './failure.ts';

/** Whether the host name of a URL is this machine: `localhost`, 127.0.0.0/8 or ::1. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/u.test(hostname);
}

/**
 * The host of the GitHub that an API URL belongs to, in lower case, with its port unless it is the default. The APIs of
 * github.com and GHE.com have hosts of their own (`api.github.com`, `api.SUBDOMAIN.ghe.com`). The API of an Enterprise
 * Server is below a path of its host.
 */
export function githubHost(apiUrl: string): string {
  const { host } = new URL(apiUrl);
  return /^api\.(?:github\.com|[^.]+\.ghe\.com)$/u.test(host) ? host.slice('api.'.length) : host;
}

/** `.` and `..`, encoded any number of times: URL parsers, and servers and proxies that decode again, remove them. */
const DOT_SEGMENT = /^(?:\.|%(?:25)*2e){1,2}$/iu;

/** Whether a value can be a segment of a path, so that a request cannot reach another resource. */
export function isPathSegment(value: string): boolean {
  return value !== '' && value.isWellFormed() && !value.split(/[/\\]/u).some(part => DOT_SEGMENT.test(part));
}

/** Percent-encodes a segment of a path. @throws Failure `invalid-input` if the request would reach another resource. */
export function pathSegment(value: string): string {
  if (!isPathSegment(value)) {
    throw new Failure('invalid-input', {
      operation: 'building the path of a request',
      reason: `${quoted(value)} is empty, or contains "." or "..", which a URL cannot contain`,
      advice: 'Nothing was sent. Choose another name.',
    });
  }
  return encodeURIComponent(value);
}
