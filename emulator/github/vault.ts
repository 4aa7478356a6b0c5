import { randomInt } from 'node:crypto';
import sodium from 'libsodium-wrappers';
import { Refusal } from './refusal.ts';

/** The most that a secret may hold, in bytes (https://docs.github.com/actions/reference/limits: 48 KB). */
export const MOST_BYTES = 48 * 1024;

/** A key pair that secrets are sealed for. Every repository, environment and organization has one for each app. */
export interface Vault {
  /** What the world may know of it; the key in base64. */
  publicKey(): { key_id: string; key: string };
  /** Makes a new pair. What was sealed for the old one is no longer taken. */
  rotate(): void;
  /** Opens a sealed box (base64), or throws the refusal that GitHub gives of one it cannot use. */
  open(keyId: string, box: string): string;
}

/** Makes a vault. The library has to be ready. */
export function openVault(): Vault {
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
        // The library says no more than that it could not, whatever the reason.
        throw improperlyEncrypted();
      }
      if (value.length > MOST_BYTES) throw new Refusal(422, 'Secret value is too large: the limit is 48 KB.');
      return Buffer.from(value).toString('utf8');
    },
  };
}

/** The words are GitHub's for a box that does not open; those for an old key are not documented. */
function improperlyEncrypted(): Refusal {
  return new Refusal(422, 'Bad request - validation failed due to an improperly encrypted secret');
}

/** Eighteen digits or so: more than a number of JSON can hold, so that one who reads it as a number is found out. */
function newKeyId(): string {
  return `${randomInt(300_000_000, 999_999_999)}${String(randomInt(0, 999_999_999)).padStart(9, '0')}`;
}
