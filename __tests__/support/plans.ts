import type { PreparedTarget } from '../../src/model/prepared-target.ts';
import type { ClientStep } from '../../src/plan/client-step.ts';
import type { Plan, RotationPlan } from '../../src/plan/plan.ts';

/** When the secret of a plan expires. */
export const END = new Date('2027-07-31T09:00:00.000Z');

/** The client exists and has the declared settings. */
export const KEEP = {
  step: 'keep',
  comparison: { drift: {}, unreported: [] },
  client: { clientId: 'invoices' },
} as const satisfies ClientStep;

/** A plan, with what a test does not set. By default it does nothing. */
export function planOf(given: Partial<Plan> = {}): Plan {
  return { client: KEEP, targets: [], prune: [], variables: [], shared: [], ...given };
}

/** The part of a plan that is about a secret. */
export function rotationOf<Due extends RotationPlan['due']>(due: Due, given: Partial<Omit<RotationPlan, 'due'>> = {}) {
  return { life: {}, due, clock: 'vantage', end: END, unreported: [], ...given } as const;
}

/** A secret that is due for these targets. */
export function dueFor(targets: readonly PreparedTarget[]) {
  return { due: true, reason: 'expires-soon', why: 'it expires soon', targets } as const;
}
