import type { GitHub } from '../../github/github.ts';
import { pacer } from '../../github/rate-limits.ts';
import type { Deadline, TimeBudget } from '../../http/deadline.ts';
import { asFailure, Failure, together } from '../../model/failure.ts';
import type { Log } from '../../model/log.ts';
import type { PreparedTarget, PublicKey, RepositoryAccess } from '../../model/prepared-target.ts';
import type { Secret } from '../../model/secret.ts';
import { scopeLine, targetLine } from '../../model/target.ts';
import { sharedSecret } from '../../plan/readers.ts';
import { variablesToWrite } from '../../plan/variables.ts';
import type { StepContext } from '../step-context.ts';
import { admitOwn, type Doorkeeper } from './readers.ts';
import { ReadersKeeper } from './readers-keeper.ts';
import type { EnsureRecord } from './record.ts';
import { writeVariables } from './variables.ts';

/** What became of the targets. Each is named as `targetLine` names it. */
export interface WriteResult {
  readonly written: readonly string[];
  /** It may hold the new secret: the answer to its write was lost. */
  readonly unsure: readonly string[];
  readonly failures: readonly Failure[];
  /** The variables that were written, in words. */
  readonly variables: readonly string[];
}

/** What to write, and to whom. */
export interface WriteParams {
  readonly clientId: string;
  readonly secret: Secret;
  /** When it ends. */
  readonly end: Date;
  readonly targets: readonly PreparedTarget[];
}

/**
 * Writes the secret to every target, one after the other at GitHub's pace, then the variables beside each secret that was
 * written. A target that fails does not stop the others. Never throws for a target.
 */
export async function writeTargets(
  order: WriteParams,
  github: GitHub,
  deadline: Deadline,
  log: Log,
): Promise<WriteResult> {
  const attempts = new Attempts(deadline);
  const door = { attempts, github, log };
  const keeper = new ReadersKeeper(door, deadline);
  const sealed = new SealedSecret(order.secret);
  const reached: PreparedTarget[] = [];
  const unsure: string[] = [];
  for (const prepared of order.targets) {
    const line = targetLine(prepared.target);
    let repositoryAccess: RepositoryAccess | undefined;
    const failure = await attempts.attempt(`writing ${line}`, async () => {
      repositoryAccess = await writeTarget(prepared, sealed, github, attempts.budget);
    });
    if (failure === undefined) {
      reached.push({ ...prepared, ...(repositoryAccess ? { repositoryAccess } : {}) });
      log.info(`Wrote the new secret to ${line}.`);
      await keepReaders(prepared, repositoryAccess, keeper, door);
    } else if (failure.outcomeUnknown) {
      unsure.push(line);
    }
  }
  const writes = variablesToWrite(reached, { clientId: order.clientId, expirationsOf: () => [order.end] });
  const variables = await writeVariables(writes, door);
  await keeper.settle();
  const written = reached.map(({ target }) => targetLine(target));
  return { written, unsure, failures: attempts.failures, variables };
}

/** The failure of a hand-off that ended in between: what holds the new secret, and what does not. */
export function partialDelivery({ written, unsure, failures }: WriteResult): Failure {
  const may = unsure.length > 0 ? `; may hold it: ${unsure.join(', ')}` : '';
  return new Failure(
    'partial-hand-off',
    {
      operation: 'writing the new secret to every target',
      reason: `it is kept, as it is in use. Hold it: ${written.join(', ') || 'none for sure'}${may}. ${failures.map(({ message }) => message).join(' · ')}`,
      advice: 'Mend what is wrong and run the step again.',
    },
    { cause: failures[0] },
  );
}

/** The failure of a hand-off that reached nothing. */
export function failedDelivery({ failures }: WriteResult): Failure {
  return together('writing the new secret to GitHub', failures);
}

/** @returns who may read an organization's secret now. */
async function writeTarget(
  { target, resolved }: PreparedTarget,
  sealed: SealedSecret,
  github: GitHub,
  budget: TimeBudget,
): Promise<RepositoryAccess | undefined> {
  const key = resolved.key ?? (await github.secrets.publicKey(resolved.scope, budget));
  const first = await github.secrets.write(target, await sealed.for(key), budget);
  if (first.refusal === undefined) {
    return first.repositoryAccess;
  }
  const changed = await github.secrets.publicKey(resolved.scope, budget);
  const last =
    changed.key_id === key.key_id ? first : await github.secrets.write(target, await sealed.for(changed), budget);
  if (last.refusal) {
    throw last.refusal;
  }
  return last.repositoryAccess;
}

