import sodium from 'libsodium-wrappers';
import type { PublicKey } from '../model/prepared-target.ts';
import type { Secret } from '../model/secret.ts';

/**
 * Seals a secret for whoever holds the private key: libsodium's sealed box, in base64, as GitHub's documentation asks.
 *
 * @param key `isSealingKey`
 */
export async function seal(secret: Secret, { key }: PublicKey): Promise<string> {
  await sodium.ready;
  const box = sodium.crypto_box_seal(Buffer.from(secret.reveal()), Buffer.from(key, 'base64'));
  return Buffer.from(box).toString('base64');
}
