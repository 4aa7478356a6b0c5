import { quoted } from '../../model/failure.ts';
import type { Log } from '../../model/log.ts';
import type { PreparedTarget } from '../../model/prepared-target.ts';
import type { EnsureRequest } from '../../model/request.ts';
import { itemInProse, targetInProse } from '../../model/target.ts';
import { isToCome } from '../../model/time.ts';
import type { ListedSecret, ReadList } from '../../model/vantage.ts';
import { destinationsOf } from '../../plan/destinations.ts';
import { countLiveSecrets, MANY_SECRETS, marksAreReadable, otherSecretWrittenAt } from '../../plan/marked-secrets.ts';
import type { Plan, RotationPlan } from '../../plan/plan.ts';
import { malformedExpirations, missingExpirations, needsMarks, otherClientInVariable } from '../../plan/variables.ts';
import { readOtherSecrets } from '../reads.ts';
import type { StepContext } from '../step-context.ts';
import type { EnsureRun } from './observe.ts';

/** Warns about expiration variables that do not hold a time. */
export function warnOfVariables(targets: readonly PreparedTarget[], log: Log): void {
  for (const { name, value } of malformedExpirations(targets)) {
    log.warning(
      `The ${name} holds ${quoted(value)}, which is not an RFC 3339 time, so it does not show when the secret expires. Delete the variable, or let the next rotation write it.`,
      'expiration',
    );
  }
}

/** Reports expiration variables that are missing and that this run does not write, because the expiration is not known. */
export function reportMissingExpirations({ targets, variables }: Plan, log: Log): void {
  const written = variables.map(({ name, scope }) => itemInProse('variable', name, scope));
  for (const name of missingExpirations(targets).filter(name => !written.includes(name))) {
    log.info(
      `The ${name} does not exist, and it is not known when the secret expires. The next rotation writes the variable.`,
    );
  }
}

/** Warns if targets get a secret that is not valid yet. */
export function warnOfLateStart(
  { life: { startTime } }: RotationPlan,
  targets: readonly PreparedTarget[],
  { now, log }: Pick<StepContext, 'now' | 'log'>,
): void {
  if (targets.length > 0 && isToCome(startTime, now().vantage)) {
    log.warning(
      `The targets get a secret that is not valid before ${startTime.toISOString()}, and it replaces a secret that may be. Remove secret-start-time, unless no job reads the targets before that time.`,
      'inputs',
    );
  }
}

export function warnOfSharedTargets({ workflow }: EnsureRequest, shared: Plan['shared'], log: Log): void {
  const own = `${workflow.repository} (${workflow.host}/${workflow.repositoryId ?? 'unknown'})`;
  for (const { target, by } of shared) {
    log.warning(
      `These repositories write ${targetInProse(target)}: ${[own, ...by].join(', ')}. They use one secret. When it is due, the first of them to run renews it. Each deletes only the secrets that it created.`,
      'targets',
    );
  }
}

/** Warns about targets whose variables name another client: two steps would overwrite each other's secret in every run. */
export function warnOfOtherClients({ observed, context, record: { clientId } }: EnsureRun): void {
  for (const target of observed.targets) {
    const evidence = otherClientInVariable(target, clientId);
    if (evidence !== undefined) {
      context.log.warning(
        `The ${targetInProse(target.target)} serves another client: ${evidence}. ${adviseOneClient(clientId)}`,
        'targets',
      );
    }
  }
}

function adviseOneClient(clientId: string): string {
  return `It now gets a secret of client "${clientId}". If another step writes to it as well, each step overwrites the secret of the other. Give one of them another \`secret-name\` and another \`client-id-variable\`.`;
}

/** How much earlier than requested a secret may expire without a warning, in milliseconds. */
const EXPIRATION_TOLERANCE = 60 * 60_000;

