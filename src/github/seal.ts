import { createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto';
import { hsalsa, xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import { blake2b } from '@noble/hashes/blake2.js';
import type { PublicKey } from '../model/prepared-target.ts';
import type { Secret } from '../model/secret.ts';

/** The constant of Salsa20 for keys of 32 bytes. */
const SIGMA = 'expand 32-byte k';

/**
 * Seals a secret for the owner of a public key: a sealed box of libsodium in base64, as GitHub's documentation requires. It
 * is composed as https://doc.libsodium.org/public-key_cryptography/sealed_boxes describes, from X25519 of Node and audited
 * ciphers, because libsodium itself takes longer to load than the whole delivery of a secret.
 */
export function seal(secret: Secret, { value }: PublicKey): string {
  const recipient = Buffer.from(value, 'base64');
  const { sender, shared } = agree(recipient);
  const nonce = blake2b(Buffer.concat([sender, recipient]), { dkLen: 24 });
  const box = xsalsa20poly1305(boxKey(shared), nonce).encrypt(Buffer.from(secret.reveal()));
  return Buffer.concat([sender, box]).toString('base64');
}

/** Whether a public key in base64 can seal: it has 32 bytes, and is no point of a small order, whose boxes anyone can open. */
export function canSeal(key: string): boolean {
  try {
    agree(Buffer.from(key, 'base64'));
    return true;
  } catch {
    return false;
  }
}

/** Makes a key pair for one box, and what its sender and the recipient share. @throws Error if the public key cannot seal. */
function agree(recipient: Buffer): { readonly sender: Buffer; readonly shared: Buffer } {
  const { publicKey, privateKey } = generateKeyPairSync('x25519');
  const sender = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  return { sender, shared: diffieHellman({ privateKey, publicKey: x25519Key(recipient) }) };
}

function x25519Key(bytes: Buffer) {
  return createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'X25519', x: bytes.toString('base64url') } });
}

/** The key of a box, as libsodium's `crypto_box_beforenm` derives it: HSalsa20 of the shared secret and 16 zeros. */
function boxKey(shared: Buffer): Uint8Array {
  const key = new Uint32Array(8);
  hsalsa(wordsOf(Buffer.from(SIGMA)), wordsOf(shared), new Uint32Array(4), key);
  return new Uint8Array(key.buffer);
}

/** The bytes as words of 32 bits. Copied, because words must be aligned in memory. */
function wordsOf(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(Uint8Array.from(bytes).buffer);
}
