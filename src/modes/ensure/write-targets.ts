import type { GitHub } from '../../github/github.ts';
import { pacer } from '../../github/rate-limits.ts';
import type { Deadline, Span } from '../../http/deadline.ts';
import { asFailure, Failure, together } from '../../model/failure.ts';
import type { Log } from '../../model/log.ts';
import type { Audience, PreparedTarget, PublicKey } from '../../model/prepared-target.ts';
import type { Secret } from '../../model/secret.ts';
import { placeLine, targetLine } from '../../model/target.ts';
import { sharedSecret } from '../../plan/readers.ts';
import { variablesToWrite } from '../../plan/variables.ts';
import type { Workbench } from '../step-context.ts';
import { admitOwn, type Doorkeeper } from './readers.ts';
import { ReadersKeeper } from './readers-keeper.ts';
import type { EnsureLedger } from './record.ts';
import { writeVariables } from './variables.ts';

/** What became of the targets. Each is named as `targetLine` names it. */
export interface HandOut {
  readonly written: readonly string[];
  /** It may hold the new secret: the answer to its write was lost. */
  readonly unsure: readonly string[];
  readonly failures: readonly Failure[];
  /** The variables that were written, in words. */
  readonly variables: readonly string[];
}

/** What to write, and to whom. */
export interface HandOutOrder {
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
export async function handOut(order: HandOutOrder, github: GitHub, deadline: Deadline, log: Log): Promise<HandOut> {
  const attempts = new Attempts(deadline);
  const door = { attempts, github, log };
  const keeper = new ReadersKeeper(door, deadline);
  const sealed = new SealedSecret(order.secret);
  const reached: PreparedTarget[] = [];
  const unsure: string[] = [];
  for (const prepared of order.targets) {
    const line = targetLine(prepared.target);
    let audience: Audience | undefined;
    const failure = await attempts.attempt(`writing ${line}`, async () => {
      audience = await writeTarget(prepared, sealed, github, attempts.span);
    });
    if (failure === undefined) {
      reached.push({ ...prepared, ...(audience ? { audience } : {}) });
      log.info(`Wrote the new secret to ${line}.`);
      await keepReaders(prepared, audience, keeper, door);
    } else if (failure.unsettled) {
      unsure.push(line);
    }
  }
  const writes = variablesToWrite(reached, { clientId: order.clientId, endsOf: () => [order.end] });
  const variables = await writeVariables(writes, door);
  await keeper.settle();
  const written = reached.map(({ target }) => targetLine(target));
  return { written, unsure, failures: attempts.failures, variables };
}

/** The failure of a hand-off that ended in between: what holds the new secret, and what does not. */
export function partialHandOff({ written, unsure, failures }: HandOut): Failure {
  const may = unsure.length > 0 ? `; may hold it: ${unsure.join(', ')}` : '';
  return new Failure(
    'partial-hand-off',
    {
      what: 'writing the new secret to every target',
      why: `it is kept, as it is in use. Hold it: ${written.join(', ') || 'none for sure'}${may}. ${failures.map(({ message }) => message).join(' · ')}`,
      todo: 'Mend what is wrong and run the step again.',
    },
    { cause: failures[0] },
  );
}

/** The failure of a hand-off that reached nothing. */
export function failedHandOff({ failures }: HandOut): Failure {
  return together('writing the new secret to GitHub', failures);
}

/** @returns who may read an organization's secret now. */
async function writeTarget(
  { target, site }: PreparedTarget,
  sealed: SealedSecret,
  github: GitHub,
  span: Span,
): Promise<Audience | undefined> {
  const key = site.key ?? (await github.secrets.publicKey(site.place, span));
  const first = await github.secrets.write(target, await sealed.for(key), span);
  if (first.refusal === undefined) {
    return first.audience;
  }
  const changed = await github.secrets.publicKey(site.place, span);
  const last =
    changed.key_id === key.key_id ? first : await github.secrets.write(target, await sealed.for(changed), span);
  if (last.refusal) {
    throw last.refusal;
  }
  return last.audience;
}

/**
 * Adds the workflow's own repository to the readers where the line asks for it, and has all of them watched. It is no part
 * of the PUT, as GitHub would refuse the secret with it.
 */
async function keepReaders(
  { target, ownReader }: PreparedTarget,
  audience: Audience | undefined,
  keeper: ReadersKeeper,
  door: Doorkeeper,
): Promise<void> {
  const secret = sharedSecret(target);
  if (!secret || audience?.visibility !== 'selected') {
    return;
  }
  const { repositories } = audience;
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
  { github, log }: Workbench,
  ledger: EnsureLedger,
): Promise<readonly PreparedTarget[]> {
  const sites = new Map(prepared.map(({ site }) => [site, site]));
  for (const site of sites.keys()) {
    if (github && site.key === undefined && site.place.kind === 'environment') {
      if (await github.environments.createIfMissing(site.place)) {
        ledger.changed = true;
        ledger.beside = [...ledger.beside, placeLine(site.place)];
        log.info(`Created ${placeLine(site.place)}.`);
      } else {
        log.info(`Somebody created ${placeLine(site.place)} in the meantime; it is left as it is.`);
      }
      sites.set(site, { ...site, key: await github.secrets.publicKey(site.place) });
    }
  }
  return prepared.map(one => ({ ...one, site: sites.get(one.site) ?? one.site }));
}

/** Writes to GitHub, one after the other at its pace. One that fails stops no other. */
export class Attempts {
  /** Those that failed, in order. */
  readonly failures: Failure[] = [];
  /** A write under way finishes, so it has the time for cleaning up as well. */
  readonly span: Span;
  readonly #deadline: Deadline;
  readonly #paced: ReturnType<typeof pacer>;

  constructor(deadline: Deadline) {
    this.#deadline = deadline;
    this.span = deadline.handOff;
    this.#paced = pacer(this.span);
  }

  /** @returns why it failed, if it did. Never throws. */
  async attempt(what: string, write: () => Promise<void>): Promise<Failure | undefined> {
    try {
      await this.#paced(write);
      return undefined;
    } catch (error) {
      // The pace that is kept gives no failure of its own where the step is stopped.
      const stopped = this.span.signal.aborted && !(error instanceof Failure);
      const failure = stopped ? this.#deadline.failure(what, { service: 'GitHub' }) : asFailure(error);
      this.failures.push(failure);
      return failure;
    }
  }
}