/** Warns if Vantage granted an earlier expiration than requested, and if later runs cannot know it. */
export function warnOfEarlyExpiration(
  { request, observed, context }: EnsureRun,
  targets: readonly PreparedTarget[],
  requested: Date,
  granted: Date,
): void {
  if (granted.getTime() + EXPIRATION_TOLERANCE >= requested.getTime()) {
    return;
  }
  const isLostToLaterRuns =
    request.secret.rotate === 'when-due' &&
    !marksAreReadable(observed.secrets) &&
    targets.some(({ resolved }) => resolved.variables?.expiration === undefined);
  const advice = isLostToLaterRuns
    ? ' This Vantage does not list secrets, so later runs cannot know it. Set `expiration-variable`, or request a `secret-expiration` that Vantage grants.'
    : '';
  context.log.warning(
    `Vantage granted an earlier expiration for the new secret: requested ${requested.toISOString()}, granted ${granted.toISOString()}.${advice}`,
    'expiration',
  );
}

/** Warns if the client has many secrets because each run adds one and nothing deletes them. */
export function warnOfManySecrets({ request, context, record }: EnsureRun): void {
  const { rotate, pruneAfter, revokeAtJobEnd } = request.secret;
  const live = countLiveSecrets(record) ?? 0;
  const isGrowing = record.secret?.fate === 'handed-out' && !pruneAfter && !revokeAtJobEnd;
  if (!isGrowing || live < MANY_SECRETS) {
    return;
  }
  const fewer = rotate === 'always' ? ', or set `rotate: when-due` to create fewer secrets' : '';
  context.log.warning(
    `Client "${record.clientId}" has ${live} live secrets that the action created for this repository, including this one, and nothing deletes superseded secrets. Set \`prune-after\` to delete them${fewer}.`,
    'superseded secrets',
  );
}

/**
 * Warns about inputs that have no effect because this Vantage does not list secrets.
 *
 * @param secrets undefined if Vantage was not asked.
 */
export function warnOfIneffectiveInputs(
  { secret: { pruneAfter, revokeAtJobEnd }, workflow }: EnsureRequest,
  secrets: ReadList<ListedSecret> | undefined,
  log: Log,
): void {
  if (pruneAfter && workflow.repositoryId === undefined) {
    log.warning(
      'prune-after deletes no secret: the runner does not report the id of this repository (GITHUB_REPOSITORY_ID), so no secret is known to belong to it. Delete superseded secrets in Vantage by hand.',
      'inputs',
    );
  }
  const reason = secrets && whyMarksAreUnreadable(secrets);
  if (reason !== undefined && pruneAfter) {
    log.warning(
      `prune-after deletes no secret: ${reason}. Remove the input, and delete superseded secrets in Vantage by hand.`,
      'inputs',
    );
  }
  if (reason !== undefined && revokeAtJobEnd) {
    log.warning(
      `revoke-at-job-end will not delete the secret: ${reason}. Remove the input, or set a short secret-expiration and delete the secret in Vantage by hand.`,
      'inputs',
    );
  }
}

/** @returns undefined if the marks of all secrets are readable. */
function whyMarksAreUnreadable(secrets: ReadList<ListedSecret>): string | undefined {
  if (secrets.kind === 'unreadable') {
    return `this Vantage does not list secrets (${secrets.reason})`;
  }
  if (!secrets.whole) {
    return 'the list of secrets that Vantage returns may be incomplete';
  }
  return marksAreReadable(secrets)
    ? undefined
    : 'Vantage does not show the whole descriptions of secrets, which end with their marks';
}

/**
 * Warns about targets that held the secret of another client before this run wrote them, as the marks of that client show.
 * Ignores targets with a client id variable: `warnOfOtherClients` looks at those.
 */
export async function warnOfReplacedSecrets(run: EnsureRun, targets: readonly PreparedTarget[]): Promise<void> {
  const { request, observed, context, record } = run;
  const { clientId } = record;
  const withoutVariable = targets.filter(needsMarks);
  if (withoutVariable.length === 0) {
    return;
  }
  const others = (await readOtherSecrets(clientId, observed.tenant, context)) ?? [];
  for (const { prepared, isNamedBy } of destinationsOf(withoutVariable, request.workflow, request.delivery.github)) {
    const named = others.filter(({ mark }) => isNamedBy(mark));
    const replaced = prepared?.updatedAt && otherSecretWrittenAt(prepared.updatedAt, named);
    if (replaced) {
      context.log.warning(
        `The ${targetInProse(prepared.target)} held a secret of client "${replaced.clientId}", as its mark shows. ${adviseOneClient(clientId)}`,
        'targets',
      );
    }
  }
}
