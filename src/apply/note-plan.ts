import { describePlan, type Foresight } from '../plan/describe-plan.ts';
import type { Plan } from '../plan/plan.ts';
import type { EnsureRequest } from '../request/request.ts';
import type { EnsureLedger } from './ledger.ts';

/** Notes what a run sets out to do, as far as it knows by now, and when the secret in use becomes due. */
export function notePlan({ client }: EnsureRequest, plan: Plan & Foresight, ledger: EnsureLedger): void {
  const { mint } = plan;
  ledger.plan = describePlan(client, plan);
  ledger.rotationDue = mint && !mint.due.due ? mint.due.dueAt?.toISOString() : undefined;
}
