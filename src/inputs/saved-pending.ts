import { parseJson } from '../http/message.ts';

/** What the end of the job must do for one client of a fleet. */
export interface PendingClient {
  readonly clientId: string;
  /** The marks of its secrets that nobody uses. */
  readonly marks: readonly string[];
  /** What is unfinished if the step is killed now, and how to repair it. '' if nothing is. */
  readonly unfinished: string;
}

/** What a step saved: the marks of its one client, or what is pending of each client of a fleet. */
export type PendingState =
  | { readonly kind: 'client'; readonly marks: readonly string[] }
  | { readonly kind: 'fleet'; readonly clients: readonly PendingClient[] };

/** The name of the state with the marks of the one client, or with the number of places of a fleet. */
export const MARKS = 'marks';

/** The name of the state of a place. */
const stateOf = (place: number) => `pending-${place}`;

/**
 * The states to save for a place of a fleet, by their names. Those of the places before it are saved as well if they are
 * new, because a later step of the job can set what the step itself did not save.
 *
 * @param places how many places the step has saved before.
 */
export function statesOfPlace(
  place: number,
  pending: readonly PendingClient[],
  places: number,
): Readonly<Record<string, string>> {
  const skipped = Array.from({ length: Math.max(0, place - places) }, (_, index) => [stateOf(places + index), '[]']);
  return {
    ...Object.fromEntries(skipped),
    [MARKS]: JSON.stringify({ places: Math.max(places, place + 1) }),
    [stateOf(place)]: JSON.stringify(pending),
  };
}

/**
 * Reads what a step saved. Any of the texts may be something else than a mark.
 *
 * @param stateNamed gives the value of a state by its name, or '' if it was not saved.
 * @throws Error if the states are something else.
 */
export function readPendingState(stateNamed: (name: string) => string): PendingState {
  const text = stateNamed(MARKS);
  const state = text === '' ? [] : parseJson(text);
  if (isTexts(state)) {
    return { kind: 'client', marks: state };
  }
  const places = numberOfPlaces(state);
  const lists = Array.from({ length: places ?? 0 }, (_, place) => parseJson(stateNamed(stateOf(place)) || '[]'));
  if (places === undefined || !lists.every(isPendingList)) {
    throw new Error(`STATE_${MARKS} is not a list of texts.`);
  }
  return { kind: 'fleet', clients: lists.flat() };
}

function numberOfPlaces(state: unknown): number | undefined {
  const places = isRecord(state) ? state.places : undefined;
  return typeof places === 'number' && Number.isInteger(places) && places >= 0 && places < 1000 ? places : undefined;
}

function isPendingList(list: unknown): list is readonly PendingClient[] {
  return (
    Array.isArray(list) &&
    list.every(
      one =>
        isRecord(one) && typeof one.clientId === 'string' && typeof one.unfinished === 'string' && isTexts(one.marks),
    )
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(text => typeof text === 'string');
}
