import { quoted } from '../../model/failure.ts';
import type { Log } from '../../model/log.ts';
import type { PreparedTarget } from '../../model/prepared-target.ts';
import type { EnsureRequest } from '../../model/request.ts';
import { targetLine } from '../../model/target.ts';
import type { ListedSecret, ReadList } from '../../model/vantage.ts';
import { destinationsOf } from '../../plan/destinations.ts';
import { tellsMarks } from '../../plan/ends.ts';
import { countLiveSecrets, MANY_SECRETS, secretOfWrite } from '../../plan/marked-secrets.ts';
import type { Plan, RotationPlan } from '../../plan/plan.ts';
import { malformedExpirations, missingExpirations, otherClientBeside, variableLine } from '../../plan/variables.ts';
import type { Tenant } from '../../vantage/tenant.ts';
import { readOtherSecrets } from '../other-secrets.ts';
import type { StepContext } from '../step-context.ts';
import type { EnsureRecord } from './record.ts';

/** Says which expiration variables hold no time, so that they tell nothing. */
export function warnOfVariables(targets: readonly PreparedTarget[], log: Log): void {
  for (const { line, value } of malformedExpirations(targets)) {
    log.warning(
      `The ${line} holds ${quoted(value)}, which is no time (RFC 3339), so it says nothing of when the secret expires. Delete it, or let the next rotation write it.`,
    );
  }
}

/** Says which expiration variables stay missing, as nothing tells when the secret beside them expires. */
export function tellUnknownEnds({ targets, variables }: Plan, log: Log): void {
  const written = variables.map(variableLine);
  for (const line of missingExpirations(targets).filter(line => !written.includes(line))) {
    log.info(`The ${line} is missing, and when the secret expires is not known here: the next rotation writes it.`);
  }
}

/** Says that targets are to hold a secret that does not work before its start. */
export function warnOfStart(
  { life: { startTime } }: RotationPlan,
  targets: readonly PreparedTarget[],
  { now, log }: Pick<StepContext, 'now' | 'log'>,
): void {
  if (targets.length > 0 && startTime && startTime > now().vantage) {
    log.warning(
      `The targets get a secret that does not work before ${startTime.toISOString()}, in place of one that may. Leave out secret-start-time, unless no job reads them before.`,
    );
  }
}

/** Says with whom targets are shared, as each repository creates secrets for them when one is due. */
export function warnOfSharing({ workflow }: EnsureRequest, shared: Plan['shared'], log: Log): void {
  const own = `${workflow.repository} (${workflow.host}/${workflow.repositoryId ?? 'unknown'})`;
  for (const { line, by } of shared) {
    log.warning(
      `${line} is shared: ${own} writes it, and so does ${by.join(', ')}. They use one secret, which the first of them to run renews when it is due, and each deletes only what it created.`,
    );
  }
}

/** Says which targets another client is delivered to as well: two steps would undo each other's work for ever. */
export function warnOfOtherClients(
  { client: { clientId } }: EnsureRequest,
  targets: readonly PreparedTarget[],
  log: Log,
) {
  for (const target of targets) {
    const names = otherClientBeside(target, clientId);
    if (names !== undefined) {
      log.warning(`${targetLine(target.target)} serves another client, as ${names}. ${twoSteps(clientId)}`);
    }
  }
}

/** What becomes of a target that two steps write for two clients. */
export function twoSteps(clientId: string): string {
  return `It now gets a secret of client "${clientId}". If another step delivers to it as well, each undoes what the other did: give one of them another \`secret-name\` and another \`client-id-variable\`.`;
}

/** How much earlier than it was asked for a secret may end without a word, in milliseconds. */
const SLACK = 60 * 60_000;

/**
 * Says that Vantage granted a delivered secret an earlier end than was asked for, and where later runs will count with
 * the end that was asked for.
 *
 * @param secrets the list of the client's secrets, as this Vantage gave it before.
 */
