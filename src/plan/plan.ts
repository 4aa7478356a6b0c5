import { isSameClient } from '../model/client.ts';
import { isOwnMark } from '../model/mark.ts';
import type { PreparedTarget } from '../model/prepared-target.ts';
import { type EnsureRequest, signedInClient, type WorkflowRun } from '../model/request.ts';
import type { Secret } from '../model/secret.ts';
import { defaultEnd, resolveLife } from '../model/secret-life.ts';
import { type Target, targetLine } from '../model/target.ts';
import { type Clocks, clockOfMarks } from '../model/time.ts';
import type { ListedSecret, Read, ReadableClient, ReadList } from '../model/vantage.ts';
import { type ClientStep, planClient } from './client-step.ts';
import { destinationsOf } from './destinations.ts';
import { type Due, type DueReason, decideDue } from './due.ts';
import { type Evidence, tellsMarks } from './ends.ts';
import { heldSince, type MarkedSecret, markedSecrets, secretsFor } from './marked-secrets.ts';
import { planPrune } from './prune.ts';
import { type VariableWrite, variablesToWrite } from './variables.ts';

/** Whether a run created the client, as far as it is known. */
export type Newness = 'no' | 'maybe' | 'yes';

/** Why a secret is due for a client that was created a moment ago, or may have been, whatever the targets hold. */
const DUE_AS_NEW: Record<Exclude<Newness, 'no'>, { readonly reason: DueReason; readonly why: string }> = {
  yes: { reason: 'new-client', why: 'the client is new' },
  maybe: { reason: 'maybe-new-client', why: 'the client may be new' },
};

/** What Vantage and GitHub let themselves be asked before anything changed. */
export interface Observation {
  readonly client: Read<ReadableClient>;
  /** Not asked for where no secret is to be minted. */
  readonly secrets: ReadList<ListedSecret> | undefined;
  /** The targets of the new secret, as GitHub showed them. */
  readonly targets: readonly PreparedTarget[];
  /** Whether the token endpoint takes `current-secret`, where that is given. */
  readonly currentSecretAccepted: boolean | undefined;
}

/** The life to ask for. What is absent is Vantage's to choose. */
export interface SecretLife {
  readonly startTime?: Date;
  readonly expiration?: Date;
}

/** What the workflow wants, as far as a plan needs it. */
export type Wanted = Pick<EnsureRequest, 'client' | 'secret' | 'signIn' | 'workflow' | 'delivery'> & {
  /** How long a run of the step may take, in milliseconds. Absent: as long as any run. */
  readonly run?: Pick<EnsureRequest['run'], 'timeout'>;
};

/** What a run is going to do. */
export interface Plan {
  readonly client: ClientStep;
  /** Absent where no secret is ever minted. */
  readonly rotation?: RotationPlan;
  readonly targets: readonly PreparedTarget[];
  /** The superseded secrets to delete. */
  readonly prune: readonly MarkedSecret[];
  /** The variables to write beside the targets that get no new secret. */
  readonly variables: readonly VariableWrite[];
  /** The targets that other repositories write as well, and those, by name and id. */
  readonly shared: readonly { readonly target: Target; readonly by: readonly string[] }[];
}

/** A secret to mint, if it is due; where the client turns out to be new it is due in any case. */
export interface RotationPlan {
  readonly life: SecretLife;
  readonly due: Due;
  /** `clockOfMarks` of where the secret goes. */
  readonly clock: keyof Clocks;
  /** When it is to end: as asked for, or as Vantage documents its default. */
  readonly end: Date;
  /**
   * The targets of which no later run can tell by itself whether what they hold works, as `targetLine` names them. None
   * where each run creates a secret.
   */
  readonly unreported: readonly string[];
}

/**
 * Decides what to do, from what is wanted, what was found and what time it is by whose clock, and from nothing else.
 *
 * @throws Failure `conflict` where the client exists and the workflow wants it not to.
 */
