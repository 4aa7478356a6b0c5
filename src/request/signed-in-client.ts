import type { Secret } from '../secret.ts';
import type { SignIn } from './sign-in.ts';

/** The client that the step signs in with, or undefined where an access token does not tell. */
export function signedInClient(signIn: SignIn): string | undefined {
  return signIn.kind === 'access-token' ? clientOfToken(signIn.accessToken) : signIn.clientId;
}

/**
 * The `client_id` claim of a JWT (RFC 9068, 2.2). Its signature is not looked at: the claim only ever keeps a client
 * from being deleted.
 */
function clientOfToken(accessToken: Secret): string | undefined {
  const [, payload = '', ...rest] = accessToken.reveal().split('.');
  if (rest.length !== 1) {
    return undefined;
  }
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const clientId = (claims as { client_id?: unknown } | null)?.client_id;
    return typeof clientId === 'string' ? clientId : undefined;
  } catch {
    return undefined; // Not every access token is a JWT.
  }
}
