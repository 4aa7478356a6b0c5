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

/**
 * Parses what a step saved. Returns `undefined` if it is something else.
 *
 * @param text a list of marks, or for a fleet the number of its places.
 * @param placeAt the text of one of the places.
 */
export function parsePendingState(text: string, placeAt: (place: number) => string): PendingState | undefined {
  const state = text === '' ? [] : parseJson(text);
  if (isTexts(state)) {
    return { kind: 'client', marks: state };
  }
  const places = numberOfPlaces(state);
  const lists = Array.from({ length: places ?? 0 }, (_, place) => parseJson(placeAt(place) || '[]'));
  return places !== undefined && lists.every(isPendingList) ? { kind: 'fleet', clients: lists.flat() } : undefined;
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
