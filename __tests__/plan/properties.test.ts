import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PROPERTIES } from '../../prove/properties/index.ts';
import { checkProperty, mustHold } from '../../prove/properties/property.ts';

// The same worlds each time. `npm run prove` tries 100,000 others for each property.
test.each(PROPERTIES)('in 2000 worlds: $name', property => {
  const { tried, held, violation } = checkProperty(property, { runs: 2000, seed: 2027 });
  expect(violation).toBeUndefined();
  expect({ tried, held }).toEqual({ tried: 2000, held: 2000 });
});

test('no two properties have one name', () => {
  expect(new Set(PROPERTIES.map(({ name }) => name)).size).toBe(PROPERTIES.length);
});

describe('what checking a property finds', () => {
  const below = (limit: number) => ({
    name: `below ${limit}`,
    property: (relevant: () => void) =>
      fc.property(fc.nat(999), number => {
        if (number < 100) {
          relevant();
        }
        mustHold(number < limit, () => `${number} is too much`);
      }),
  });

  test('the smallest world that breaks the rule, with the way to find it again', () => {
    const { tried, held, violation } = checkProperty(below(500), { runs: 1000, seed: 1 });
    expect(tried - held).toBe(1);
    expect(violation).toMatch(/seed: 1, path: .+\nCounterexample: \[500\]/u);
    expect(violation).toContain('500 is too much');
  });

  test('that a rule was hardly put to the test', () => {
    const idle = { name: 'idle', property: () => fc.property(fc.nat(), () => {}) };
    expect(checkProperty(idle, { runs: 50, seed: 1 })).toEqual({
      name: 'idle',
      tried: 50,
      held: 50,
      relevant: 0,
      violation: 'Only 0 of 50 worlds test it.',
    });
    expect(checkProperty(below(1000), { runs: 1000, seed: 1 })).toMatchObject({ tried: 1000, violation: undefined });
  });
});
