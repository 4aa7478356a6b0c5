import { closestMatch } from 'leven';
import { INPUTS, type InputName, SECRET_INPUTS } from '../names.ts';
import { CLIENT_KEYS, OUTPUT_INPUTS, PATHS, SECRET, SECRET_KEYS } from './keys.ts';

/** `client-id` as `clientId`. */
function camelCase(input: InputName): string {
  return input.replace(/-./gu, part => part.slice(1).toUpperCase());
}

/** A key as people misspell it: `client-id`, `client_id`, `ClientID`. */
function folded(key: string): string {
  return key.replaceAll(/[-_\s.]/gu, '').toLowerCase();
}

/** How far a misspelled key may be from the known one. */
const MAX_DISTANCE = 3;

/** The inputs that no key corresponds to, by their names as keys. */
const OTHER_INPUTS = new Map(INPUTS.filter(input => !PATHS.has(input)).map(input => [folded(input), input]));

/** What may be meant by a key of a client: its folded form → the right one. */
const CLIENT_CANDIDATES: ReadonlyMap<string, string> = new Map([
  ...Object.entries(SECRET_KEYS).flatMap(([key, { input }]) => named(`${SECRET}.${key}`, key, input)),
  ...Object.entries(CLIENT_KEYS).flatMap(([key, { input }]) => named(key, key, input)),
  [SECRET, SECRET],
]);

/** The same for a key in `secret`. */
const SECRET_CANDIDATES: ReadonlyMap<string, string> = new Map([
  ...Object.entries(CLIENT_KEYS).flatMap(([key, { input }]) => named(`${key}, next to ${SECRET}`, key, input)),
  ...Object.entries(SECRET_KEYS).flatMap(([key, { input }]) => named(`${SECRET}.${key}`, key, input)),
]);

/**
 * Why a key is not allowed, and which one to use instead.
 *
 * @param inSecret whether the key is in `secret`.
 */
export function whyUnknown(key: string, inSecret: boolean): string {
  if (key === '<<') {
    return 'expected no merge key, because YAML 1.2 has none. Use `defaults`, or an alias for a whole value';
  }
  const input = OTHER_INPUTS.get(folded(key));
  if (input !== undefined) {
    return whyInput(input);
  }
  const known = inSecret ? SECRET_CANDIDATES : CLIENT_CANDIDATES;
  const keys = inSecret ? Object.keys(SECRET_KEYS) : [...Object.keys(CLIENT_KEYS), SECRET];
  const meant = known.get(folded(key)) ?? closest(key, known);
  return meant === undefined ? `expected one of ${keys.join(', ')}` : `did you mean ${meant}?`;
}

/** Which key of the whole file is meant. */
export function whyUnknownAtTop(key: string, keys: readonly string[]): string {
  if (key === '<<') {
    return whyUnknown(key, false);
  }
  const meant = closestMatch(key, keys, { maxDistance: MAX_DISTANCE });
  return meant === undefined ? `expected only ${keys.join(' and ')}` : `did you mean ${meant}?`;
}

function whyInput(input: InputName): string {
  if (input === 'current-secret') {
    return 'a manifest cannot contain a secret, because everyone who can read the repository could read it. Leave it out: the action finds out which secrets are due from Vantage and from the targets';
  }
  if (SECRET_INPUTS.includes(input)) {
    return `a manifest cannot contain a secret. Pass it to the step as ${input}`;
  }
  return OUTPUT_INPUTS.includes(input)
    ? 'a run with a manifest delivers secrets to GitHub, and none to the job'
    : `this is an input of the step, for all clients: ${input}`;
}

function closest(key: string, known: ReadonlyMap<string, string>): string | undefined {
  const match = closestMatch(folded(key), [...known.keys()], { maxDistance: Math.min(MAX_DISTANCE, key.length >> 1) });
  return match === undefined ? undefined : known.get(match);
}

function named(path: string, key: string, input: InputName): (readonly [string, string])[] {
  return [
    [folded(key), path],
    [folded(camelCase(input)), path],
  ];
}
