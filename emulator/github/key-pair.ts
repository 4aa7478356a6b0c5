import { randomInt } from 'node:crypto';
import sodium from 'libsodium-wrappers';
import { Refusal } from './refusal.ts';

/** The maximum size of a secret, in bytes (https://docs.github.com/actions/reference/limits: 48 KB). */
export const MOST_BYTES = 48 * 1024;

/** The key pair that encrypts secrets. Every repository, environment and organization has one for each app. */
export interface KeyPair {
  /** The public key, in base64, and its ID. */
  publicKey(): { key_id: string; key: string };
  /** Creates a new pair. Secrets that were encrypted with the old one are refused from now on. */
  rotate(): void;
  /** Decrypts a value (base64). Throws GitHub's refusal if that fails. */
  open(keyId: string, box: string): string;
}

/** Creates a key pair. Wait for `sodium.ready` before. */
export function createKeyPair(): KeyPair {
  let pair = sodium.crypto_box_keypair();
  let keyId = newKeyId();
  return {
    publicKey: () => ({ key_id: keyId, key: Buffer.from(pair.publicKey).toString('base64') }),
    rotate: () => {
      pair = sodium.crypto_box_keypair();
      keyId = newKeyId();
    },
    open: (usedKeyId, box) => {
      if (usedKeyId !== keyId) throw improperlyEncrypted();
      const sealed = Buffer.from(box, 'base64');
      let value: Uint8Array;
      try {
        value = sodium.crypto_box_seal_open(sealed, pair.publicKey, pair.privateKey);
      } catch {
        // The library does not report a reason.
        throw improperlyEncrypted();
      }
      if (value.length > MOST_BYTES) throw new Refusal(422, 'Secret value is too large: the limit is 48 KB.');
      return Buffer.from(value).toString('utf8');
    },
  };
}

/** GitHub's message for a value that cannot be decrypted. Its message for an old key is not documented. */
function improperlyEncrypted(): Refusal {
  return new Refusal(422, 'Bad request - validation failed due to an improperly encrypted secret');
}

/** About 18 digits: more than a number in JavaScript can represent, so a client that parses it as a number fails. */
function newKeyId(): string {
  return `${randomInt(300_000_000, 999_999_999)}${String(randomInt(0, 999_999_999)).padStart(9, '0')}`;
}
