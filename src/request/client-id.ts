import type { InputReader } from './reader.ts';
import { isDotSegment } from './url.ts';

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
  return isDotSegment(clientId)
    ? input.refuse('client-id', 'it takes no "." or "..", which no URL can carry')
    : clientId;
}

/** Whether two ids may be of one client: it is not documented whether Vantage tells upper from lower case in them. */
export function isSameClient(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
