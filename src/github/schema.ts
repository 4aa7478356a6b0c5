import * as z from '../http/zod.ts';
import type { PublicKey } from '../model/prepared-target.ts';
import { inUtc } from '../model/time.ts';
import { canSeal } from './seal.ts';

const visibility = z.enum(['all', 'private', 'selected']);

/** A public key. One that cannot seal is refused when it is read, before there is a secret to lose. */
export const PublicKeyBody = z.pipe(
  z.looseObject({ key_id: z.string(), key: z.string().check(z.refine(canSeal)) }),
  z.transform(({ key_id, key }): PublicKey => ({ id: key_id, value: key })),
);

/** A list of secrets. Only their number matters. */
export const SecretCount = z.looseObject({ total_count: z.number() });

const instant = z.pipe(
  z.string(),
  z.transform(text => new Date(inUtc(text))),
);

/** A secret: GitHub never returns its value. */
export const SecretBody = z.looseObject({
  updated_at: instant.check(z.refine(time => !Number.isNaN(time.getTime()))),
});

export const OrganizationSecretBody = z.extend(SecretBody, { visibility });

/** A variable. That of an organization has a visibility, which a run can do without. */
export const VariableBody = z.looseObject({
  value: z.string(),
  updated_at: instant,
  visibility: z.catch(z.optional(visibility), undefined),
});

/** One page of the repositories that can access a secret or variable for selected repositories. */
export const SelectedRepositoriesPage = z.looseObject({
  total_count: z.number(),
  repositories: z.array(z.looseObject({ id: z.number() })),
});

export const RepositoryBody = z.looseObject({ archived: z.boolean() });

/** A pull request, with the repository that it belongs to. A merged one is closed. */
export const PullRequestBody = z.looseObject({
  number: z.number(),
  state: z.enum(['open', 'closed']),
  base: z.looseObject({ repo: z.looseObject({ id: z.number() }) }),
});
