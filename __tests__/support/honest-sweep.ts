import { expect } from '@jest/globals';
import { deletedClients, type SeenStep } from './step.ts';

/**
 * A sweep deleted only clients that match the pattern with the number of a closed pull request, no more than the limit,
 * and reports each of them.
 */
export function expectHonestSweep({ step, inputs, vantage, before }: SeenStep): void {
  const known = new Set(before.clients.map(({ clientId }) => clientId));
  known.delete(vantage.administrator.clientId);
  const deleted = deletedClients(step);
  expect(deleted.length).toBeLessThanOrEqual(Number(inputs['max-deletes'] || 20));
  for (const clientId of deleted) {
    const number = numberIn(inputs['client-id-pattern'] ?? '', clientId);
    expect({ clientId, known: known.has(clientId), number }).toEqual({
      clientId,
      known: true,
      number: expect.any(Number),
    });
    const asked = step.github.filter(({ path }) => path.endsWith(`/pulls/${number}`));
    expect({ clientId, asked: asked.some(({ status }) => status === 200) }).toEqual({ clientId, asked: true });
  }
  for (const { clientId, fate = 'kept' } of step.results) {
    const isThere = vantage.client(clientId) !== undefined;
    const wasDeleted = deleted.includes(clientId);
    const expected = { kept: false, 'to be deleted': false, gone: false, deleted: true, failed: wasDeleted }[fate];
    expect({ clientId, fate, wasDeleted }).toEqual({ clientId, fate, wasDeleted: expected });
    expect({ clientId, fate, isThere: wasDeleted && isThere }).toEqual({ clientId, fate, isThere: false });
  }
  const unreported = deleted.filter(clientId => !step.results.some(result => result.clientId === clientId));
  expect(unreported).toEqual([]);
}

/** The number in a client ID that matches the pattern, by a regular expression made of the pattern. */
export function numberIn(pattern: string, clientId: string): number | undefined {
  const source = pattern
    .split('{pr}')
    .map(text => text.replace(/[^a-z\d]/giu, character => `\\u{${character.codePointAt(0)?.toString(16)}}`))
    .join('([1-9][0-9]*)');
  const number = new RegExp(`^(?:${source})$`, 'u').exec(clientId)?.[1];
  return number === undefined ? undefined : Number(number);
}
