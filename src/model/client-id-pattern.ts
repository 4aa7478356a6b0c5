/** Client ids that hold the number of a pull request: what comes before it, and what comes after. */
export interface ClientIdPattern {
  readonly prefix: string;
  readonly suffix: string;
}

export const NUMBER = '{pr}';

/** The number of a pull request as GitHub writes it: no zero in front, and few enough digits to be counted exactly. */
const PULL_REQUEST = /^[1-9]\d{0,9}$/;

/** The pattern that a text is, or what is wrong with it. Everything but `{pr}` stands for itself. */
export function parseClientIdPattern(text: string): ClientIdPattern | string {
  const [prefix = '', suffix, ...more] = text.split(NUMBER);
  if (suffix === undefined || more.length > 0) {
    return `it takes ${NUMBER} once, where the number of the pull request stands`;
  }
  if (!/^[\x21-\x7e]{0,99}$/u.test(prefix + suffix)) {
    return 'it takes printable ASCII characters without a space, 99 at most beside the number';
  }
  if (!/[a-z]/iu.test(prefix + suffix)) {
    return `a pattern without a letter picks ids that are not of pull requests: put a name before ${NUMBER}`;
  }
  return /\d$/u.test(prefix) || /^\d/u.test(suffix)
    ? `a digit beside ${NUMBER} could be of the number: put another character between them`
    : { prefix, suffix };
}

/** The number of the pull request in a client id that is the pattern, whole and to the letter; else undefined. */
export function pullRequestOf({ prefix, suffix }: ClientIdPattern, clientId: string): number | undefined {
  if (clientId.length <= prefix.length + suffix.length) {
    return undefined;
  }
  const number = clientId.slice(prefix.length, clientId.length - suffix.length);
  return clientId.startsWith(prefix) && clientId.endsWith(suffix) && PULL_REQUEST.test(number)
    ? Number(number)
    : undefined;
}

/** The pattern as the workflow wrote it. */
export function patternText({ prefix, suffix }: ClientIdPattern): string {
  return prefix + NUMBER + suffix;
}
