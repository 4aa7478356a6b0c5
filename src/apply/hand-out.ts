import { Failure } from '../failure.ts';
import type { GitHub } from '../github/github.ts';
import { type PreparedTarget, together } from '../github/preflight.ts';
import type { PublicKey } from '../github/schema.ts';
import type { Deadline, Span } from '../http/deadline.ts';
import type { Log } from '../log.ts';
import { variablesToWrite } from '../plan/variables.ts';
import { targetLine } from '../request/targets.ts';
import type { Secret } from '../secret.ts';
import { Attempts } from './attempts.ts';
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
  const sealed = new SealedSecret(order.secret);
  const reached: PreparedTarget[] = [];
  const unsure: string[] = [];
  for (const prepared of order.targets) {
    const line = targetLine(prepared.target);
    const write = () => writeTarget(prepared, sealed, github, attempts.span);
    const failure = await attempts.attempt(`writing ${line}`, write);
    if (failure === undefined) {
      reached.push(prepared);
      log.info(`Wrote the new secret to ${line}.`);
    } else if (failure.unsettled) {
      unsure.push(line);
    }
  }
  const writes = variablesToWrite(reached, { clientId: order.clientId, endOf: () => order.end });
  const variables = await writeVariables(writes, attempts, github, log);
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

async function writeTarget(
  { target, site, audience }: PreparedTarget,
  sealed: SealedSecret,
  github: GitHub,
  span: Span,
): Promise<void> {
  const key = site.key ?? (await github.secrets.publicKey(site.place, span));
  const refusal = await github.secrets.write(target, await sealed.for(key), audience, span);
  if (refusal === undefined) {
    return;
  }
  const changed = await github.secrets.publicKey(site.place, span);
  const again =
    changed.key_id === key.key_id
      ? refusal
      : await github.secrets.write(target, await sealed.for(changed), audience, span);
  if (again) {
    throw again;
  }
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
    const { seal } = await import('../github/seal.ts');
    return seal(this.#secret, key);
  }
}
