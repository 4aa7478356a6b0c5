import * as z from 'zod/mini';

const optionalText = z.catch(z.optional(z.string()), undefined);

const id = z.pipe(z.union([z.string().check(z.minLength(1)), z.number()]), z.transform(String));

/** A client as Vantage tells of it. Fields that are not documented are kept, so that an update can write them back. */
export const ReadableClientSchema = z.looseObject({ clientId: z.string() });

/** A secret as a list tells of it: never its value. A description of null is none; one that is absent is not told. */
export const ListedSecretSchema = z.looseObject({
  id,
  description: z.catch(z.nullish(z.string()), undefined),
  /** The first three characters of its value. */
  valueDisplay: optionalText,
  startTime: optionalText,
  expiration: optionalText,
});

/**
 * The answer to a mint. Only `value` is asked for: whatever else is missing or odd, a secret that was shown once must
 * not be thrown away for it. `id` is not documented.
 */
export const MintedSecret = z.looseObject({
  value: z.string().check(z.minLength(1)),
  id: z.catch(z.optional(id), undefined),
  startTime: optionalText,
  expiration: optionalText,
});

export type MintedSecret = z.infer<typeof MintedSecret>;

/** An error of the token endpoint (RFC 6749, 5.2). */
export const OAuthError = z.looseObject({ error: z.string(), error_description: optionalText });

/** A success of the token endpoint, as far as a proof needs it (RFC 6749, 5.1). */
export const TokenAnswer = z.looseObject({
  access_token: z.string().check(z.minLength(1)),
  error: z.optional(z.unknown()),
});

export type TokenAnswer = z.infer<typeof TokenAnswer>;

/**
 * The access token that a sign-in is after, and how many seconds it lives, where that is told. Whatever else an answer
 * holds, an ID token say, concerns nobody here. A token of other characters cannot be sent in a header.
 */
export const BearerAnswer = z.extend(TokenAnswer, {
  access_token: z.string().check(z.regex(/^[\x21-\x7e]+$/u)),
  token_type: z.string().check(z.regex(/^bearer$/iu)),
  expires_in: z.catch(
    z.optional(z.union([z.number(), z.pipe(z.string().check(z.regex(/^\d+$/u)), z.transform(Number))])),
    undefined,
  ),
});
