import { expect, test } from '@jest/globals';
import { type PendingClient, readPendingState, statesOfPlace } from '../../../src/inputs/saved-pending.ts';
import { PendingClients } from '../../../src/modes/fleet/pending.ts';

/** The most characters of a variable on Windows. The runner passes each state to the post step as one. */
const LONGEST_VARIABLE = 32_767;

/** Saves as the runner does, and gives the states that the post step gets. */
function openStates() {
  const states: Record<string, string> = {};
  let places = 0;
  const save = (place: number, pending: readonly PendingClient[]) => {
    Object.assign(states, statesOfPlace(place, pending, places));
    places = Math.max(places, place + 1);
  };
  return { states, save };
}

test('all that 200 clients with many targets leave reaches the post step, in states that it can be started with', async () => {
  const { states, save } = openStates();
  const pending = new PendingClients(save);
  const ids = Array.from({ length: 200 }, (_, index) => `client-${index}`);
  // A mark with the digests of 64 targets.
  const markOf = (clientId: string) => `[vantage-client octo-org/octo-repo to=${'0123abcd,'.repeat(64)} ${clientId}]`;
  for (const clientId of ids) {
    await pending.within(clientId, async ({ savePendingMarks }) => savePendingMarks([markOf(clientId)]));
  }
  const state = readPendingState(name => states[name] ?? '');
  expect(state).toEqual({
    kind: 'fleet',
    clients: ids.map(clientId => ({ clientId, marks: [markOf(clientId)], unfinished: '' })),
  });
  expect(Math.max(...Object.values(states).map(({ length }) => length))).toBeLessThan(LONGEST_VARIABLE);
});
