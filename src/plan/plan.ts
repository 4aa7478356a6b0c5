import { isSameClient } from '../model/client.ts';
import { isOwnMark } from '../model/mark.ts';
import type { PreparedTarget } from '../model/prepared-target.ts';
import { type EnsureRequest, signedInClient, type WorkflowRun } from '../model/request.ts';
import { defaultEnd, resolveLife, type Secret, type SecretLife } from '../model/secret.ts';
import { type Target, targetLine } from '../model/target.ts';
import { type Clocks, clockOfMarks } from '../model/time.ts';
import type { ListedSecret, Read, ReadableClient, ReadList } from '../model/vantage.ts';
import { type ClientStep, planClient } from './client-step.ts';
import { destinationsOf } from './destinations.ts';
import { type Due, type DueReason, decideDue } from './due.ts';
import type { RotationFacts } from './due-dates.ts';
import { likelyHeldSecrets, type MarkedSecret, markedSecrets, marksAreReadable, secretsFor } from './marked-secrets.ts';
import { planPrune } from './prune.ts';
import { type VariableWrite, variablesToWrite } from './variables.ts';

/** Whether this run created the client. `maybe`: a response was lost. */
export type Newness = 'no' | 'maybe' | 'yes';

/** Why a secret is due for a client that this run created, or may have created, whatever the targets hold. */
const DUE_AS_NEW: Record<Exclude<Newness, 'no'>, { readonly reason: DueReason; readonly why: string }> = {
  yes: { reason: 'new-client', why: 'the client is new' },
  maybe: { reason: 'maybe-new-client', why: 'the client may be new' },
};

/** What Vantage and GitHub report before anything is changed. */
export interface Observation {
  readonly client: Read<ReadableClient>;
  /** Undefined if they were not read because the step creates no secret. */
  readonly secrets: ReadList<ListedSecret> | undefined;
  readonly targets: readonly PreparedTarget[];
  /** Whether the token endpoint accepts `current-secret`. Undefined if the workflow does not set it. */
  readonly currentSecretAccepted: boolean | undefined;
}

/** The parts of the request that a plan needs. */
export type Wanted = Pick<EnsureRequest, 'client' | 'secret' | 'signIn' | 'workflow' | 'delivery'> & {
  /** The maximum duration of a run of the step, in milliseconds. Default: the maximum of any run. */
  readonly run?: Pick<EnsureRequest['run'], 'timeout'>;
};

export interface Plan {
  readonly client: ClientStep;
  /** Absent if `rotate` is `never`. */
  readonly rotation?: RotationPlan;
  readonly targets: readonly PreparedTarget[];
  readonly prune: readonly MarkedSecret[];
  /** The variables to write next to the targets that get no new secret. */
  readonly variables: readonly VariableWrite[];
  /** The targets that other repositories also write, and those repositories, by name and id. */
  readonly shared: readonly { readonly target: Target; readonly by: readonly string[] }[];
}

export interface RotationPlan {
  readonly life: SecretLife;
  readonly due: Due;
  /** The clock of the secret's mark. See `clockOfMarks`. */
  readonly clock: keyof Clocks;
  /** The requested expiration of the secret, or the documented default. */
  readonly end: Date;
  /** With `when-due`: the existing targets of which Vantage does not report whether their secret works. */
  readonly unreported: readonly string[];
}