export function warnOfEarlyEnd(
  { secret: { rotate } }: EnsureRequest,
  { end, targets }: Pick<RotationPlan, 'end'> & Pick<Plan, 'targets'>,
  secrets: ReadList<ListedSecret> | undefined,
  granted: Date,
  log: Log,
): void {
  if (granted.getTime() + SLACK >= end.getTime()) {
    return;
  }
  const isForgotten =
    rotate === 'when-due' &&
    !tellsMarks(secrets) &&
    targets.some(({ resolved }) => resolved.variables?.expiration === undefined);
  const hint = isForgotten
    ? ' Where Vantage does not list secrets, later runs cannot know that: name `expiration-variable`, or ask for a `secret-expiration` that Vantage grants.'
    : '';
  log.warning(
    `Vantage granted the new secret an earlier end than was asked for: asked ${end.toISOString()}, granted ${granted.toISOString()}.${hint}`,
  );
}

/** Says that each run adds a secret, and none ever goes, once there are many. */
export function warnOfGrowth(
  { secret: { rotate, pruneAfter, revokeAtJobEnd } }: EnsureRequest,
  record: EnsureRecord,
  log: Log,
): void {
  const live = countLiveSecrets(record) ?? 0;
  const isGrowing = record.secret?.fate === 'handed-out' && !pruneAfter && !revokeAtJobEnd;
  if (!isGrowing || live < MANY_SECRETS) {
    return;
  }
  const lessOften = rotate === 'always' ? ', or create fewer: set `rotate: when-due`' : '';
  log.warning(
    `Client "${record.clientId}" has ${live} live secrets that the action created for this repository, this one included, and nothing deletes those that it superseded. Have them deleted: set \`prune-after\`${lessOften}.`,
  );
}

/** Says which inputs do nothing where this Vantage does not list secrets. @param secrets absent where it was not asked. */
export function warnOfLists(
  { secret, workflow }: EnsureRequest,
  secrets: ReadList<ListedSecret> | undefined,
  log: Log,
): void {
  if (secret.pruneAfter && workflow.repositoryId === undefined) {
    log.warning(
      'prune-after deletes no secret: the runner does not tell the id of this repository (GITHUB_REPOSITORY_ID), so no secret is provably its own. Delete superseded secrets in Vantage by hand.',
    );
  }
  const why = secrets && reasonAgainst(secrets);
  if (why === undefined) {
    return;
  }
  if (secret.pruneAfter) {
    log.warning(
      `prune-after deletes no secret: ${why}. Leave it out, and delete superseded secrets in Vantage by hand.`,
    );
  }
  if (secret.revokeAtJobEnd) {
    log.warning(
      `revoke-at-job-end will not delete the secret: ${why}. Leave it out, or give a short secret-expiration and delete the secret in Vantage by hand.`,
    );
  }
}

function reasonAgainst(secrets: ReadList<ListedSecret>): string | undefined {
  if (secrets.kind === 'unreadable') {
    return `this Vantage does not list secrets (${secrets.reason})`;
  }
  if (!secrets.whole) {
    return 'the list of secrets that Vantage answers may be cut';
  }
  return tellsMarks(secrets)
    ? undefined
    : 'Vantage does not show the whole descriptions of secrets, which end in their marks';
}

/**
 * Says which targets held the secret of another client before this run wrote them, as the marks of that client tell. Where
 * a variable beside a target tells, nobody is asked.
 */
export async function warnOfRivals(
  { client: { clientId }, workflow, delivery }: EnsureRequest,
  targets: readonly PreparedTarget[],
  tenant: Tenant,
  context: StepContext,
): Promise<void> {
  const unreported = targets.filter(
    ({ updatedAt, resolved }) => updatedAt && resolved.variables?.clientId?.value === undefined,
  );
  if (unreported.length === 0) {
    return;
  }
  const others = (await readOtherSecrets(clientId, tenant, context)) ?? [];
  for (const { prepared, isNamedBy } of destinationsOf(unreported, workflow, delivery.github)) {
    const named = others.filter(({ mark }) => isNamedBy(mark));
    const rival = prepared?.updatedAt && secretOfWrite(prepared.updatedAt, named);
    if (prepared && rival) {
      context.log.warning(
        `${targetLine(prepared.target)} held a secret of client "${rival.clientId}", as its mark says. ${twoSteps(clientId)}`,
      );
    }
  }
}
