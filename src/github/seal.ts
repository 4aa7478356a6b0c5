import sodium from 'libsodium-wrappers';
import type { Secret } from '../secret.ts';
import type { PublicKey } from './schema.ts';

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
