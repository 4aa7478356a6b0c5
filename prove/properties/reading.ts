import fc from 'fast-check';
import type { ListedSecret } from '../../src/model/vantage.ts';
import { type ReadList, type Unreadable, unreadable } from '../../src/model/vantage.ts';

/** How Vantage lists the secrets of a client: completely, without all or one of the descriptions, incompletely, or not at all. */
export type Reading = 'complete' | 'hidden' | 'partly hidden' | 'incomplete' | Unreadable;

/** The kinds of reasons why a list cannot be read: a response with any status, a malformed one, no response. */
export const aReason: fc.Arbitrary<Unreadable> = fc
  .tuple(
    fc.constantFrom(
      'answered 404',
      'answered 500: no such table',
      'answered 401',
      'got no answer in 10 s',
      'answered a web page',
    ),
    fc.constantFrom<Unreadable['code'][]>('forbidden', 'unsupported', 'unexpected-response'),
    fc.constantFrom(undefined, 308, 400, 401, 403, 404, 409, 415, 422, 500, 503),
  )
  .map(([why, code, status]) => ({ ...unreadable(`GET … ${why}`, code), ...(status === undefined ? {} : { status }) }));

/** Lists that do not prove that something does not exist, or who owns it. */
export const anIncompleteReading: fc.Arbitrary<Reading> = fc.oneof(
  fc.constantFrom('hidden', 'partly hidden', 'incomplete'),
  aReason,
);

/** Mostly complete lists. */
export const aReading: fc.Arbitrary<Reading> = fc.oneof(
  { weight: 3, arbitrary: fc.constant('complete') },
  { weight: 1, arbitrary: anIncompleteReading },
);

/** The list as Vantage returns it. An incomplete list contains half of the secrets. */
export function readAs(reading: Reading, listed: readonly ListedSecret[]): ReadList<ListedSecret> {
  switch (reading) {
    case 'complete':
      return { kind: 'found', found: listed, whole: true };
    case 'hidden':
      return { kind: 'found', found: listed.map(secret => ({ ...secret, description: undefined })), whole: true };
    case 'partly hidden':
      return {
        kind: 'found',
        found: listed.map((secret, index) => (index === 0 ? { ...secret, description: undefined } : secret)),
        whole: true,
      };
    case 'incomplete':
      return { kind: 'found', found: listed.slice(0, Math.ceil(listed.length / 2)), whole: false };
    default:
      return reading;
  }
}
