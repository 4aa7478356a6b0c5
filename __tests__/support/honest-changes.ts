import { expect } from '@jest/globals';
import { DOUBT, errorOf, requestsOf, type SeenStep, writesOf } from './step.ts';

/**
 * `changed` is true if a request changed something or may have, and false otherwise. A secret that the step itself created
 * and deleted again is no change. A dry run sends no request that could change something.
 */
export function expectHonestChanges({ step, inputs, before }: SeenStep): void {
  const old = before.clients.flatMap(({ secrets }) => secrets.map(({ id }) => id));
  const revocations = requestsOf(step, 'deleteSecret').filter(
    ({ applied, path }) => applied && !old.some(id => path.includes(id)),
  );
  const applied = [...step.vantage, ...step.github].filter(request => request.applied);
  const isChanged = applied.length > 2 * revocations.length || errorOf(step).includes(DOUBT);
  if (step.outputs.changed !== undefined) {
    expect({ changed: step.outputs.changed }).toEqual({ changed: String(isChanged) });
  }
  if (inputs['dry-run'] === 'true') {
    expect(writesOf(step)).toEqual([]);
  }
}
