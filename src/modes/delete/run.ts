import { asFailure, Failure, quoted } from '../../model/failure.ts';
import type { PreparedTarget } from '../../model/prepared-target.ts';
import { claimOf, type DeleteRequest } from '../../model/request.ts';
import type { Secret } from '../../model/secret.ts';
import { itemInProse, scopeKey, targetInProse } from '../../model/target.ts';
import type { Presence, Unreadable } from '../../model/vantage.ts';
import {
  type DeletionFacts,
  type Deletions,
  describeDeletions,
  planDeletions,
  readableMarkedSecrets,
} from '../../plan/deletion.ts';
import { destinationsOf } from '../../plan/destinations.ts';
import { deletionLines, deletionVerdict, dryRunTexts } from '../../plan/plan-lines.ts';
import { needsMarks, proseOf } from '../../plan/variables.ts';
import { unreadableFailure } from '../../vantage/failures.ts';
import type { Tenant } from '../../vantage/tenant.ts';
import { GitHubWriter } from '../github-writer.ts';
import { readIfPossible, readOtherSecrets } from '../reads.ts';
import type { StepContext } from '../step-context.ts';
import type { DeleteRecord } from './record.ts';

const GUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/iu;

/**
 * Deletes what GitHub stores of the client, and then the client. In this order, because the secrets in GitHub must never
 * stop working: if one of them cannot be deleted, the client is kept. What does not exist is no error.
 *
 * @throws Failure, `unsupported` if this Vantage does not let clients be found or deleted. GitHub is done by then.
 */
export async function deleteClient(request: DeleteRequest, context: StepContext, record: DeleteRecord): Promise<void> {
  const { clientId, run } = request;
  const { log } = context;
  const [{ tenant, presence }, targets] = await Promise.all([
    findClient(request, context),
    checkTargets(request, context),
  ]);
  const deletions = planDeletions(await readFacts(request, presence, targets, tenant, context));
  record.client = presence.kind === 'present' ? 'present' : presence.kind === 'absent' ? 'absent' : 'unknown';
  record.plan = describeDeletions(clientId, presence, deletions);
  reportKept(request, deletions, context, record);
  if (run.dryRun) {
    record.lines = deletionLines(clientId, presence, deletions);
    for (const text of dryRunTexts(deletionVerdict(record.lines), record.lines)) {
      log.info(text);
    }
  } else {
    await deleteFromGitHub(clientId, deletions, context, record);
  }
  if (presence.kind === 'unreadable') {
    throw unreadableFailure(`deleting client "${clientId}"`, presence);
  }
  if (run.dryRun) {
    return;
  }
  if (presence.kind !== 'absent') {
    record.client = await tenant.clients.delete(clientId).catch((error: unknown) => {
      record.client = asFailure(error).outcomeUnknown ? 'unknown' : record.client;
      throw error;
    });
    record.changed ||= record.client === 'deleted';
  }
  log.info(record.client === 'deleted' ? `Deleted client "${clientId}".` : `Client "${clientId}" does not exist.`);
}

async function findClient({ clientId, signIn, vantage }: DeleteRequest, context: StepContext) {
  const { tokens, openTenant, deadline } = context;
  const session = await tokens.signIn(signIn);
  const tenant = openTenant(session);
  const presence = await tenant.clients.find(clientId);
  if (presence.kind === 'unreadable') {
    assertTenant(await session.token(deadline.work), vantage.tenantId, `deleting client "${clientId}"`, presence);
  }
  return { tenant, presence };
}

/**
 * Without this, a wrong `tenant-id` would delete from GitHub what belongs to a client of the right tenant.
 *
 * @throws Failure `not-found` if the access token is for another tenant.
 */
function assertTenant(token: Secret, tenantId: string, operation: string, { reason }: Unreadable): void {
  const actual = claimOf(token, 'tenant');
  // Only GUIDs can be compared. `tenant-id` may be something else.
  const isComparable = actual !== undefined && [actual, tenantId].every(id => GUID.test(id));
  if (isComparable && actual.toLowerCase() !== tenantId) {
    throw new Failure('not-found', {
      operation,
      reason: `${reason}, and the access token is for the tenant ${quoted(actual)}, not for ${tenantId}`,
      advice: 'Correct `tenant-id`. Nothing was deleted.',
    });
  }
}

