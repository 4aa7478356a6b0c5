import { expect, test } from '@jest/globals';
import { anyOf, RefusedInputs } from '../../src/inputs/problem.ts';

test('inputs that are wrong are annotated at the first place in a manifest, if there is one', () => {
  const input = { name: 'region', expected: 'expected us' };
  const at = (where: string) => ({ where, expected: 'expected text' });
  const { place } = new RefusedInputs([input, at('stages/a:b.yml:3:5'), at('stages/a:b.yml:9:1')], '');
  expect(place).toEqual({ file: 'stages/a:b.yml', line: 3, column: 5 });
  expect(new RefusedInputs([input], '').place).toBeUndefined();
});

test.each([
  [['a'], 'a'],
  [['a', 'b'], 'a or b'],
  [['a', 'b', 'c'], 'a, b, or c'],
])('%j is %j', (choices, text) => {
  expect(anyOf(choices)).toBe(text);
});
