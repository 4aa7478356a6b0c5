import { Failure, quoted } from '../failure.ts';

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
      what: 'building the path of a request',
      why: `${quoted(value)} is empty or holds "." or "..", which no URL can carry`,
      todo: 'Nothing was sent. Rename what bears this name.',
    });
  }
  return encodeURIComponent(value);
}
