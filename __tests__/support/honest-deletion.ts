import { expect } from '@jest/globals';
import type { GitHub } from '../../emulator/github/index.ts';
import { DOUBT, deletedClients, errorOf, type SeenStep } from './step.ts';
import { targetAt } from './targets.ts';

/**
 * What a deletion reports about the client and GitHub is true. A client is never deleted while a target holds its secret.
 */
export function expectHonestDeletion({ step, inputs, vantage, github }: SeenStep): void {
  const { outputs, results } = step;
  const [result] = results;
  if (result === undefined) {
    return; // The inputs were rejected.
  }
  const clientId = inputs['client-id'] ?? '';
  const isThere = vantage.client(clientId) !== undefined;
  expect(results).toHaveLength(1);
  expect(outputs['client-id']).toBe(clientId);
  expect(outputs['client-deleted']).toBe(String(result.outcome === 'deleted'));
  const { outcome, cleared = [] } = result;
  if (outcome !== 'unknown') {
    expect({ outcome, isThere }).toEqual({ outcome, isThere: outcome === 'kept' });
  }
  const { deleteFrom = [] }: { deleteFrom?: readonly string[] } = JSON.parse(outputs.plan || '{}');
  for (const line of deletedClients(step).length > 0 ? [...deleteFrom, ...cleared] : cleared) {
    expect({ line, held: isHeld(line, github) }).toEqual({ line, held: false });
  }
  const deletions = step.github.filter(({ method, applied }) => method === 'DELETE' && applied).length;
  const doubts = errorOf(step).split(DOUBT).length - 1;
  expect(deletions - cleared.length).toBeGreaterThanOrEqual(0);
  expect(deletions - cleared.length).toBeLessThanOrEqual(doubts);
}

/** Whether GitHub stores what a line of the plan or of `cleared` names. */
function isHeld(line: string, github: GitHub | undefined): boolean {
  const [, variable, place = line] = /^variable (\S+) of (.*)$/u.exec(line) ?? [];
  const target = targetAt(place);
  if (target === undefined) {
    throw new Error(`${line} is no place on GitHub`);
  }
  const { scope, name } = target;
  return (variable ? github?.variable(scope, variable) : github?.secret(scope, name)) !== undefined;
}
