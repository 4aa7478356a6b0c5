import fc from 'fast-check';
import type { ListedSecret } from '../../src/model/vantage.ts';
import { type ReadList, type Unreadable, unreadable } from '../../src/model/vantage.ts';

/** How Vantage answers the question for the secrets of a client: as it is, without descriptions or one of them, cut, or not at all. */
export type Reading = 'told' | 'hidden' | 'partly hidden' | 'cut' | Unreadable;

/** Every kind of reason that a read may have for giving nothing: an answer of any status, a badly formed one, silence. */
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

/** Lists from which nobody may conclude that something is not there, or whose it is. */
export const aDimReading: fc.Arbitrary<Reading> = fc.oneof(fc.constantFrom('hidden', 'partly hidden', 'cut'), aReason);

/** Mostly lists that tell everything. */
export const aReading: fc.Arbitrary<Reading> = fc.oneof(
  { weight: 3, arbitrary: fc.constant('told') },
  { weight: 1, arbitrary: aDimReading },
);

/** What reads as this gives of these secrets. A list is cut after the half of them. */
export function readAs(reading: Reading, listed: readonly ListedSecret[]): ReadList<ListedSecret> {
  switch (reading) {
    case 'told':
      return { kind: 'found', found: listed, whole: true };
    case 'hidden':
      return { kind: 'found', found: listed.map(secret => ({ ...secret, description: undefined })), whole: true };
    case 'partly hidden':
      return {
        kind: 'found',
        found: listed.map((secret, index) => (index === 0 ? { ...secret, description: undefined } : secret)),
        whole: true,
      };
    case 'cut':
      return { kind: 'found', found: listed.slice(0, Math.ceil(listed.length / 2)), whole: false };
    default:
      return reading;
  }
}
