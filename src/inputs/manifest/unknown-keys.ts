import { closestMatch } from 'leven';
import { INPUTS, type InputName, SECRET_INPUTS } from '../names.ts';
import { CLIENT_KEYS, OUTPUT_INPUTS, PATHS, SECRET, SECRET_KEYS } from './keys.ts';

/** A key as people misspell it: `client-id`, `client_id`, `ClientID`. */
function folded(key: string): string {
  return key.replaceAll(/[-_\s.]/gu, '').toLowerCase();
}

/** How far a misspelled key may be from the known one. */
const MAX_DISTANCE = 3;

/** The inputs that no key corresponds to, by their names as keys. */
const OTHER_INPUTS = new Map(INPUTS.filter(input => !PATHS.has(input)).map(input => [folded(input), input]));

/** What may be meant by a key: its folded form → the right one. For a form of two keys, the one next to it. */
function candidates(inSecret: boolean): ReadonlyMap<string, string> {
  const next = inSecret ? `, next to ${SECRET}` : '';
  const ofClient = Object.entries(CLIENT_KEYS).flatMap(([key, { input }]) => named(key + next, key, input));
  const ofSecret = Object.entries(SECRET_KEYS).flatMap(([key, { input }]) => named(`${SECRET}.${key}`, key, input));
  return new Map(inSecret ? [...ofClient, ...ofSecret] : [...ofSecret, ...ofClient, [SECRET, SECRET]]);
}

/** Why a key is not allowed, and which one to use instead. @param inSecret whether the key is in `secret`. */
export function whyUnknown(key: string, inSecret: boolean): string {
  if (key === '<<') {
    return 'expected no merge key, because YAML 1.2 has none. Use `defaults`, or an alias for a whole value';
  }
  const input = OTHER_INPUTS.get(folded(key));
  if (input !== undefined) {
    return whyInput(input);
  }
  const known = candidates(inSecret);
  const maxDistance = Math.min(MAX_DISTANCE, key.length >> 1);
  const meant =
    known.get(folded(key)) ?? known.get(closestMatch(folded(key), [...known.keys()], { maxDistance }) ?? '');
  const keys = inSecret ? Object.keys(SECRET_KEYS) : [...Object.keys(CLIENT_KEYS), SECRET];
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

function named(path: string, key: string, input: InputName): [string, string][] {
  return [key, input].map(name => [folded(name), path]);
}
