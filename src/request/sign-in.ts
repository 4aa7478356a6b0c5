import type { Secret } from '../secret.ts';
import type { InputReader } from './reader.ts';

/** One of the three ways to sign in. */
export type SignIn =
  | { readonly kind: 'access-token'; readonly accessToken: Secret }
  | {
      readonly kind: 'client-credentials';
      readonly clientId: string;
      readonly clientSecret: Secret;
      readonly scope: string;
    }
  | {
      readonly kind: 'password';
      readonly clientId: string;
      readonly clientSecret: Secret;
      readonly scope: string;
      readonly username: string;
      readonly password: Secret;
    };

const THREE_WAYS =
  'sign in with exactly one of: access-token; auth-client-id and auth-client-secret; those two with username and password';

/** Reads how to sign in, and refuses all but exactly one whole way. */
export function readSignIn(input: InputReader): SignIn | undefined {
  const accessToken = input.secret('access-token');
  const clientId = input.text('auth-client-id');
  const clientSecret = input.secret('auth-client-secret');
  const username = input.text('username');
  const password = input.secret('password');
  const scope = input.text('auth-scope') ?? '';

  if (accessToken) {
    const second = (['auth-client-id', 'auth-client-secret', 'username', 'password'] as const).find(name =>
      input.given(name),
    );
    if (second) {
      return input.refuse(second, `access-token is given as well: ${THREE_WAYS}`);
    }
    // The form of a bearer token: RFC 6750, 2.1.
    return /^[\w.~+/-]+=*$/u.test(accessToken.reveal())
      ? { kind: 'access-token', accessToken }
      : input.refuse('access-token', 'it takes the token alone, without "Bearer", spaces or line breaks');
  }
  if (!clientId && !clientSecret && !username && !password) {
    return input.refuse('access-token', THREE_WAYS);
  }
  if (!clientId || !clientSecret) {
    return input.refuse(clientId ? 'auth-client-secret' : 'auth-client-id', THREE_WAYS);
  }
  if (!/^[\x20-\x7e]+$/u.test(clientId)) {
    return input.refuse('auth-client-id', 'it takes printable ASCII characters');
  }
  if (!/^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/u.test(scope)) {
    return input.refuse('auth-scope', 'it takes scopes of printable ASCII characters, parted by one space');
  }
  if (!username && !password) {
    return { kind: 'client-credentials', clientId, clientSecret, scope };
  }
  if (!username || !password) {
    return input.refuse(username ? 'password' : 'username', 'username and password are given together or not at all');
  }
  return { kind: 'password', clientId, clientSecret, scope, username, password };
}
