import fc from 'fast-check';
import type { HeldVariable, ScopeVariables } from '../../src/model/prepared-target.ts';
import { DAY, HOUR, SECOND } from './time.ts';

/** The client of these worlds. */
export const CLIENT_ID = 'invoices';

/** What the variable for the client id says beside a target. `another` names another client; all others name none, or this one. */
export type NameBeside = 'not asked for' | 'missing' | 'right' | 'other case' | 'padded' | 'blank' | 'another';

/** What the variable for the expiration says beside a target. One that is `stale` was written before the secret, for another one. */
export type EndBeside = 'not asked for' | 'missing' | 'right' | 'wrong' | 'malformed' | 'stale';

/** The variables beside one target. */
export interface Beside {
  readonly names: NameBeside;
  readonly ends: EndBeside;
}

const NAMES: Readonly<Record<Exclude<NameBeside, 'not asked for' | 'missing'>, string>> = {
  right: CLIENT_ID,
  'other case': 'Invoices',
  padded: ` ${CLIENT_ID}\n`,
  blank: ' ',
  another: 'invoices-2',
};

/** Any variables, seldom such as name another client: a secret is due wherever one does. */
export const anyBeside: fc.Arbitrary<Beside> = fc.record(
  {
    names: fc.constantFrom<NameBeside>(
      ...Array.from({ length: 6 }, (): NameBeside => 'not asked for'),
      ...Array.from({ length: 6 }, (): NameBeside => 'right'),
      ...(['missing', 'missing', 'other case', 'padded', 'blank', 'another'] satisfies NameBeside[]),
    ),
    ends: fc.constantFrom<EndBeside>(
      'not asked for',
      'not asked for',
      'missing',
      'right',
      'right',
      'wrong',
      'malformed',
      'stale',
    ),
  },
  { noNullPrototype: true },
);

/** What is known of a target when its variables are made up. All in milliseconds. */
interface Known {
  /** When it was last written, by GitHub's clock. Absent: never. */
  readonly writtenAt: number | undefined;
  /** When what it holds ends, by Vantage's clock. Absent: it holds none, or nobody knows. */
  readonly end: number | undefined;
  /** When the plan is made, by Vantage's clock. */
  readonly now: number;
}

/** The variables beside a target as the preflight finds them. */
export function variablesBeside({ names, ends }: Beside, known: Known): ScopeVariables {
  const clientId = nameBeside(names);
  const expiration = endBeside(ends, known);
  return { ...(clientId ? { clientId } : {}), ...(expiration ? { expiration } : {}) };
}

function nameBeside(says: NameBeside): HeldVariable | undefined {
  const name = 'VANTAGE_CLIENT_ID';
  if (says === 'not asked for') {
    return undefined;
  }
  return says === 'missing' ? { name } : { name, value: NAMES[says] };
}

function endBeside(says: EndBeside, { writtenAt, end, now }: Known): HeldVariable | undefined {
  const name = 'VANTAGE_CLIENT_SECRET_EXPIRATION';
  const held = (value: string, at = writtenAt ?? now): HeldVariable => {
    return { name, value, updatedAt: new Date(Math.floor(at / SECOND) * SECOND) };
  };
  switch (says) {
    case 'not asked for':
      return undefined;
    case 'missing':
      return { name };
    case 'right':
      // Nobody can have written what nobody knows.
      return end === undefined ? { name } : held(new Date(end).toISOString());
    case 'wrong':
      return held(new Date((end ?? now) + 40 * DAY).toISOString());
    case 'malformed':
      return held('2027-02-30');
    case 'stale':
      return held(new Date(now + 900 * DAY).toISOString(), (writtenAt ?? now) - HOUR);
  }
}
