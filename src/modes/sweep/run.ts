import pMap from 'p-map';
import { patternText, pullRequestOf } from '../../model/client.ts';
import { countText } from '../../model/dates.ts';
import { asFailure, Failure, together } from '../../model/failure.ts';
import type { Log } from '../../model/log.ts';
import type { SweepRequest } from '../../model/request.ts';
import { SCHEMA_VERSION } from '../../plan/describe-plan.ts';
import {
  assertWithinLimit,
  doubtOfOwnership,
  type PreviewClient,
  type PullRequestState,
  planSweep,
  type SweepStep,
} from '../../plan/sweep.ts';
import type { Tenant } from '../../vantage/tenant.ts';
import { listClients, readOne } from '../reads.ts';
import type { StepContext } from '../step-context.ts';
import type { SweepRecord, SweptClient } from './record.ts';

/** Failures that every other client would meet as well. */
const GENERAL_FAILURES = ['authentication-failed', 'forbidden', 'unsupported', 'rate-limited'];

/**
 * Deletes the clients of closed pull requests: lists the clients, picks those that match the pattern, reads their pull
 * requests from GitHub, plans, and deletes. Deletes nothing if the plan exceeds its limit.
 *
 * @throws Failure
 */
export async function sweep(request: SweepRequest, context: StepContext, record: SweepRecord): Promise<void> {
  const { log } = context;
  const { tenant, previewClients } = await observe(request, context, record);
  const unreadable = previewClients.map(({ state }) => state).filter(state => state instanceof Failure);
  const [firstUnreadable] = unreadable;
  const steps = planSweep(request, previewClients);
  record.plan = { schemaVersion: SCHEMA_VERSION, mode: 'sweep', steps };
  record.clients = steps.map((step, index) => ({
    ...step,
    ...(previewClients[index]?.state instanceof Failure ? { unreadable: true } : {}),
    fate: step.step === 'keep' ? 'kept' : 'to be deleted',
  }));
  reportPlan(steps, log);
  if (firstUnreadable) {
    log.warning(
      `Clients kept because their pull requests cannot be read: ${unreadable.length}. The first: ${firstUnreadable.message}`,
      'clients kept',
    );
  }
  try {
    assertWithinLimit(request, steps);
    if (request.run.dryRun) {
      log.info('A dry run changes nothing.');
    } else {
      await apply(request, tenant, context, record);
    }
  } finally {
    warnOfUnprovenOwnership(record, context);
  }
  // A sweep that can read no pull request would never delete anything, and never fail.
  if (firstUnreadable && unreadable.length === previewClients.length) {
    throw firstUnreadable;
  }
}

/** What is deleted is one line each. What is kept is folded. */
function reportPlan(steps: readonly SweepStep[], log: Log): void {
  const kept = steps.filter(({ step }) => step === 'keep');
  const print = (list: readonly SweepStep[]) => {
    for (const { clientId, step, why } of list) {
      log.info(`Client "${clientId}": ${step}, because ${why}.`);
    }
  };
  if (kept.length > 0) {
    log.group(`Kept: ${countText(kept.length, 'client')}`, () => print(kept));
  }
  print(steps.filter(({ step }) => step === 'delete'));
}

async function observe(request: SweepRequest, context: StepContext, record: SweepRecord) {
  const { pattern, concurrency, signIn } = request;
  const { tokens, openTenant, log } = context;
  const tenant = openTenant(await tokens.signIn(signIn));
  const clients = await listClients(tenant, context, record);
  const matching = clients
    .flatMap(({ clientId }) => {
      const pullRequest = pullRequestOf(pattern, clientId);
      return pullRequest === undefined ? [] : [{ clientId, pullRequest }];
    })
    .sort((one, other) => one.pullRequest - other.pullRequest);
  log.info(`The tenant has ${clients.length} clients; ${matching.length} match ${patternText(pattern)}.`);
  const stateOf = pullRequestReader(context);
  const look = async ({ clientId, pullRequest }: Pick<PreviewClient, 'clientId' | 'pullRequest'>) => {
    const state = await stateOf(pullRequest);
    const secrets = state === 'closed' ? await readOne(context, () => tenant.secrets.list(clientId)) : undefined;
    return { clientId, pullRequest, state, secrets };
  };
  return { tenant, previewClients: await pMap(matching, look, { concurrency }) };
}

