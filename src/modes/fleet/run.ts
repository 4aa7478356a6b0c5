import pMap from 'p-map';
import { countText } from '../../model/dates.ts';
import { asFailure } from '../../model/failure.ts';
import type { FleetClient, FleetRequest } from '../../model/request.ts';
import type { PlanLine } from '../../plan/plan-lines.ts';
import type { Session } from '../../vantage/session.ts';
import { newEnsureRecord } from '../ensure/record.ts';
import { ensure } from '../ensure/run.ts';
import { readMarkedSecrets } from '../reads.ts';
import type { StepContext } from '../step-context.ts';
import { ClientLog, Warnings } from './client-log.ts';
import { endOf, verdictOf } from './ended-client.ts';
import { fleetFailure, StopRule } from './failure.ts';
import { findOrphans } from './find-orphans.ts';
import { PendingClients } from './pending.ts';
import { Progress } from './progress.ts';
import { clientsLeft, endedClients, type FleetRecord, noteEnd, planOf } from './record.ts';

/**
 * Ensures each client of a manifest, several at the same time: one sign-in, and then for each client what a step for that
 * client alone does. A client that fails does not stop the others, unless the others would fail in the same way.
 *
 * @param record gets each client as it ends.
 * @throws Failure that counts the clients that failed or were not begun.
 */
export async function ensureFleet(request: FleetRequest, context: StepContext, record: FleetRecord): Promise<void> {
  const { tokens, openTenant, deadline, log } = context;
  const session = await tokens.signIn(request.signIn);
  const tenant = openTenant(session, request.run.dryRun);
  let marked: ReturnType<typeof readMarkedSecrets> | undefined;
  const shared: StepContext = {
    ...context,
    tokens: { signIn: async () => session, probe: secret => tokens.probe(secret) },
    openTenant: () => tenant,
    markedSecrets: () => {
      marked ??= readMarkedSecrets(tenant, deadline);
      return marked;
    },
  };
  await ensureClients(request, session, shared, record, async () => {
    if (!record.stopped && !deadline.stopCode) {
      await findOrphans(request, tenant, context, record);
    }
  });
  record.plan = planOf(record);
  if (request.run.dryRun) {
    warnOfPace(record, context);
  }
  log.info(countsOf(record));
  const failure = fleetFailure(request, record);
  if (failure) {
    throw failure;
  }
}

/** @param last what takes the place of a client after the last one has begun, while others are still under way. */
async function ensureClients(
  request: FleetRequest,
  session: Session,
  shared: StepContext,
  record: FleetRecord,
  last: () => Promise<void>,
): Promise<void> {
  const { clients, concurrency } = request;
  const { deadline, log } = shared;
  using progress = new Progress(clients.length, log);
  const pending = new PendingClients(shared.savePending);
  const stop = new StopRule(request);
  const warnings = new Warnings(request.warnings.length);
  const ensureOne = async (client: FleetClient) => {
    if (deadline.stopCode) {
      record.stopped ??= deadline.failure('ensuring the clients of the manifest');
    }
    if (record.stopped) {
      return;
    }
    const end = await ensureClient(client, session, pending, warnings, shared);
    noteEnd(record, end);
    record.changed ||= end.hasChanged;
    record.stopped ??= stop.reasonToStop(end.failure);
    progress.count(end.state === 'failed');
  };
  await pMap([...clients, last], work => (typeof work === 'function' ? work() : ensureOne(work)), { concurrency });
  warnings.reportRest(log);
}

/** Ensures one client, and prints what it logged. Never throws. */
function ensureClient(
  { line, request }: FleetClient,
  session: Session,
  pending: PendingClients,
  warnings: Warnings,
  shared: StepContext,
) {
  const { clientId } = request.client;
  const record = newEnsureRecord(clientId);
  return shared.logTo(
    outer => new ClientLog(outer),
    async log => {
      const github = shared.github && { ...shared.github, pace: shared.github.pace.forAnother() };
      const failure = await pending
        .within(clientId, saves =>
          ensure(request, { ...shared, ...saves, github, outputSecret: noOutput, outputAccessToken: noOutput }, record),
        )
        .then(() => undefined, asFailure);
      github?.pace.release();
      record.changed ||= failure?.outcomeUnknown === true;
      const end = endOf(record, line, request.run.dryRun, failure, text => log.redact(text));
      if (failure) {
        log.info(`[${failure.code}] ${failure.message}`);
      }
      log.print(end, verdictOf(end), warnings);
      log.end(secret => session.uses(secret));
      return end;
    },
  );
}

const WRITES: readonly PlanLine['what'][] = ['environment', 'write', 'variable', 'access'];
const MINUTE = 60_000;

/** Warns about a plan that one run cannot finish: a dry run itself writes nothing, and so needs no turn. */
function warnOfPace(record: FleetRecord, { github, deadline, log }: StepContext): void {
  const lines = endedClients(record).flatMap(({ lines = [] }) => lines);
  const writes = lines.filter(({ what }) => WRITES.includes(what)).length;
  const wait = github?.pace.timeUntilLast(writes) ?? 0;
  if (wait > 0 && wait >= deadline.work.remaining()) {
    log.warning(
      `The plan has ${writes} writes to GitHub, and at the pace that GitHub allows the last one starts after ${Math.ceil(wait / MINUTE)} min. A run does as many as fit into its \`timeout\`, and the next run goes on with the rest.`,
      'timeout',
    );
  }
}

function noOutput(): never {
  throw new Error('a client of a manifest has no output');
}

function countsOf(record: FleetRecord): string {
  const ended = endedClients(record);
  const count = (state: string) => ended.filter(end => end.state === state).length;
  const { length: left } = clientsLeft(record);
  const words = [
    `${count('changed')} changed`,
    ...(count('planned') > 0 ? [`${count('planned')} to change`] : []),
    `${count('unchanged')} unchanged`,
    `${count('failed')} failed`,
    ...(left > 0 ? [`${left} not begun`] : []),
  ];
  return `${countText(record.clientIds.size, 'client')}: ${words.join(', ')}.`;
}
