import { isSameClient } from '../../model/client.ts';
import { Failure } from '../../model/failure.ts';
import type { EnsureRequest } from '../../model/request.ts';
import type { ClientStep } from '../../plan/client-step.ts';
import type { Tenant } from '../../vantage/tenant.ts';
import { readIfPossible } from '../reads.ts';
import type { StepContext } from '../step-context.ts';
import { describeRefusal, type EnsuredClient } from './client.ts';
import type { Observed } from './preview.ts';
import type { EnsureRecord } from './record.ts';

/** What trying `current-secret` is for. */
export function tryingCurrentSecret(clientId: string) {
  return { operation: `trying current-secret for client "${clientId}"`, clientId };
}

/**
 * Makes sure, as far as anything tells, that a client exists which this run could neither read nor create, and for which
 * it creates no secret: no further request would find out.
 *
 * @throws Failure where the tenant has no such client, or where Vantage refused to create it and nothing says that it exists.
 */
export async function assertExists(
  request: EnsureRequest,
  { step }: Pick<ClientStep, 'step'>,
  { isNew, refusal }: EnsuredClient,
  observed: Observed,
  context: StepContext,
  record: EnsureRecord,
): Promise<void> {
  if (step !== 'create' || isNew !== 'no') {
    return;
  }
  const { clientId } = request.client;
  const exists = (evidence: string) => {
    record.clientFound = 'kept';
    // The refusal was for certain: no attempt at its creation made it.
    record.clientUnknown = false;
    conclude(`It exists, as ${evidence}; its settings were not compared.`);
  };
  const conclude = (conclusion: string) => {
    if (refusal) {
      context.log.warning(`${describeRefusal(refusal, clientId)} ${conclusion}`);
    }
  };
  if (await isCurrentSecretAccepted(request, refusal, observed, context)) {
    exists('the token endpoint takes current-secret');
    return;
  }
  const isListed = await isInTenant(clientId, observed.tenant, context);
  if (isListed === false) {
    record.clientFound = 'absent';
    throw refusal ?? takenElsewhere(clientId);
  }
  if (isListed) {
    exists('the tenant lists it');
  } else if (request.secret.rotate === 'when-due') {
    // Not due without current-secret: so the targets hold secrets that are young enough.
    conclude(
      'Whether it exists could not be found out. The targets were written before, and no secret is due; give current-secret to have it tried.',
    );
  } else if (refusal) {
    throw refusal;
  }
}

async function isCurrentSecretAccepted(
  { client: { clientId }, secret: { currentSecret } }: EnsureRequest,
  refusal: Failure | undefined,
  { currentSecretAccepted }: Observed,
  { tokens }: StepContext,
): Promise<boolean> {
  if (currentSecretAccepted !== undefined || !currentSecret || !refusal) {
    return currentSecretAccepted === true;
  }
  return (await tokens.probe({ ...tryingCurrentSecret(clientId), secret: currentSecret })).kind === 'accepted';
}

/** Whether the tenant has a client, or undefined where it does not tell of all that it has. */
async function isInTenant(
  clientId: string,
  { clients }: Tenant,
  { deadline }: StepContext,
): Promise<boolean | undefined> {
  const list = await readIfPossible(budget => clients.list(budget), deadline);
  if (list.kind === 'unreadable') {
    return undefined;
  }
  return list.found.some(one => isSameClient(one.clientId, clientId)) || (list.whole ? false : undefined);
}

function takenElsewhere(clientId: string): Failure {
  return new Failure('conflict', {
    operation: `ensuring client "${clientId}"`,
    reason: 'Vantage says that its id is taken, and this tenant does not list such a client',
    advice: 'Another tenant of the region may have it: choose another client-id.',
  });
}
