import type { EnsureRequest } from '../../model/request.ts';
import { targetLine } from '../../model/target.ts';
import { liveOwnSecrets } from '../../plan/marked-secrets.ts';
import { planEnsure } from '../../plan/plan.ts';
import type { StepContext } from '../step-context.ts';
import { assertMayGetToken } from './access-token.ts';
import { apply } from './apply.ts';
import { type Observed, observe } from './observe.ts';
import { preview, recordPlan } from './preview.ts';
import type { EnsureRecord, UnwrittenTarget } from './record.ts';
import { warnOfOtherClients, warnOfSharedTargets, warnOfVariables } from './warnings.ts';
import { reserveWrites, waitForTurn } from './write-turns.ts';

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
  const { log, now } = context;

  const observed = await observe(request, context);
  record.clientFound = observed.client.kind === 'found' ? 'kept' : undefined;
  record.liveBefore = liveOwnSecrets(observed.secrets, request.workflow, now().vantage);

  if (observed.targetsFailure) {
    record.unwritten = targetsLeftOut(request, observed);
  }
  const plan = planEnsure(request, observed, now());
  recordPlan(request, plan, record);
  if (plan.rotation?.due.due) {
    reserveWrites(plan.rotation.due.targets, context);
  }
  if (plan.client.step !== 'create') {
    assertMayGetToken(request, plan.client.client);
  }
  warnOfVariables(observed.targets, log);
  warnOfOtherClients(request, observed.targets, log);
  warnOfSharedTargets(request, plan.shared, log);

  if (request.run.dryRun) {
    await preview(request, plan, observed, context, record, options);
  } else {
    await waitForTurn(context);
    await apply(request, plan, observed, context, record);
  }
}

function targetsLeftOut({ delivery: { github } }: EnsureRequest, { targets }: Observed): readonly UnwrittenTarget[] {
  const ready = targets.map(({ target }) => targetLine(target));
  const lines = (github?.targets ?? []).map(targetLine);
  return lines
    .filter(line => !ready.includes(line))
    .map(line => ({ line, why: 'left out, because it cannot be written', maybe: false }));
}
