import { expect } from '@jest/globals';
import { violationsOf } from './json-schemas.ts';

/** The outputs for programs follow their JSON Schemas. The plan of a step that had none is empty. */
export function expectToFollowSchema({ results, plan }: { readonly results?: string; readonly plan?: string }): void {
  expect(results === undefined ? [] : violationsOf('results', results)).toEqual([]);
  expect(plan ? violationsOf('plan', plan) : []).toEqual([]);
}