/** Decides what to do, by nothing but the request, the observation and the time. @throws Failure as `planClient`. */
export function planEnsure(wanted: Wanted, observed: Observation, now: Clocks): Plan {
  const client = planClient(wanted.client, observed.client);
  if (wanted.secret.rotate === 'never') {
    return { client, targets: [], prune: [], variables: [], shared: [] };
  }
  const { targets, secrets } = observed;
  const { workflow, secret, delivery } = wanted;
  const { clientId } = wanted.client;
  const listed = secrets?.kind === 'found' && secrets.whole ? secrets.found : [];
  const marked = markedSecrets(listed);
  const destinations = destinationsOf(targets, workflow, delivery.github, delivery.outputSecret);
  const byTarget = new Map(destinations.map(one => [one.prepared, secretsFor(one, marked)]));
  const facts: RotationFacts = {
    currentSecret: currentSecretOf(wanted, observed),
    secrets,
    secretsFor: target => byTarget.get(target) ?? [],
    targets,
    outputSecrets: targets.length > 0 ? byTarget.get(undefined) : undefined,
    clientId,
    longestRun: wanted.run?.timeout,
  };
  const due: Due =
    secret.rotate === 'always'
      ? { due: true, reason: 'always', why: 'rotate is always', targets }
      : decideDue(secret, facts, now);
  const clock = clockOfMarks(targets);
  const mayBeInUse = inUseMatcher(listed, wanted, observed);
  const pruneFacts = { workflow, listed, marked, destinations, mayBeInUse, marksNow: now[clock] };
  const prune = secret.pruneAfter ? planPrune(secret.pruneAfter, pruneFacts, now.vantage) : [];
  const life = resolveLife(secret, now.vantage);
  const end = life.expiration ?? defaultEnd(now.vantage);
  const rotation = { life, due, clock, end, unreported: unreportedTargets(wanted, observed) };
  const notRotated = due.due ? targets.filter(target => !due.targets.includes(target)) : targets;
  const expirationsOf = (target: PreparedTarget) => likelyExpirations(target, facts);
  const variables = variablesToWrite(notRotated, { clientId, expirationsOf });
  return { client, rotation, targets, prune, variables, shared: sharedTargets(facts, workflow) };
}

/** The expirations of the secrets that a target can hold. Empty if Vantage does not report them. */
function likelyExpirations(target: PreparedTarget, facts: RotationFacts): readonly Date[] {
  if (!marksAreReadable(facts.secrets) || !target.updatedAt) {
    return [];
  }
  const held = likelyHeldSecrets(target.updatedAt, facts.secretsFor(target), facts.longestRun);
  return held.flatMap(({ expiration }) => expiration ?? []);
}

function sharedTargets(facts: RotationFacts, workflow: WorkflowRun) {
  return facts.targets.flatMap(target => {
    const others = facts.secretsFor(target).filter(({ mark }) => !isOwnMark(mark, workflow));
    const by = [...new Set(others.map(({ mark: { repository, owner } }) => `${repository} (${owner})`))];
    return by.length > 0 ? [{ target: target.target, by }] : [];
  });
}

/** The plan after it is known whether this run created the client. If it did, a secret is due: no older one can work. */
export function replan(plan: Plan, isNew: Newness): Plan {
  const { rotation, targets } = plan;
  if (!rotation || isNew === 'no') {
    return plan;
  }
  const { reason, why } = rotation.due.due ? rotation.due : DUE_AS_NEW[isNew];
  return { ...plan, rotation: { ...rotation, due: { due: true, reason, why, targets } }, variables: [] };
}

function unreportedTargets({ secret }: Wanted, { targets, secrets }: Observation): readonly string[] {
  return secret.rotate === 'when-due' && !marksAreReadable(secrets)
    ? targets.flatMap(({ target, updatedAt }) => (updatedAt ? [targetLine(target)] : []))
    : [];
}

function currentSecretOf({ secret: { currentSecret } }: Wanted, { currentSecretAccepted: accepted }: Observation) {
  return currentSecret && accepted !== undefined ? { accepted, display: secretPrefix(currentSecret) } : undefined;
}

/**
 * Returns a predicate: whether a listed secret may be one that this run received. Such a secret works, so it must be in the
 * list. If none of the listed secrets starts like it, Vantage does not show how secrets start, and each may be the one.
 */
function inUseMatcher(
  listed: readonly ListedSecret[],
  { signIn, client, secret: { currentSecret }, delivery: { outputSecret } }: Wanted,
  { currentSecretAccepted }: Observation,
): (secret: ListedSecret) => boolean {
  if (outputSecret && currentSecretAccepted === false) {
    return () => true; // It is not known which secret is in use instead.
  }
  const ofThisClient = isSameClient(signedInClient(signIn) ?? '', client.clientId);
  if (ofThisClient && signIn.kind === 'access-token') {
    return () => true; // It is not known which of its secrets the token was requested with.
  }
  const own = ofThisClient && signIn.kind !== 'access-token' ? [signIn.clientSecret] : [];
  const current = currentSecret && currentSecretAccepted !== false ? [currentSecret] : [];
  return secret =>
    [...own, ...current].some(received => {
      const similar = listed.filter(({ valueDisplay }) => valueDisplay?.startsWith(secretPrefix(received)));
      return secret.valueDisplay === undefined || similar.length === 0 || similar.includes(secret);
    });
}

/** The part of a secret that Vantage shows in lists. */
function secretPrefix(secret: Secret): string {
  return secret.reveal().slice(0, 3);
}