/**
 * Reads pull requests from GitHub, and stops asking once GitHub reports its rate limit. What it returns throws if the step
 * was stopped.
 */
function pullRequestReader({ github, deadline }: StepContext): (pullRequest: number) => Promise<PullRequestState> {
  let limit: Failure | undefined;
  return async pullRequest => {
    if (limit || !github) {
      return limit ?? asFailure(new Error('the request names no GitHub'));
    }
    try {
      return await github.pullRequests.state(pullRequest);
    } catch (error) {
      if (deadline.stopCode) {
        throw error;
      }
      const failure = asFailure(error);
      limit = failure.code === 'rate-limited' ? failure : limit;
      return failure;
    }
  };
}

/** Deletes the clients that the plan names. A client that cannot be deleted does not stop the others. */
async function apply(request: SweepRequest, tenant: Tenant, context: StepContext, record: SweepRecord): Promise<void> {
  const { deadline, log } = context;
  const failures: Failure[] = [];
  const sweepOne = async (client: SweptClient) => {
    if (deadline.stopCode || failures.some(({ code }) => GENERAL_FAILURES.includes(code))) {
      return;
    }
    const result = await deleteOne(client, request, tenant, context).catch((error: unknown) => {
      const failure = asFailure(error);
      failures.push(failure);
      return { ...client, fate: 'failed' as const, failure };
    });
    record.changed ||= result.fate === 'deleted' || failures.some(({ outcomeUnknown }) => outcomeUnknown);
    record.clients = record.clients.map(one => (one === client ? result : one));
    log.info(lineOf(result));
  };
  const toDelete = record.clients.filter(({ step }) => step === 'delete');
  await pMap(toDelete, sweepOne, { concurrency: request.concurrency });
  const operation = 'deleting the clients of closed pull requests';
  if (deadline.stopCode) {
    failures.push(deadline.failure(operation));
  }
  if (failures.length > 0) {
    throw together(operation, failures);
  }
}

function lineOf({ clientId, fate, why }: SweptClient): string {
  const lines: Partial<Record<SweptClient['fate'], string>> = {
    deleted: `Deleted client "${clientId}".`,
    kept: `Kept client "${clientId}", because ${why}.`,
    gone: `Client "${clientId}" does not exist any more.`,
  };
  return lines[fate] ?? `Deleting client "${clientId}" failed.`;
}

/** Reads both again, because the pull request may be open again, and the client may have new secrets, since the plan. */
async function deleteOne(
  client: SweptClient,
  { workflow }: SweepRequest,
  tenant: Tenant,
  context: StepContext,
): Promise<SweptClient> {
  const { clientId, pullRequest } = client;
  const isStillClosed = (await context.github?.pullRequests.state(pullRequest)) === 'closed';
  if (!isStillClosed) {
    return { ...client, fate: 'kept', why: `pull request ${pullRequest} was reopened` };
  }
  const secrets = await readOne(context, () => tenant.secrets.list(clientId));
  const doubt = doubtOfOwnership(secrets, workflow);
  if (doubt === undefined) {
    const deletion = await tenant.clients.delete(clientId);
    return { ...client, fate: deletion === 'deleted' ? 'deleted' : 'gone' };
  }
  const isAbsent = secrets.kind === 'unreadable' && (await tenant.clients.find(clientId)).kind === 'absent';
  return isAbsent ? { ...client, fate: 'gone' } : { ...client, fate: 'kept', why: doubt, unproven: true };
}

/** Also if the sweep fails: nothing deletes these clients later, unless somebody looks at them. */
function warnOfUnprovenOwnership({ clients }: SweepRecord, { log }: StepContext): void {
  const [first, ...more] = clients.filter(({ unproven }) => unproven);
  if (first) {
    const count = more.length === 0 ? '1 client is' : `${more.length + 1} clients are`;
    log.warning(
      `${count} kept although the pull request is closed, because nothing proves that this repository created them. The first: client "${first.clientId}", because ${first.why}. Delete what is no longer needed manually, in Vantage.`,
      'clients kept',
    );
  }
}
