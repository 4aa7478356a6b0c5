import * as z from 'zod/mini';
import type { PublicKey } from '../model/prepared-target.ts';

/** A public key that secrets of one place are sealed with. */
export const PublicKeySchema = z.looseObject({ key_id: z.string(), key: z.string() });

/** Whether a text is a public key that can seal: 32 bytes in base64. */
export function isSealingKey({ key }: PublicKey): boolean {
  return Buffer.from(key, 'base64').length === 32;
}

/** A list of secrets, of which the number alone matters. */
export const SecretCount = z.looseObject({ total_count: z.number() });

/** What GitHub tells of a repository. */
export const Repository = z.looseObject({ archived: z.boolean() });

/** What GitHub tells of a secret: never its value. */
export const SecretItem = z.looseObject({ updated_at: z.string() });

/** The same of an organization's secret. */
export const OrganizationSecretItem = z.extend(SecretItem, { visibility: z.enum(['all', 'private', 'selected']) });

/** The repositories that may read a secret or variable for selected ones, a page of them. */
export const SelectedRepositories = z.looseObject({
  total_count: z.number(),
  repositories: z.array(z.looseObject({ id: z.number() })),
});

/** A pull request: a merged one is closed. */
export const PullRequest = z.looseObject({ number: z.number(), state: z.enum(['open', 'closed']) });

/** What GitHub tells of a variable. */
export const VariableItem = z.looseObject({ value: z.string(), updated_at: z.string() });

/** The same of an organization's variable. */
export const OrganizationVariableItem = z.extend(VariableItem, { visibility: z.enum(['all', 'private', 'selected']) });
