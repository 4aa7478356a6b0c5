import { isPathSegment } from '../http/path.ts';
import type { InputReader } from './reader.ts';

/** Reads the id of the one client that the workflow names. */
export function readClientId(input: InputReader): string | undefined {
  const takes = 'it takes 1 to 100 printable ASCII characters without a space';
  const clientId = input.required('client-id', takes);
  if (clientId === undefined) {
    return undefined;
  }
  if (!/^[\x21-\x7e]{1,100}$/u.test(clientId)) {
    return input.refuse('client-id', takes);
  }
  return isPathSegment(clientId)
    ? clientId
    : input.refuse('client-id', 'it takes no "." or "..", which no URL can carry');
}

/** Whether two ids may be of one client: it is not documented whether Vantage tells upper from lower case in them. */
export function isSameClient(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
