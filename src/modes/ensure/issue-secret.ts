import { Failure } from '../../model/failure.ts';
import type { PreparedTarget } from '../../model/prepared-target.ts';
import { targetLine } from '../../model/target.ts';
import { destinationsOf } from '../../plan/destinations.ts';
import { parseVantageTime } from '../../plan/marked-secrets.ts';
import type { RotationPlan } from '../../plan/plan.ts';
import type { IssuedToken } from '../../vantage/token-answers.ts';
import { GitHubWriter } from '../github-writer.ts';
import { revokeMarked } from '../revoke.ts';
import { describeRefusal, type EnsuredClient } from './client.ts';
import { type CreatedSecret, createSecret } from './create-secret.ts';
import { idTaken } from './existence.ts';
import type { EnsureRun } from './observe.ts';
import { expirationOf, type PendingSecret, withPendingSecret } from './pending-secret.ts';
import type { Unfinished } from './unfinished.ts';
import { verifySecret } from './verify-secret.ts';
import { failedDelivery, partialDelivery, possiblyWritten, writeTargets } from './write-targets.ts';

interface Issue {
  readonly client: EnsuredClient;
  readonly rotation: RotationPlan;
  readonly targets: readonly PreparedTarget[];
  readonly unfinished: Unfinished;
}

/**
 * Creates a secret, verifies it and delivers it. If this fails before anything holds the secret, revokes it.
 *
 * @throws Failure
 */
export async function issueSecret(run: EnsureRun, issue: Issue): Promise<void> {
  const { request, context, record } = run;
  const { deadline, log } = context;
  const { clientId } = record;
  const { verify, revokeAtJobEnd } = request.secret;
  const created = await create(run, issue);
  reportRefusal(run, issue.client);
  await withPendingSecret(run, created, async pending => {
    const { client, rotation } = issue;
    const token = verify ? await verifySecret(run, pending, client.settings, rotation.life.startTime) : undefined;
    if (deadline.stopCode) {
      throw deadline.failure(`delivering the new secret of client "${clientId}"`);
    }
    if (issue.targets.length > 0) {
      issue.unfinished.beginDelivery(created, clientId);
    }
    pending.beginDelivery(revokeAtJobEnd);
    await deliver(run, issue, pending, token);
  });
  log.info(`Delivered the new secret. It expires ${expirationOf(created)}.`);
  record.secretLost = !(await revokeUnconfirmed(run, created));
}

async function create(run: EnsureRun, { client, rotation, targets }: Issue): Promise<CreatedSecret> {
  const { request, record } = run;
  const { workflow, delivery } = request;
  const destinations = destinationsOf(targets, workflow, delivery.github, delivery.outputSecret);
  const wanted = {
    life: rotation.life,
    clock: rotation.clock,
    digests: destinations.map(({ digest }) => digest),
    isNewClient: client.isNew !== 'no' || client.refusal?.outcomeUnknown === true,
  };
  const created = await createSecret(run, wanted).catch((error: unknown) => {
    record.secretLost = !(error instanceof Failure) || error.outcomeUnknown || error.code === 'secret-unaccounted';
    if (error instanceof Failure && error.code === 'not-found') {
      record.clientFound = undefined;
      throw client.refusal ?? (client.isTaken ? idTaken(record.clientId, error.parts.request) : error);
    }
    throw error;
  });
  record.secretLost = created.unconfirmedMarks.length > 0;
  return created;
}

/** Warns that Vantage refused to create the client. A secret was created for it, so it exists. */
function reportRefusal({ context, record }: EnsureRun, { refusal }: EnsuredClient): void {
  if (refusal) {
    // An attempt to create it may have succeeded.
    record.clientUnknown = refusal.outcomeUnknown;
    record.clientFound = 'kept';
    context.log.warning(
      `${describeRefusal(refusal, record.clientId)} The client exists: Vantage created a secret for it. Its settings were not compared.`,
      refusal.code,
    );
  }
}

/**
 * Writes the secret to the targets and then sets the outputs. Keeps the secret as soon as one of them holds it, or may hold
 * it.
 */
async function deliver(
  { request, context, record }: EnsureRun,
  { rotation, targets }: Issue,
  pending: PendingSecret,
  token: IssuedToken | undefined,
): Promise<void> {
  const { github, deadline, log } = context;
  const { clientId } = record;
  const { value: secret, expiration } = pending.created;
  const end = parseVantageTime(expiration) ?? rotation.end;
  const writer = github && new GitHubWriter(github, deadline, log);
  const result = writer && (await writeTargets({ clientId, secret, end, targets }, writer));
  if (result) {
    const unwritten = result.unwritten.map(({ target, failure }) => ({
      line: targetLine(target),
      why: failure.parts.reason,
      maybe: failure.outcomeUnknown,
    }));
    record.written = result.written.map(targetLine);
    record.unwritten = [...record.unwritten, ...unwritten];
    record.otherWrites = [...record.otherWrites, ...result.variables];
    if (result.written.length + possiblyWritten(result).length === 0) {
      throw failedDelivery(result);
    }
    pending.keep();
  }
  if (request.delivery.outputSecret) {
    context.outputSecret(secret);
    pending.keep();
  }
  if (token) {
    context.outputAccessToken(token);
  }
  if (result && result.failures.length > 0) {
    throw partialDelivery(result);
  }
}

/**
 * Revokes the secrets that Vantage did not confirm and may list by now. The post step tries again.
 *
 * @returns whether none of them remains.
 */
async function revokeUnconfirmed(
  { observed, context, record }: EnsureRun,
  { unconfirmedMarks }: CreatedSecret,
): Promise<boolean> {
  let areRevoked = true;
  for (const mark of unconfirmedMarks) {
    const { kind } = await revokeMarked(observed.tenant, record.clientId, mark, context.deadline.work);
    if (kind === 'revoked') {
      record.lost = record.lost.filter(secret => secret.mark !== mark);
      context.log.info(`Vantage now lists the secret that it did not confirm. Revoked it: ${mark}`);
    }
    areRevoked &&= kind === 'revoked';
  }
  return areRevoked;
}
