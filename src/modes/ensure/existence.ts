import { isSameClient } from '../../model/client.ts';
import { Failure } from '../../model/failure.ts';
import type { ClientStep } from '../../plan/client-step.ts';
import { readIfPossible } from '../reads.ts';
import { describeRefusal, type EnsuredClient } from './client.ts';
import { type EnsureRun, probeCurrentSecret } from './observe.ts';

/**
 * Checks that a client exists that this run could neither read nor create, and for which it creates no secret: no later
 * request of the run would find out.
 *
 * @throws Failure if the tenant does not have the client, or if Vantage refused to create it and nothing shows that it exists.
 */
export async function assertExists(
  run: EnsureRun,
  { step }: Pick<ClientStep, 'step'>,
  { isNew, refusal }: EnsuredClient,
): Promise<void> {
  if (step !== 'create' || isNew !== 'no') {
    return;
  }
  const { request, observed, context, record } = run;
  const { clientId } = record;
  const warnOfRefusal = (conclusion: string) => {
    if (refusal) {
      context.log.warning(`${describeRefusal(refusal, clientId)} ${conclusion}`, refusal.code);
    }
  };
  const recordExistence = (evidence: string) => {
    record.clientFound = 'kept';
    // Vantage certainly refused to create it, so this run did not.
    record.clientUnknown = false;
    warnOfRefusal(`The client exists: ${evidence}. Its settings were not compared.`);
  };
  // If the id is taken, the client exists somewhere, and current-secret is not sent.
  const isAccepted =
    observed.currentSecretAccepted ?? (refusal && (await probeCurrentSecret(request, context))?.kind === 'accepted');
  if (isAccepted) {
    recordExistence('the token endpoint accepts current-secret');
    return;
  }
  const { clients } = observed.tenant;
  const list = await readIfPossible(budget => clients.list(budget), context.deadline);
  if (list.kind === 'found' && list.found.some(one => isSameClient(one.clientId, clientId))) {
    recordExistence('the tenant lists it');
  } else if (list.kind === 'found' && list.whole) {
    record.clientFound = 'absent';
    throw refusal ?? idTaken(clientId);
  } else if (request.secret.rotate === 'when-due') {
    // A secret that is not due without current-secret means that the targets hold secrets that are young enough.
    warnOfRefusal(
      'It is not known whether the client exists. The targets were written before, and no secret is due. Set current-secret to check it.',
    );
  } else if (refusal) {
    throw refusal;
  }
}

/**
 * The failure if Vantage reports that the id of a client is taken, but the tenant does not have the client.
 *
 * @param request what showed that. Absent: the list of clients.
 */
export function idTaken(clientId: string, request?: string): Failure {
  const evidence = request === undefined ? 'this tenant does not list the client' : 'this tenant has no such client';
  return new Failure('conflict', {
    operation: `ensuring client "${clientId}"`,
    request,
    reason: `Vantage reports that the id is taken, but ${evidence}`,
    advice: 'Another tenant of the region may use the id. Choose another client-id.',
  });
}
