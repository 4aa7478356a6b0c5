import fc from 'fast-check';
import type { HeldVariable, ScopeVariables } from '../../src/model/prepared-target.ts';
import { DAY, HOUR, SECOND } from './time.ts';

/** The client of these worlds. */
export const CLIENT_ID = 'invoices';

/** The state of a client ID variable. `another` names another client. All others name this client, or none. */
export type IdVariableState = 'not requested' | 'missing' | 'right' | 'other case' | 'padded' | 'blank' | 'another';

/** The state of an expiration variable. `stale`: it was written before the secret, for another one. */
export type ExpirationVariableState = 'not requested' | 'missing' | 'right' | 'wrong' | 'malformed' | 'stale';

/** The states of the variables next to one target. */
export interface VariableStates {
  readonly names: IdVariableState;
  readonly ends: ExpirationVariableState;
}

const NAMES: Readonly<Record<Exclude<IdVariableState, 'not requested' | 'missing'>, string>> = {
  right: CLIENT_ID,
  'other case': 'Invoices',
  padded: ` ${CLIENT_ID}\n`,
  blank: ' ',
  another: 'invoices-2',
};

/** Any states. Few variables name another client, because then a secret is always due. */
export const anyVariableStates: fc.Arbitrary<VariableStates> = fc.record(
  {
    names: fc.constantFrom<IdVariableState>(
      ...Array.from({ length: 6 }, (): IdVariableState => 'not requested'),
      ...Array.from({ length: 6 }, (): IdVariableState => 'right'),
      ...(['missing', 'missing', 'other case', 'padded', 'blank', 'another'] satisfies IdVariableState[]),
    ),
    ends: fc.constantFrom<ExpirationVariableState>(
      'not requested',
      'not requested',
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

/** The facts about a target that its variables depend on. All in milliseconds. */
interface Known {
  /** When the target was last written, from GitHub's clock. Undefined: never. */
  readonly writtenAt: number | undefined;
  /** When its secret expires, from Vantage's clock. Undefined: it holds no secret, or the expiration is not known. */
  readonly end: number | undefined;
  /** The time of the plan, from Vantage's clock. */
  readonly now: number;
}

/** The variables next to a target as the preflight finds them. */
export function variablesNextTo({ names, ends }: VariableStates, known: Known): ScopeVariables {
  const clientId = idVariable(names);
  const expiration = expirationVariable(ends, known);
  return { ...(clientId ? { clientId } : {}), ...(expiration ? { expiration } : {}) };
}

function idVariable(state: IdVariableState): HeldVariable | undefined {
  const name = 'VANTAGE_CLIENT_ID';
  if (state === 'not requested') {
    return undefined;
  }
  return state === 'missing' ? { name } : { name, value: NAMES[state] };
}

function expirationVariable(state: ExpirationVariableState, { writtenAt, end, now }: Known): HeldVariable | undefined {
  const name = 'VANTAGE_CLIENT_SECRET_EXPIRATION';
  const held = (value: string, at = writtenAt ?? now): HeldVariable => {
    return { name, value, updatedAt: new Date(Math.floor(at / SECOND) * SECOND) };
  };
  switch (state) {
    case 'not requested':
      return undefined;
    case 'missing':
      return { name };
    case 'right':
      // An unknown expiration cannot have been written.
      return end === undefined ? { name } : held(new Date(end).toISOString());
    case 'wrong':
      return held(new Date((end ?? now) + 40 * DAY).toISOString());
    case 'malformed':
      return held('2027-02-30');
    case 'stale':
      return held(new Date(now + 900 * DAY).toISOString(), (writtenAt ?? now) - HOUR);
  }
}
