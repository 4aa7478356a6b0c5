import sodium from 'libsodium-wrappers';
import type { PublicKey } from '../model/prepared-target.ts';
import type { Secret } from '../model/secret.ts';

/** Seals a secret for the owner of a public key: a sealed box of libsodium in base64, as GitHub's documentation requires. */
export async function seal(secret: Secret, { value }: PublicKey): Promise<string> {
  await sodium.ready;
  const box = sodium.crypto_box_seal(Buffer.from(secret.reveal()), Buffer.from(value, 'base64'));
  return Buffer.from(box).toString('base64');
}
