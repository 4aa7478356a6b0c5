import type { JsonWebKey, KeyObject } from 'node:crypto';
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import type { Role } from './accounts.ts';

/** The key that signs access tokens (ES256). */
export interface SigningKey {
  /** The private key, for the token endpoint. */
  jwk: JsonWebKey & { kty: 'EC'; alg: 'ES256'; use: 'sig'; kid: string };
  publicKey: KeyObject;
}

/** The claims of an access token that the admin API uses. `exp` is in seconds since 1970. */
export interface AccessTokenClaims {
  iss: string;
  exp: number;
  tenant: string;
  client_id: string;
  role?: Role;
  scope?: string;
}

/** A new key. An elliptic curve, because it takes a millisecond and RSA a hundred. */
export function newSigningKey(): SigningKey {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = { ...privateKey.export({ format: 'jwk' }), kty: 'EC', alg: 'ES256', use: 'sig', kid: 'vantage' } as const;
  return { jwk, publicKey: createPublicKey(privateKey) };
}

/**
 * The claims of an access token of the issuer that has not expired at `now` (milliseconds since 1970), or undefined for
 * any other text.
 */
export function readAccessToken(
  token: string,
  { publicKey }: SigningKey,
  issuer: string,
  now: number,
): AccessTokenClaims | undefined {
  const [header, payload, signature, ...rest] = token.split('.');
  if (!header || !payload || !signature || rest.length) return undefined;
  const signed = Buffer.from(`${header}.${payload}`);
  const key = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const;
  if (!verify('sha256', signed, key, Buffer.from(signature, 'base64url'))) return undefined;
  // The signature is ours, and so are the claims: nothing else signs with this key.
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as AccessTokenClaims;
  return claims.iss === issuer && claims.exp * 1000 > now ? claims : undefined;
}
