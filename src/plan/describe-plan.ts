import type { ClientRequest } from '../model/client.ts';
import type { PreparedTarget } from '../model/prepared-target.ts';
import { targetLine } from '../model/target.ts';
import type { Presence } from '../model/vantage.ts';
import { type Drift, shortDrift } from './drift.ts';
import type { DueReason } from './due.ts';
import { type Plan, type RotationPlan, replan } from './plan.ts';
import { variableLine, variablesToWrite } from './variables.ts';

/** What a dry run finds out in addition, to predict what a run does. */
export interface DryRunFindings {
  /** It could not be read. */
  readonly clientExists?: boolean;
  /** A secret is created only if the client does not exist. */
  readonly unlessMissing?: boolean;
  readonly clientIsMissing?: boolean;
}

/** Why a run creates a secret, or why it does not. */
export type RotationReason = DueReason | 'not-due' | 'never';

/** The plan after a check whether a client that could not be read exists. */
export function withPresence(plan: Plan, presence: Presence['kind'] | 'unknown'): Plan & DryRunFindings {
  const { client, rotation } = plan;
  if (client.step !== 'create') {
    return plan;
  }
  if (presence === 'present') {
    return { ...plan, clientExists: true };
  }
  if (presence === 'absent') {
    return { ...replan(plan, 'yes'), clientIsMissing: true };
  }
  return rotation && !rotation.due.due ? { ...plan, unlessMissing: true } : plan;
}

/** The result of `describePlan` with its drift as `shortDrift` shows it. */
export function shortPlan(plan: Record<string, unknown>, redact: (text: string) => string): Record<string, unknown> {
  return plan.drift === undefined ? plan : { ...plan, drift: shortDrift(plan.drift as Drift, redact) };
}

/** The plan for the `plan` output. */
export function describePlan(
  { clientId, ifExists }: ClientRequest,
  { client, rotation, targets, prune, variables, clientExists, unlessMissing }: Plan & DryRunFindings,
): Record<string, unknown> {
  const written = rotation?.due.due ? rotation.due.targets : targets;
  const newVariables = rotation?.due.due ? variablesOfNewSecret(clientId, rotation, written) : [];
  const writes = [...newVariables, ...variables].map(write => ({ variable: variableLine(write), value: write.value }));
  return {
    schemaVersion: SCHEMA_VERSION,
    mode: 'ensure',
    clientId,
    client: clientExists ? 'keep' : client.step,
    ifExists,
    ...(client.step === 'create' && !clientExists ? { settings: client.settings } : {}),
    ...(client.step === 'create' ? {} : { drift: client.comparison.drift }),
    ...describeRotation(rotation, unlessMissing),
    ...(written.length > 0 ? { writeTo: written.map(describeTarget) } : {}),
    ...(writes.length > 0 ? { variables: writes } : {}),
    ...(prune.length > 0 ? { prune: prune.map(({ id }) => id) } : {}),
  };
}

/** Vantage decides the expiration. Until then it is the requested one. */
export function variablesOfNewSecret(clientId: string, { end }: RotationPlan, targets: readonly PreparedTarget[]) {
  return variablesToWrite(targets, { clientId, expirationsOf: () => [end], isNew: true });
}

function describeRotation(
  rotation: RotationPlan | undefined,
  unlessMissing = false,
): { readonly reason: RotationReason } & Record<string, unknown> {
  if (!rotation?.due.due) {
    const { dueAt, why } = rotation && !rotation.due.due ? rotation.due : {};
    const secret = unlessMissing ? 'none unless the client is missing' : 'none';
    return { secret, reason: rotation ? 'not-due' : 'never', why, dueAt: dueAt?.toISOString() };
  }
  const { startTime, expiration } = rotation.life;
  return {
    secret: 'mint',
    reason: rotation.due.reason,
    why: rotation.due.why,
    startTime: startTime?.toISOString(),
    expiration: expiration?.toISOString(),
  };
}

function describeTarget({ target, resolved, repositoryAccess }: PreparedTarget): Record<string, unknown> {
  return {
    target: targetLine(target),
    ...(resolved.key ? {} : { environment: 'create' }),
    visibility: repositoryAccess?.visibility,
    variable: resolved.variables?.clientId?.name,
  };
}

/** The version of the JSON Schemas of the `plan` and `results` outputs. It increases with each breaking change. */
export const SCHEMA_VERSION = 1;