/** Reads the secrets of this client and of all others, if only they can show which client a target serves. */
async function readFacts(
  { clientId, github, workflow }: DeleteRequest,
  presence: Presence,
  targets: readonly PreparedTarget[],
  tenant: Tenant,
  context: StepContext,
): Promise<DeletionFacts> {
  const known = { clientId, targets, destinations: destinationsOf(targets, workflow, github) };
  if (presence.kind === 'unreadable' || !targets.some(needsMarks)) {
    return { ...known, marked: [] };
  }
  const [secrets, others = 'unknown' as const] = await Promise.all([
    presence.kind === 'absent'
      ? undefined
      : readIfPossible(budget => tenant.secrets.list(clientId, budget), context.deadline),
    readOtherSecrets(clientId, tenant, context),
  ]);
  const isAbsent = presence.kind !== 'present' && secrets?.kind !== 'found';
  return { ...known, marked: readableMarkedSecrets(secrets), others, isAbsent };
}

/** A warning, also in a dry run: somebody may expect the deletion of what the workflow names. */
function reportKept({ github }: DeleteRequest, { kept }: Deletions, { log }: StepContext, record: DeleteRecord): void {
  if (kept.length > 0) {
    const inProse = proseOf(github);
    record.kept = kept;
    log.warning(
      `Kept, because it serves another client or may: ${kept.map(({ line, why }) => `${inProse(line)} (${why})`).join('; ')}.`,
      'targets',
    );
  }
}

async function checkTargets({ github: wanted, workflow }: DeleteRequest, { github }: StepContext) {
  const questions = { workflow, ages: true, missingEnvironments: 'allowed', writes: false } as const;
  const { ready, problem } = github && wanted ? await github.preflight(wanted, questions) : { ready: [] };
  if (problem) {
    throw problem;
  }
  return ready;
}

/**
 * Deletes secrets and variables from GitHub. An item that cannot be deleted does not stop the others. Variables next to a
 * secret that is kept are kept too, because they show later runs which client the secret belongs to.
 */
async function deleteFromGitHub(
  clientId: string,
  { secrets, variables }: Deletions,
  { github, deadline, log }: StepContext,
  record: DeleteRecord,
): Promise<void> {
  if (!github) {
    return;
  }
  const writer = new GitHubWriter(github, deadline, log, deadline.work);
  const noteRest = (line: string, why: string) => {
    record.notDeleted = [...(record.notDeleted ?? []), { line, why }];
  };
  const tryDelete = async (line: string, prose: string, act: () => Promise<string>): Promise<boolean> => {
    const failure = await writer.attempt(`deleting ${prose}`, async () => {
      if ((await act()) === 'deleted') {
        record.deletedFromGitHub = [...record.deletedFromGitHub, line];
        record.changed = true;
        log.info(`Deleted ${prose}.`);
      }
    });
    record.changed ||= failure?.outcomeUnknown === true;
    if (failure) {
      const outcome = failure.outcomeUnknown ? 'may have been deleted' : 'not deleted';
      noteRest(line, `${outcome}: ${failure.parts.reason}`);
    }
    return failure === undefined;
  };
  const keptScopes = new Set<string>();
  for (const { line, target } of secrets) {
    if (!(await tryDelete(line, targetInProse(target), () => github.secrets.delete(target)))) {
      keptScopes.add(scopeKey(target.scope));
    }
  }
  for (const { line, scope, name } of variables) {
    const prose = itemInProse('variable', name, scope);
    if (keptScopes.has(scopeKey(scope))) {
      log.info(`Kept ${prose}, because the secret next to it is kept.`);
      noteRest(line, 'not deleted: the secret next to it is kept');
    } else {
      await tryDelete(line, prose, () => github.variables.delete(scope, name));
    }
  }
  writer.assertWritten(`deleting what GitHub stores of client "${clientId}", which is kept for now,`);
}
