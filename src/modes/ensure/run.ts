import type { EnsureRequest } from '../../model/request.ts';
import { liveOwnSecrets } from '../../plan/marked-secrets.ts';
import { planEnsure } from '../../plan/plan.ts';
import type { StepContext } from '../step-context.ts';
import { apply } from './apply.ts';
import { observe } from './observe.ts';
import { preview, recordPlan } from './preview.ts';
import type { EnsureRecord } from './record.ts';
import { warnOfOtherClients, warnOfSharedTargets, warnOfVariables } from './warnings.ts';
import { reserveWrites, waitForTurn } from './write-turns.ts';

/**
 * Ensures the client, and creates, verifies and delivers a secret, as the request asks: observe, plan, apply.
 *
 * @param record gets everything that the run does, as it happens.
 * @throws Failure
 */
export async function ensure(request: EnsureRequest, context: StepContext, record: EnsureRecord): Promise<void> {
  const { log, now } = context;

  const observed = await observe(request, context);
  record.clientFound = observed.client.kind === 'found' ? 'kept' : undefined;
  record.liveBefore = liveOwnSecrets(observed.secrets, request.workflow, now().vantage);

  const plan = planEnsure(request, observed, now());
  recordPlan(request, plan, record);
  if (plan.rotation?.due.due) {
    reserveWrites(plan.rotation.due.targets, context);
  }
  warnOfVariables(observed.targets, log);
  warnOfOtherClients(request, observed.targets, log);
  warnOfSharedTargets(request, plan.shared, log);

  if (request.run.dryRun) {
    await preview(request, plan, observed, context, record);
  } else {
    await waitForTurn(context);
    await apply(request, plan, observed, context, record);
  }
}
