import { revokeOnceListed } from '../revoke.ts';
import type { CreatedSecret } from './create-secret.ts';
import type { EnsureRun } from './observe.ts';
import type { SecretRecord } from './record.ts';

/** A secret that exists in Vantage. Nothing else holds it until it is kept. */
export class PendingSecret {
  readonly created: CreatedSecret;
  readonly #run: EnsureRun;
  #state: Pick<SecretRecord, 'verified' | 'fate'> = { verified: 'skipped', fate: 'minted' };

  constructor(created: CreatedSecret, run: EnsureRun) {
    this.created = created;
    this.#run = run;
    this.#update({});
  }

  setVerified(verified: SecretRecord['verified']): void {
    this.#update({ verified });
  }

  /** From here on something may hold the secret, so the post step deletes it only if `revoke-at-job-end` asks for it. */
  beginDelivery(revokeAtJobEnd: boolean): void {
    this.#saveMarks(revokeAtJobEnd);
  }

  /** Keeps the secret when its scope ends, because something holds it or may hold it. */
  keep(): void {
    this.#update({ fate: 'handed-out' });
    this.#run.record.changed = true;
  }

  async revokeUnlessKept(): Promise<void> {
    if (this.#state.fate === 'handed-out') {
      return;
    }
    const isRevoked = await this.#revoke();
    this.#update({ fate: isRevoked ? 'revoked' : 'minted' });
    this.#run.record.changed ||= !isRevoked;
    // Last, because writing the file may be what failed, and the log must name a remaining secret in any case.
    this.#saveMarks(!isRevoked);
  }

  async #revoke(): Promise<boolean> {
    const { observed, context, record } = this.#run;
    const { clientId } = record;
    const { mark } = this.created;
    const revocation = await revokeOnceListed(observed.tenant, clientId, mark, context.deadline.cleanUp);
    if (revocation.kind === 'revoked') {
      context.log.info(`Revoked the new secret, because it was not delivered: ${mark}`);
      return true;
    }
    const reason = revocation.kind === 'remains' ? revocation.reason : 'Vantage does not list it yet';
    context.log.warning(
      `The new secret was not delivered and could not be revoked, because ${reason}. Delete it in Vantage: ${describeSecret(this.created, clientId)}`,
      'secret to delete',
    );
    return false;
  }

  #saveMarks(withOwn: boolean): void {
    const { mark, unconfirmedMarks } = this.created;
    this.#run.context.savePendingMarks([...unconfirmedMarks, ...(withOwn ? [mark] : [])]);
  }

  #update(change: Partial<Pick<SecretRecord, 'verified' | 'fate'>>): void {
    const { mark, id, startTime, expiration } = this.created;
    this.#state = { ...this.#state, ...change };
    this.#run.record.secret = { mark, id, startTime, expiration, ...this.#state };
  }
}

/**
 * Runs `use` with a new secret. Revokes the secret afterwards unless it was kept. Names a secret that cannot be revoked in
 * a warning, and leaves it to the post step.
 *
 * This is a function and not `await using`, which would wrap a failure in a SuppressedError if the revocation throws too.
 *
 * @throws whatever `use` throws, or Error if the file of the runner cannot be written.
 */
export async function withPendingSecret(
  run: EnsureRun,
  created: CreatedSecret,
  use: (pending: PendingSecret) => Promise<void>,
): Promise<void> {
  const pending = new PendingSecret(created, run);
  try {
    await use(pending);
  } finally {
    await pending.revokeUnlessKept();
  }
}

/** What finds a secret in Vantage. The mark is last, because a sentence ends with it. */
export function describeSecret(created: CreatedSecret, clientId: string): string {
  const id = created.id === undefined ? '' : `, id ${created.id}`;
  return `client "${clientId}"${id}, expires ${expirationOf(created)}, marked ${created.mark}`;
}

/** When a secret expires, as text. */
export function expirationOf({ expiration }: CreatedSecret): string {
  return expiration ?? 'at a time that Vantage did not report';
}
