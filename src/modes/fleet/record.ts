import type { Failure } from '../../model/failure.ts';
import type { FleetRequest } from '../../model/request.ts';
import { SCHEMA_VERSION } from '../../plan/describe-plan.ts';
import type { OrphanedClient } from '../../plan/orphans.ts';
import type { PlanLine } from '../../plan/plan-lines.ts';
import type { ReportedRun, RunRecord } from '../../report/outputs.ts';
import { newEnsureRecord, resultOf } from '../ensure/record.ts';

/** A client of the manifest whose run has ended. */
export interface EndedClient {
  readonly clientId: string;
  /** The line of its entry in the manifest. */
  readonly line: number;
  /**
   * `planned`: a dry run found something to do. `changed` also if the run may have changed something. `left`: there was no
   * time for its writes, so nothing was begun.
   */
  readonly state: 'changed' | 'planned' | 'unchanged' | 'failed' | 'left';
  /** What changed, in words. Also for a client that failed. */
  readonly changes: readonly string[];
  readonly failure?: Failure;
  /** The settings that differ from the manifest, and that no run writes. */
  readonly differs?: readonly string[];
  /** Set if a secret may exist that nobody holds, although the client ended well. */
  readonly secretLost?: true;
  /** The object in the `results` output. */
  readonly result: object;
  /** The step in the `plan` output. Absent if there is nothing to do, or if the run ended before there was a plan. */
  readonly step?: Readonly<Record<string, unknown>>;
  /** What a run would change, after a dry run. */
  readonly lines?: readonly PlanLine[];
}

/** What a run of a fleet has done so far. */
export interface FleetRecord extends RunRecord {
  readonly mode: 'ensure';
  /** The ids of the clients of this run, in the order of the manifest. */
  readonly clientIds: ReadonlySet<string>;
  /** The clients whose run has ended, by id. */
  readonly ended: Map<string, EndedClient>;
  /** How many of them had something to do. */
  toDo: number;
  /** Why the run left the other clients alone. Absent while it goes on, and if it began all of them. */
  stopped?: Failure | undefined;
  /** The clients in the tenant that the manifest does not name although this repository created secrets for them. */
  orphaned: readonly OrphanedClient[];
  /** Why it is not known whether there are others. */
  orphansUnknown?: string;
}

/** The record of a run that has done nothing yet. */
export function newFleetRecord({ clients }: Pick<FleetRequest, 'clients'>): FleetRecord {
  return {
    mode: 'ensure',
    clientIds: new Set(clients.map(({ request }) => request.client.clientId)),
    ended: new Map(),
    toDo: 0,
    orphaned: [],
    changed: false,
  };
}

/** The outputs of a fleet. */
export function reportFleet(record: FleetRecord): ReportedRun {
  return {
    record,
    outputs: () => ({}),
    results: failure => resultsOf(record, failure),
    firstResults: 'those that failed or changed',
    stepsOfPlan: () => record.toDo,
  };
}

/** The clients whose run has ended, in the order of the manifest. */
export function endedClients({ clientIds, ended }: FleetRecord): readonly EndedClient[] {
  return [...clientIds].flatMap(clientId => ended.get(clientId) ?? []);
}

/** The ids of the clients that the run did not begin. */
export function clientsLeft({ clientIds, ended }: FleetRecord): readonly string[] {
  return [...clientIds].filter(clientId => (ended.get(clientId)?.state ?? 'left') === 'left');
}

/** Failed clients first, then those that changed, then those that were not begun. So those are kept that matter most. */
function resultsOf(record: FleetRecord, failure: Failure | undefined): readonly object[] {
  const ended = endedClients(record);
  const results = (...states: readonly EndedClient['state'][]) =>
    ended.filter(({ state }) => states.includes(state)).map(({ result }) => result);
  const left = clientsLeft(record).map(clientId => ({
    ...(record.ended.get(clientId)?.result ?? resultOf(newEnsureRecord(clientId), record.stopped ?? failure)),
    begun: false,
  }));
  const orphaned = record.orphaned.map(({ clientId, liveSecrets }) => ({
    ...resultOf({ ...newEnsureRecord(clientId), clientFound: 'kept' }, undefined),
    liveSecrets,
    orphaned: true,
  }));
  return [...results('failed'), ...results('changed', 'planned'), ...left, ...orphaned, ...results('unchanged')];
}

/** The most steps of the plan that are kept: more do not fit into the output. */
const MAX_STEPS = 3000;

/** Notes that the run of a client has ended. */
export function noteEnd(record: FleetRecord, end: EndedClient): void {
  const { step, lines: _lines, ...rest } = end;
  if (step) {
    record.toDo += 1;
  }
  record.ended.set(end.clientId, step && record.toDo <= MAX_STEPS ? end : rest);
}

/** The `plan` output: what to do, client by client. Clients with nothing to do are only counted. */
export function planOf(record: FleetRecord): Record<string, unknown> {
  const steps = endedClients(record).flatMap(({ step }) => step ?? []);
  return {
    schemaVersion: SCHEMA_VERSION,
    mode: 'fleet',
    clients: record.clientIds.size,
    toDo: record.toDo,
    orphaned: record.orphaned.map(({ clientId }) => clientId),
    steps,
  };
}
