import * as z from '../http/zod.ts';

const optionalText = z.catch(z.optional(z.string()), undefined);

const id = z.pipe(z.union([z.string().check(z.minLength(1)), z.number()]), z.transform(String));

/** A client. Undocumented fields are kept, so that an update can write them back. */
export const ReadableClientSchema = z.looseObject({ clientId: z.string() });

export const ListedSecretSchema = z.looseObject({
  id,
  description: z.catch(z.nullish(z.string()), undefined),
  valueDisplay: optionalText,
  startTime: optionalText,
  expiration: optionalText,
});

/**
 * The response to the creation of a secret. Only `value` is required: Vantage shows it once, so it must not be lost
 * because another field is missing or odd. `id` is not documented.
 */
export const CreatedSecretSchema = z.looseObject({
  value: z.string().check(z.minLength(1)),
  id: z.catch(z.optional(id), undefined),
  startTime: optionalText,
  expiration: optionalText,
});

/** An error of the token endpoint (RFC 6749, 5.2). */
export const OAuthError = z.looseObject({ error: z.string() });

/** A successful response of the token endpoint (RFC 6749, 5.1), as far as verifying a secret needs it. */
export const TokenResponse = z.looseObject({
  access_token: z.string().check(z.minLength(1)),
  error: z.optional(z.unknown()),
});

export type TokenResponse = z.infer<typeof TokenResponse>;

/**
 * An access token for requests, and its lifetime in seconds if the response reports it. A header cannot contain a token
 * with other characters. Other fields, such as an ID token, are ignored.
 */
export const BearerTokenResponse = z.extend(TokenResponse, {
  access_token: z.string().check(z.regex(/^[\x21-\x7e]+$/u)),
  token_type: z.string().check(z.regex(/^bearer$/iu)),
  expires_in: z.catch(
    z.optional(z.union([z.number(), z.pipe(z.string().check(z.regex(/^\d+$/u)), z.transform(Number))])),
    undefined,
  ),
});
