/** A pattern for client IDs that contain the number of a pull request: the text before and after the number. */
export interface ClientIdPattern {
  readonly prefix: string;
  readonly suffix: string;
}

export const NUMBER = '{pr}';

/** Without leading zeros, and with few enough digits for an exact number. */
const PULL_REQUEST = /^[1-9]\d{0,9}$/;

/** Parses a pattern, in which only `{pr}` is special. Returns the reason to reject a text that is not a pattern. */
export function parseClientIdPattern(text: string): ClientIdPattern | string {
  const [prefix = '', suffix, ...more] = text.split(NUMBER);
  if (suffix === undefined || more.length > 0) {
    return `expected ${NUMBER} once, in place of the number of the pull request`;
  }
  if (!/^[\x21-\x7e]{0,99}$/u.test(prefix + suffix)) {
    return `expected at most 99 printable ASCII characters next to ${NUMBER}, without spaces`;
  }
  if (!/[a-z]/iu.test(prefix + suffix)) {
    return 'expected at least one letter, because the pattern could match clients that are not for pull requests';
  }
  return /\d$/u.test(prefix) || /^\d/u.test(suffix)
    ? `expected no digit next to ${NUMBER}, because it could be part of the number`
    : { prefix, suffix };
}

/** The number of the pull request in a client ID, if the pattern matches the whole ID, case-sensitively. */
export function pullRequestOf({ prefix, suffix }: ClientIdPattern, clientId: string): number | undefined {
  if (clientId.length <= prefix.length + suffix.length) {
    return undefined;
  }
  const number = clientId.slice(prefix.length, clientId.length - suffix.length);
  return clientId.startsWith(prefix) && clientId.endsWith(suffix) && PULL_REQUEST.test(number)
    ? Number(number)
    : undefined;
}

export function patternText({ prefix, suffix }: ClientIdPattern): string {
  return prefix + NUMBER + suffix;
}
