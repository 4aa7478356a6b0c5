import { isDeepStrictEqual } from 'node:util';
import { expect } from '@jest/globals';
import { creationsOf, DOUBT, errorOf, markOf, marksOf, type SeenStep } from './step.ts';
import { mayHold, targetsOf } from './targets.ts';

/**
 * The outputs and the annotations of a step that ensures one client (or audits all of them, and so changes nothing) say
 * what the servers stored before and store now.
 */
export function expectHonestEnsure(seen: SeenStep): void {
  const { step, inputs, github, before, after } = seen;
  const { outputs } = step;
  const unsure = mayHold(seen);
  // If an attempt without a response may have created the client, nobody can know whether it is new, so it counts as a
  // change.
  const mayBeNew = step.results[0]?.outcome === 'unknown' && outputs.changed === 'true';
  const isDoubtful = errorOf(step).includes(DOUBT) || mayBeNew;

  const known = new Set(before.clients.map(({ clientId }) => clientId));
  const appeared = after.clients.map(({ clientId }) => clientId).filter(clientId => !known.has(clientId));
  if (!isDoubtful || outputs['client-created'] === 'true') {
    expect(appeared).toEqual(outputs['client-created'] === 'true' ? [outputs['client-id']] : []);
  }
  const changed = isDoubtful || unsure.length > 0 || !isDeepStrictEqual(before, after);
  expect({ changed: outputs.changed ?? 'false' }).toEqual({ changed: String(changed) });

  const earlier = before.clients.flatMap(({ secrets }) => secrets.map(({ id }) => id));
  const now = after.clients.flatMap(({ secrets }) => secrets);
  const remaining = new Set(now.map(({ id }) => id));
  expect(earlier.filter(id => !remaining.has(id)).sort()).toEqual(JSON.parse(outputs.pruned ?? '[]').sort());
  const old = new Set(earlier);
  const fresh = now.filter(({ id }) => !old.has(id));
  const held = targetsOf(inputs).map(({ scope, name }) => github?.secret(scope, name)?.value);
  const named = step.annotations.map(({ message }) => message).join('\n');
  for (const { value, description } of fresh) {
    if (value !== outputs['client-secret'] && !held.includes(value) && unsure.length === 0) {
      const mark = markOf(description);
      expect(named).toContain(mark);
      expect(step.log.split('\n').filter(line => line.includes(mark) && /Revoked|was revoked/u.test(line))).toEqual([]);
    }
  }
  const isOutput = fresh.some(({ value }) => value === outputs['client-secret']);
  expect('client-secret' in outputs).toBe(isOutput);
  const isDelivered = isOutput || step.written.length + unsure.length > 0;
  expect(outputs['secret-created'] ?? 'false').toBe(String(isDelivered));
  expectNoNeedlessCreation(seen);
}

/**
 * A request to create a secret is retried only if it had no effect. Another secret is requested only if the first one
 * is lost.
 */
function expectNoNeedlessCreation({ step, env }: SeenStep): void {
  const creations = creationsOf(step);
  const marks = marksOf(step);
  expect(new Set(marks).size).toBeLessThanOrEqual(2);
  creations.slice(0, -1).forEach(({ status }, index) => {
    const answered = { status, again: marks[index] === marks[index + 1] };
    // A client that this step created may not be known everywhere yet.
    const mayBeNew = /"outcome":"(?:created|unknown)"/u.test(step.outputs.results ?? '');
    const notYetKnown = status === 404 && mayBeNew;
    const unapplied = [401, 415, 429].includes(status ?? 0) || notYetKnown;
    const lost = status === undefined || status < 300 || status === 408 || status >= 500;
    expect(answered).toEqual({ status, again: unapplied });
    expect(unapplied || lost).toBe(true);
  });
  // A step of another repository has other marks.
  for (const mark of env.GITHUB_REPOSITORY ? [] : marks) {
    expect(step.log).toContain(`marked ${mark}`);
  }
}
