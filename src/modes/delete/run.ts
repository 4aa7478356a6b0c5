import { preflight } from '../../github/preflight.ts';
import { pacer } from '../../github/rate-limits.ts';
import { asFailure, Failure, together } from '../../model/failure.ts';
import type { PreparedTarget } from '../../model/prepared-target.ts';
import type { DeleteRequest } from '../../model/request.ts';
import { scopeKey } from '../../model/target.ts';
import type { Presence } from '../../model/vantage.ts';
import {
  type DeletionEvidence,
  type Deletions,
  describeDeletions,
  knownSecrets,
  needsSecrets,
  planDeletions,
} from '../../plan/deletion.ts';
import { destinationsOf } from '../../plan/destinations.ts';
import { unreadableFailure } from '../../vantage/failures.ts';
import type { Tenant } from '../../vantage/tenant.ts';
import { readOtherSecrets } from '../other-secrets.ts';
import { readIfPossible } from '../reads.ts';
import type { StepContext } from '../step-context.ts';
import type { DeleteRecord } from './record.ts';

/**
 * Sees to it that the client is gone, and what GitHub holds of it. GitHub comes first, so that nothing there ever stops
 * working: where something of it remains, the client is kept. What is gone already is fine.
 *
 * @param ledger told of all that is done, as it is done.
 * @throws Failure `unsupported` where this Vantage does not let clients be found or deleted; GitHub's side is done then.
 */
export async function deleteClient(request: DeleteRequest, context: StepContext, record: DeleteRecord): Promise<void> {
  const { clientId } = request;
  const { log } = context;
  const [{ tenant, presence }, targets] = await Promise.all([
    findClient(request, context),
    checkTargets(request, context),
  ]);
  const evidence = await readEvidence(request, presence, targets, tenant, context);
  const deletions = planDeletions({ clientId, targets, ...evidence });
  record.client = presence.kind === 'present' ? 'there' : presence.kind === 'absent' ? 'gone' : 'unknown';
  record.plan = describeDeletions(clientId, presence, deletions);
  tellOfKept(deletions, context, record);
  if (request.run.dryRun) {
    log.info(`A dry run changes nothing. The plan: ${JSON.stringify(record.plan)}`);
  } else {
    await clearGitHub(clientId, deletions, context, record);
  }
  if (presence.kind === 'unreadable') {
    throw unreadableFailure(`deleting client "${clientId}"`, presence);
  }
  if (request.run.dryRun) {
    return;
  }
  const isDeleted = presence.kind !== 'absent' && (await deleteFromVantage(clientId, tenant, record)) === 'deleted';
  log.info(`Client "${clientId}" ${isDeleted ? 'is deleted' : 'is gone already'}.`);
}

async function deleteFromVantage(clientId: string, { clients }: Tenant, record: DeleteRecord) {
  try {
    const end = await clients.delete(clientId);
    record.client = end === 'absent' ? 'gone' : end;
    record.changed ||= end === 'deleted';
    return end;
  } catch (error) {
    record.client = asFailure(error).outcomeUnknown ? 'unknown' : record.client;
    throw error;
  }
}

async function findClient({ clientId, signIn }: DeleteRequest, { tokens, openTenant }: StepContext) {
  const tenant = openTenant(await tokens.signIn(signIn));
  return { tenant, presence: await tenant.clients.find(clientId) };
}

/** Whose secrets the targets hold, where nothing beside them tells: the secrets of the client itself, and those of all others. */
async function readEvidence(
  { clientId, github, workflow }: DeleteRequest,
  presence: Presence,
  targets: readonly PreparedTarget[],
  tenant: Tenant,
  context: StepContext,
): Promise<Omit<DeletionEvidence, 'clientId' | 'targets'>> {
  const destinations = destinationsOf(targets, workflow, github);
  if (presence.kind === 'unreadable' || !targets.some(needsSecrets)) {
    return { destinations, marked: [] };
  }
  const [secrets, others = 'unknown' as const] = await Promise.all([
    presence.kind === 'absent'
      ? undefined
      : readIfPossible(budget => tenant.secrets.list(clientId, budget), context.deadline),
    readOtherSecrets(clientId, tenant, context),
  ]);
  const isGone = presence.kind !== 'present' && secrets?.kind !== 'found';
  return { destinations, marked: secrets ? knownSecrets(secrets) : [], others, isGone };
}

/** What stays though the workflow names it is told of in any case: somebody may have thought that it goes. */
function tellOfKept({ kept }: Deletions, { log }: StepContext, record: DeleteRecord): void {
  if (kept.length > 0) {
    record.kept = kept;
    log.warning(
      `Kept, as it serves another client or may: ${kept.map(({ line, why }) => `${line} (${why})`).join('; ')}.`,
    );
  }
}

async function checkTargets({ github: wanted, workflow }: DeleteRequest, { github }: StepContext) {
  const questions = { workflow, ages: true, missingEnvironments: 'allowed', writes: false } as const;
  const { ready, problem } = github && wanted ? await preflight(wanted, questions, github) : { ready: [] };
  if (problem) {
    throw problem;
  }
  return ready;
}

/**
 * Deletes what GitHub holds. What cannot be deleted does not stop the rest, but for the variables beside a secret that
 * stays: it would lose its client id, and what tells a later run whose it is.
 */
async function clearGitHub(
  clientId: string,
  { secrets, variables }: Deletions,
  { github, deadline, log }: StepContext,
  record: DeleteRecord,
): Promise<void> {
  if (!github) {
    return;
  }
  const paced = pacer(deadline.work);
  const failures: Failure[] = [];
  const isCleared = async (line: string, act: () => Promise<'deleted' | 'gone'>): Promise<boolean> => {
    try {
      if ((await paced(act)) === 'deleted') {
        record.deletedFromGitHub = [...record.deletedFromGitHub, line];
        record.changed = true;
        log.info(`Deleted ${line}.`);
      }
      return true;
    } catch (error) {
      // The pace that is kept gives no failure of its own where the step is stopped.
      const stopped = deadline.stopCode && !(error instanceof Failure);
      const failure = stopped ? deadline.failure(`deleting ${line}`, { service: 'GitHub' }) : asFailure(error);
      record.changed ||= failure.outcomeUnknown;
      failures.push(failure);
      return false;
    }
  };
  const staying = new Set<string>();
  for (const { line, target } of secrets) {
    if (!(await isCleared(line, () => github.secrets.delete(target)))) {
      staying.add(scopeKey(target.scope));
    }
  }
  for (const { line, scope, name } of variables) {
    if (staying.has(scopeKey(scope))) {
      log.info(`The ${line} stays, as a secret beside it does.`);
    } else {
      await isCleared(line, () => github.variables.delete(scope, name));
    }
  }
  if (failures.length > 0) {
    throw together(`deleting what GitHub holds of client "${clientId}", which is kept for now`, failures);
  }
}
