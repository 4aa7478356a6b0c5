import { expect, test } from '@jest/globals';
import { type PendingClient, readPendingState, statesOfPlace } from '../../../src/inputs/saved-step.ts';
import { PendingClients } from '../../../src/modes/fleet/pending.ts';

/** The most characters of a variable on Windows. The runner passes each state to the post step as one. */
const LONGEST_VARIABLE = 32_767;

function clientsIn(states: Readonly<Record<string, string>>): readonly PendingClient[] {
  const state = readPendingState(name => states[name] ?? '');
  return state.kind === 'fleet' ? state.clients : [];
}

/** Saves as the runner does, and gives the states that the post step gets. */
function openStates() {
  const states: Record<string, string> = {};
  /** The ids of the clients that the post step would find, if the step were killed after each save. */
  const found: (readonly string[])[] = [];
  let places = 0;
  const save = (place: number, pending: readonly PendingClient[]) => {
    Object.assign(states, statesOfPlace(place, pending, places));
    places = Math.max(places, place + 1);
    found.push(clientsIn(states).map(({ clientId }) => clientId));
  };
  return { states, save, found };
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
  expect(clientsIn(states)).toEqual(ids.map(clientId => ({ clientId, marks: [markOf(clientId)], unfinished: '' })));
  expect(Math.max(...Object.values(states).map(({ length }) => length))).toBeLessThan(LONGEST_VARIABLE);
});

test('clients that leave long texts fill no state with more than a variable can hold', async () => {
  const { states, save } = openStates();
  const pending = new PendingClients(save);
  for (let index = 0; index < 20; index += 1) {
    await pending.within(`client-${index}`, async ({ saveUnfinished }) => saveUnfinished('x'.repeat(8000)));
  }
  expect(clientsIn(states)).toHaveLength(20);
  expect(Math.max(...Object.values(states).map(({ length }) => length))).toBeLessThan(LONGEST_VARIABLE);
});

test('a client that leaves nothing is not named to the post step, nor is a mark that it does not have', async () => {
  const { states, save } = openStates();
  const pending = new PendingClients(save);
  await pending.within('invoices', async () => undefined);
  expect(states).toEqual({});
  await pending.within('orders', async ({ saveUnfinished }) => saveUnfinished('Not done.'));
  expect(clientsIn(states)).toEqual([{ clientId: 'orders', marks: [], unfinished: 'Not done.' }]);
});

test('what a client leaves is saved at each moment, and all of it', async () => {
  const { states, save, found } = openStates();
  const pending = new PendingClients(save);
  await pending.within('invoices', async ({ savePendingMarks, saveUnfinished }) => {
    savePendingMarks(['mark']);
    saveUnfinished('Not done.');
  });
  expect(found.length).toBeGreaterThan(2);
  expect(found.every(ids => ids.includes('invoices'))).toBe(true);
  expect(clientsIn(states)).toEqual([{ clientId: 'invoices', marks: ['mark'], unfinished: 'Not done.' }]);
});

test('of more than 200 clients that leave something, the first 200 are kept for the post step', async () => {
  const { states, save } = openStates();
  const pending = new PendingClients(save);
  for (let index = 0; index < 250; index += 1) {
    await pending.within(`client-${index}`, async ({ saveUnfinished }) => saveUnfinished('Not done.'));
  }
  const ids = clientsIn(states).map(({ clientId }) => clientId);
  expect(ids.slice(0, 200)).toEqual(Array.from({ length: 200 }, (_, index) => `client-${index}`));
  // The one in the place of those that are under way.
  expect(ids.slice(200)).toEqual(['client-249']);
});