/**
 * Adds the workflow's own repository to the readers where the line asks for it, and has all of them watched. It is no part
 * of the PUT, as GitHub would refuse the secret with it.
 */
async function keepReaders(
  { target, ownReader }: PreparedTarget,
  repositoryAccess: RepositoryAccess | undefined,
  keeper: ReadersKeeper,
  door: Doorkeeper,
): Promise<void> {
  const secret = sharedSecret(target);
  if (!secret || repositoryAccess?.visibility !== 'selected') {
    return;
  }
  const { repositories } = repositoryAccess;
  const own = ownReader && !repositories.includes(ownReader.id) ? ownReader.id : undefined;
  const isAdmitted = own !== undefined && (await admitOwn(secret, own, door));
  keeper.watch(secret, isAdmitted ? [...repositories, own] : repositories);
}

/** The boxes of one secret: one for each public key. */
class SealedSecret {
  readonly #secret: Secret;
  readonly #boxes = new Map<string, Promise<string>>();

  constructor(secret: Secret) {
    this.#secret = secret;
  }

  async for(key: PublicKey): Promise<{ readonly encrypted_value: string; readonly key_id: string }> {
    const box = this.#boxes.get(key.key) ?? this.#seal(key);
    this.#boxes.set(key.key, box);
    return { encrypted_value: await box, key_id: key.key_id };
  }

  /** The library is large, and the preflight has loaded it by now. */
  async #seal(key: PublicKey): Promise<string> {
    const { seal } = await import('../../github/seal.ts');
    return seal(this.#secret, key);
  }
}

/**
 * Creates the environments that were found missing, and gets their keys.
 *
 * @throws Failure where one cannot be created; nothing was minted yet.
 */
export async function createEnvironments(
  prepared: readonly PreparedTarget[],
  { github, log }: StepContext,
  record: EnsureRecord,
): Promise<readonly PreparedTarget[]> {
  const resolvedScopes = new Map(prepared.map(({ resolved }) => [resolved, resolved]));
  for (const resolved of resolvedScopes.keys()) {
    if (github && resolved.key === undefined && resolved.scope.kind === 'environment') {
      if (await github.environments.createIfMissing(resolved.scope)) {
        record.changed = true;
        record.otherWrites = [...record.otherWrites, scopeLine(resolved.scope)];
        log.info(`Created ${scopeLine(resolved.scope)}.`);
      } else {
        log.info(`Somebody created ${scopeLine(resolved.scope)} in the meantime; it is left as it is.`);
      }
      resolvedScopes.set(resolved, { ...resolved, key: await github.secrets.publicKey(resolved.scope) });
    }
  }
  return prepared.map(one => ({ ...one, resolved: resolvedScopes.get(one.resolved) ?? one.resolved }));
}

/** Writes to GitHub, one after the other at its pace. One that fails stops no other. */
export class Attempts {
  /** Those that failed, in order. */
  readonly failures: Failure[] = [];
  /** A write under way finishes, so it has the time for cleaning up as well. */
  readonly budget: TimeBudget;
  readonly #deadline: Deadline;
  readonly #paced: ReturnType<typeof pacer>;

  constructor(deadline: Deadline) {
    this.#deadline = deadline;
    this.budget = deadline.delivery;
    this.#paced = pacer(this.budget);
  }

  /** @returns why it failed, if it did. Never throws. */
  async attempt(operation: string, write: () => Promise<void>): Promise<Failure | undefined> {
    try {
      await this.#paced(write);
      return undefined;
    } catch (error) {
      // The pace that is kept gives no failure of its own where the step is stopped.
      const stopped = this.budget.signal.aborted && !(error instanceof Failure);
      const failure = stopped ? this.#deadline.failure(operation, { service: 'GitHub' }) : asFailure(error);
      this.failures.push(failure);
      return failure;
    }
  }
}
