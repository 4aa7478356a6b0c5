import type { ClientRequest } from '../model/client.ts';
import type { PreparedTarget } from '../model/prepared-target.ts';
import { targetLine } from '../model/target.ts';
import type { Presence } from '../model/vantage.ts';
import { type Drift, shortDrift } from './drift.ts';
import type { DueReason } from './due.ts';
import { type Plan, type RotationPlan, replan } from './plan.ts';
import { type VariableWrite, variableLine, variablesToWrite } from './variables.ts';

/** What a dry run finds out beside, to foretell what a run does. */
export interface Foresight {
  /** A client that could not be read is there. */
  readonly clientExists?: boolean;
  /** A secret is created only if the client turns out to be missing. */
  readonly unlessMissing?: boolean;
}

/** Why a run creates a secret, or why it creates none. */
export type RotationReason = DueReason | 'not-due' | 'never';

/** The plan once it is known whether a client is there that could not be read. */
export function foreseen(plan: Plan, presence: Presence['kind'] | 'unknown'): Plan & Foresight {
  const { client, rotation } = plan;
  if (client.step !== 'create') {
    return plan;
  }
  if (presence === 'present') {
    return { ...plan, clientExists: true };
  }
  if (presence === 'absent') {
    return replan(plan, 'yes');
  }
  return rotation && !rotation.due.due ? { ...plan, unlessMissing: true } : plan;
}

/** The plan as `describePlan` tells it, with what others chose cut short. @param redact hides what is secret before that. */
export function shortPlan(plan: Record<string, unknown>, redact: (text: string) => string): Record<string, unknown> {
  return plan.drift === undefined ? plan : { ...plan, drift: shortDrift(plan.drift as Drift, redact) };
}

/** The plan as the `plan` output shows it. */
export function describePlan(
  { clientId, ifExists }: ClientRequest,
  { client, rotation, targets, prune, variables, clientExists, unlessMissing }: Plan & Foresight,
): Record<string, unknown> {
  const written = rotation?.due.due ? rotation.due.targets : targets;
  const writes = [
    ...(rotation?.due.due ? variablesOfNewSecret(clientId, rotation, written) : []),
    ...variables.map(describeVariable),
  ];
  return {
    schemaVersion: SCHEMA_VERSION,
    mode: 'ensure',
    clientId,
    client: clientExists ? 'keep' : client.step,
    ifExists,
    ...(client.step === 'create'
      ? clientExists
        ? {}
        : { settings: client.settings }
      : { drift: client.comparison.drift }),
    ...describeRotation(rotation, unlessMissing),
    ...(written.length > 0 ? { writeTo: written.map(describeTarget) } : {}),
    ...(writes.length > 0 ? { variables: writes } : {}),
    ...(prune.length > 0 ? { prune: prune.map(({ id }) => id) } : {}),
  };
}

/** The end is Vantage's to tell; until then it is what is asked for. */
function variablesOfNewSecret(clientId: string, { end }: RotationPlan, targets: readonly PreparedTarget[]) {
  return variablesToWrite(targets, { clientId, endsOf: () => [end] }).map(describeVariable);
}

function describeVariable(write: VariableWrite): Record<string, string> {
  return { variable: variableLine(write), value: write.value };
}

function describeRotation(
  rotation: RotationPlan | undefined,
  unlessMissing = false,
): { readonly reason: RotationReason } & Record<string, unknown> {
  if (!rotation?.due.due) {
    const dueAt = rotation && !rotation.due.due ? rotation.due.dueAt : undefined;
    const secret = unlessMissing ? 'none unless the client is missing' : 'none';
    return { secret, reason: rotation ? 'not-due' : 'never', ...(dueAt ? { dueAt: dueAt.toISOString() } : {}) };
  }
  const { startTime, expiration } = rotation.life;
  return {
    secret: 'mint',
    reason: rotation.due.reason,
    why: rotation.due.why,
    ...(startTime ? { startTime: startTime.toISOString() } : {}),
    ...(expiration ? { expiration: expiration.toISOString() } : {}),
  };
}

function describeTarget({ target, resolved, repositoryAccess }: PreparedTarget): Record<string, unknown> {
  return {
    target: targetLine(target),
    ...(resolved.key ? {} : { environment: 'create' }),
    ...(repositoryAccess ? { visibility: repositoryAccess.visibility } : {}),
    ...(resolved.variables?.clientId ? { variable: resolved.variables.clientId.name } : {}),
  };
}

/** The version of the JSON Schemas of the `plan` and `results` outputs. It counts changes that break a reader. */
export const SCHEMA_VERSION = 1;
