import type { EnsureRequest } from '../../model/request.ts';
import { targetLine } from '../../model/target.ts';
import { liveOwnSecrets } from '../../plan/marked-secrets.ts';
import { type Plan, planEnsure } from '../../plan/plan.ts';
import type { StepContext } from '../step-context.ts';
import { assertMayGetToken } from './access-token.ts';
import { apply } from './apply.ts';
import { type Observed, observe, targetsLeftOut } from './observe.ts';
import { preview, recordPlan } from './preview.ts';
import type { EnsureRecord } from './record.ts';
import { warnOfOtherClients, warnOfSharedTargets, warnOfVariables } from './warnings.ts';
import { reserveWrites, waitForTurn } from './write-turns.ts';

/**
 * Milliseconds after which a run asks again what it has observed. A client may wait for its turn to write for an hour, and
 * somebody may change it meanwhile.
 */
const MAX_AGE = 5000;

/**
 * Ensures the client, and creates, verifies and delivers a secret, as the request asks: observe, plan, apply.
 *
 * @param record gets everything that the run does, as it happens.
 * @param options see `preview`.
 * @throws Failure
 */
export async function ensure(
  request: EnsureRequest,
  context: StepContext,
  record: EnsureRecord,
  options: { readonly withOffers?: boolean } = {},
): Promise<void> {
  let { observed, plan } = await observeAndPlan(request, context, record);
  if (!request.run.dryRun && (context.github?.pace.timeUntilFirst() ?? 0) > MAX_AGE) {
    await waitForTurn(context);
    ({ observed, plan } = await observeAndPlan(request, context, record));
  }
  const run = { request, observed, context, record };
  warnOfVariables(observed.targets, context.log);
  warnOfOtherClients(run);
  warnOfSharedTargets(request, plan.shared, context.log);
  if (request.run.dryRun) {
    await preview(run, plan, options);
  } else {
    await waitForTurn(context);
    await apply(run, plan);
  }
}

/** Decides what to do, and reserves the turns for it. @throws Failure */
async function observeAndPlan(
  request: EnsureRequest,
  context: StepContext,
  record: EnsureRecord,
): Promise<{ readonly observed: Observed; readonly plan: Plan }> {
  const { now } = context;
  const observed = await observe(request, context);
  record.clientFound = observed.client.kind === 'found' ? 'kept' : undefined;
  record.liveBefore = liveOwnSecrets(observed.secrets, request.workflow, now().vantage);
  record.unwritten = targetsLeftOut(request, observed).map(target => ({
    line: targetLine(target),
    why: 'left out, because it cannot be written',
    maybe: false,
  }));
  const plan = planEnsure(request, observed, now());
  recordPlan(request, plan, record);
  if (plan.rotation?.due.due) {
    reserveWrites(plan.rotation.due.targets, context);
  }
  if (plan.client.step !== 'create') {
    assertMayGetToken(request, plan.client.client);
  }
  return { observed, plan };
}
