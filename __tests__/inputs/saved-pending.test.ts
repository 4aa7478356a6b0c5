import { describe, expect, test } from '@jest/globals';
import { readPendingState, statesOfPlace } from '../../src/inputs/saved-step.ts';

const read = (states: Readonly<Record<string, string>>) => readPendingState(name => states[name] ?? '');
const PENDING = { clientId: 'invoices', marks: ['mark-1', 'mark-2'], unfinished: 'Not done.' };
const OTHER = { clientId: 'orders', marks: [], unfinished: 'Not done either.' };

describe('what a step saved', () => {
  test.each([
    ['nothing', {}, []],
    ['no mark', { marks: '[]' }, []],
    ['marks', { marks: '["one","two"]' }, ['one', 'two']],
  ])('for one client: %s', (_, states, marks) => {
    expect(read(states)).toEqual({ kind: 'client', marks });
  });

  test('for many clients is what each place holds now', () => {
    const states = {
      ...statesOfPlace(2, [PENDING], 3),
      ...statesOfPlace(1, [PENDING], 3),
      ...statesOfPlace(1, [], 3),
      ...statesOfPlace(0, [OTHER, PENDING], 3),
    };
    expect(read(states)).toEqual({ kind: 'fleet', clients: [OTHER, PENDING, PENDING] });
  });

  test('for many clients is not what a later step of the job adds to it', () => {
    expect(read({ ...statesOfPlace(0, [OTHER], 1), 'pending-1': JSON.stringify([PENDING]) })).toEqual({
      kind: 'fleet',
      clients: [OTHER],
    });
  });

  test('for many clients is nothing for a place that was not saved', () => {
    expect(read({ marks: '{"places":2}', 'pending-0': JSON.stringify([OTHER]) })).toEqual({
      kind: 'fleet',
      clients: [OTHER],
    });
  });

  test('for many clients is nothing that a later step of the job puts into a place without a client', () => {
    const forged = JSON.stringify([PENDING]);
    const states = { ...statesOfPlace(2, [OTHER], 0), ...statesOfPlace(3, [], 3) };
    expect(read({ 'pending-0': forged, 'pending-1': forged, ...states })).toEqual({ kind: 'fleet', clients: [OTHER] });
  });

  test.each([
    ['text', { marks: 'one' }],
    ['numbers', { marks: '[1]' }],
    ['a number of places that is none', { marks: '{"places":-1}' }],
    ['a number of places that is no whole number', { marks: '{"places":1.5}' }],
    ['too many places', { marks: '{"places":1000000}' }],
    ['a place without a list', { ...statesOfPlace(0, [], 1), 'pending-0': '{}' }],
    ['a client without an id', { ...statesOfPlace(0, [], 1), 'pending-0': '[{"marks":[],"unfinished":""}]' }],
    ['a client without its text', { ...statesOfPlace(0, [], 1), 'pending-0': '[{"clientId":"a","marks":[]}]' }],
    [
      'marks that are no texts',
      { ...statesOfPlace(0, [], 1), 'pending-0': '[{"clientId":"a","marks":[1],"unfinished":""}]' },
    ],
  ])('is refused if it is %s', (_, states) => {
    expect(() => read(states)).toThrow('STATE_marks is not a list of texts.');
  });
});
