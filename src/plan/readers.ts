import type { PreparedTarget, SharedItem } from '../model/prepared-target.ts';
import type { Target } from '../model/target.ts';

/** A secret or variable of an organization that the workflow's own repository must be able to read, but cannot yet. */
export interface MissingAccess {
  readonly item: SharedItem;
  /** The id of the workflow's own repository. */
  readonly own: number;
  /** The ids of the repositories that can read the item now. */
  readonly readers: readonly number[];
}

/** The secret of a target as an item of an organization. Returns undefined for all other targets. */
export function sharedSecret({ scope, secretName }: Target): SharedItem | undefined {
  return scope.kind === 'organization' ? { kind: 'secret', scope, name: secretName } : undefined;
}

/** The existing secrets that the workflow's own repository must be able to read, but cannot yet. */
export function secretsWithoutAccess(targets: readonly PreparedTarget[]): readonly MissingAccess[] {
  return targets.flatMap(({ target, repositoryAccess, ownReader }) => {
    const item = sharedSecret(target);
    return item && repositoryAccess && ownReader?.isMissing
      ? [{ item, own: ownReader.id, readers: repositoryAccess.repositories }]
      : [];
  });
}

/** The same for the variables next to these secrets: whoever can read the secret must be able to read them as well. */
export function variablesWithoutAccess(targets: readonly PreparedTarget[]): readonly MissingAccess[] {
  const byPlace = new Map(targets.flatMap(({ resolved, ownReader }) => (ownReader ? [[resolved, ownReader.id]] : [])));
  return [...byPlace].flatMap(([{ scope, variables }, own]) =>
    [variables?.clientId, variables?.expiration].flatMap(variable => {
      const access = variable?.repositoryAccess;
      const isMissing = access?.visibility === 'selected' && !access.repositories.includes(own);
      return variable && isMissing && scope.kind === 'organization'
        ? [{ item: { kind: 'variable' as const, scope, name: variable.name }, own, readers: access.repositories }]
        : [];
    }),
  );
}