export function planEnsure(wanted: Wanted, observed: Observation, now: Clocks): Plan {
  const client = planClient(wanted.client, observed.client);
  if (wanted.secret.rotate === 'never') {
    return { client, targets: [], prune: [], variables: [], shared: [] };
  }
  const { targets, secrets } = observed;
  const tells = tellsMarks(secrets);
  const listed = secrets?.kind === 'found' && secrets.whole ? secrets.found : [];
  const marked = markedSecrets(listed);
  const destinations = destinationsOf(targets, wanted.workflow, wanted.delivery.github, wanted.delivery.outputSecret);
  const named = new Map(destinations.map(one => [one.prepared, secretsFor(one, marked)]));
  const evidence: Evidence = {
    currentSecret: currentSecretOf(wanted, observed),
    secrets,
    secretsFor: target => named.get(target) ?? [],
    targets,
    ofOutput: targets.length > 0 ? named.get(undefined) : undefined,
    clientId: wanted.client.clientId,
    longestRun: wanted.run?.timeout,
  };
  const due: Due =
    wanted.secret.rotate === 'always'
      ? { due: true, reason: 'always', why: 'rotate is always', targets }
      : decideDue(wanted.secret, evidence, now);
  const clock = clockOfMarks(targets);
  const { workflow, secret } = wanted;
  const isNeeded = neededOf(listed, wanted, observed);
  const known = { workflow, listed, marked, destinations, isNeeded, marksNow: now[clock] };
  const prune = secret.pruneAfter ? planPrune(secret.pruneAfter, known, now.vantage) : [];
  const life = resolveLife(wanted.secret, now.vantage);
  const end = life.expiration ?? defaultEnd(now.vantage);
  const rotation = { life, due, clock, end, unreported: unreportedTargets(wanted, targets, tells) };
  const variables = variablesToWrite(untouched(targets, due), {
    clientId: wanted.client.clientId,
    endsOf: target => endsHeld(target, evidence),
  });
  const shared = sharedWith(targets, evidence, workflow);
  return { client, rotation, targets, prune, variables, shared };
}

/** The targets that get no new secret. */
function untouched(targets: readonly PreparedTarget[], due: Due): readonly PreparedTarget[] {
  return due.due ? targets.filter(target => !due.targets.includes(target)) : targets;
}

/** When the secrets end that a target may hold, where Vantage tells. */
function endsHeld(target: PreparedTarget, { secrets, secretsFor: named, longestRun }: Evidence): readonly Date[] {
  const held = tellsMarks(secrets) && target.updatedAt ? heldSince(target.updatedAt, named(target), longestRun) : [];
  return held.flatMap(({ expiration }) => expiration ?? []);
}

function sharedWith(targets: readonly PreparedTarget[], { secretsFor: named }: Evidence, workflow: WorkflowRun) {
  return targets.flatMap(target => {
    const others = named(target).filter(({ mark }) => !isOwnMark(mark, workflow));
    const by = [...new Set(others.map(({ mark: { repository, owner } }) => `${repository} (${owner})`))];
    return by.length > 0 ? [{ target: target.target, by }] : [];
  });
}

/** The plan once it is known whether the client is new: then nothing that was there before can work. */
export function replan(plan: Plan, isNew: Newness): Plan {
  const { rotation, targets } = plan;
  if (!rotation || isNew === 'no') {
    return plan;
  }
  const { reason, why } = rotation.due.due ? rotation.due : DUE_AS_NEW[isNew];
  return { ...plan, rotation: { ...rotation, due: { due: true, reason, why, targets } }, variables: [] };
}

function unreportedTargets({ secret }: Wanted, targets: readonly PreparedTarget[], tells: boolean): readonly string[] {
  return secret.rotate === 'when-due' && !tells
    ? targets.flatMap(({ target, updatedAt }) => (updatedAt ? [targetLine(target)] : []))
    : [];
}

function currentSecretOf({ secret: { currentSecret } }: Wanted, { currentSecretAccepted: accepted }: Observation) {
  return currentSecret && accepted !== undefined ? { accepted, display: secretPrefix(currentSecret) } : undefined;
}

/**
 * Tells whether a listed secret may be one that this run was given. Each of those is in the list, as it works: where none
 * there begins like it, what Vantage shows of secrets is not how they begin, and every one may be it.
 */
function neededOf(
  listed: readonly ListedSecret[],
  { signIn, client, secret: { currentSecret }, delivery: { outputSecret } }: Wanted,
  { currentSecretAccepted }: Observation,
): (secret: ListedSecret) => boolean {
  if (outputSecret && currentSecretAccepted === false) {
    return () => true; // Nothing tells what is in use in its place.
  }
  const ofThisClient = isSameClient(signedInClient(signIn) ?? '', client.clientId);
  if (ofThisClient && signIn.kind === 'access-token') {
    return () => true; // Nothing tells which of its secrets the token was got with.
  }
  const own = ofThisClient && signIn.kind !== 'access-token' ? [signIn.clientSecret] : [];
  const current = currentSecret && currentSecretAccepted !== false ? [currentSecret] : [];
  return secret =>
    [...own, ...current].some(given => {
      const alike = listed.filter(({ valueDisplay }) => valueDisplay?.startsWith(secretPrefix(given)));
      return secret.valueDisplay === undefined || alike.length === 0 || alike.includes(secret);
    });
}

/** What Vantage shows of a secret. */
function secretPrefix(secret: Secret): string {
  return secret.reveal().slice(0, 3);
}
