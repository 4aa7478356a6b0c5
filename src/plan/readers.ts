import type { PreparedTarget, SharedItem } from '../model/prepared-target.ts';
import type { Target } from '../model/target.ts';

/** What the workflow's own repository is to read, and may not yet. */
export interface MissingReading {
  readonly item: SharedItem;
  /** GitHub's number for the repository. */
  readonly own: number;
  /** The ids of those that may read it now. */
  readonly readers: readonly number[];
}

/** A secret of an organization as what selected repositories may read, or undefined of anything else. */
export function sharedSecret({ scope, secretName }: Target): SharedItem | undefined {
  return scope.kind === 'organization' ? { kind: 'secret', scope, name: secretName } : undefined;
}

/** The secrets that the line asks to let the workflow's own repository read, and that are there without it. */
export function missingSecrets(targets: readonly PreparedTarget[]): readonly MissingReading[] {
  return targets.flatMap(({ target, repositoryAccess, ownReader }) => {
    const item = sharedSecret(target);
    return item && repositoryAccess && ownReader?.isMissing
      ? [{ item, own: ownReader.id, readers: repositoryAccess.repositories }]
      : [];
  });
}

/** The same of the variables beside them: they are for those that may read the secret. */
export function missingVariables(targets: readonly PreparedTarget[]): readonly MissingReading[] {
  const asking = targets.filter(({ ownReader }) => ownReader !== undefined);
  const bySite = new Map(asking.map(one => [one.resolved, one]));
  return [...bySite.values()].flatMap(({ resolved: { scope, variables }, ownReader }) =>
    [variables?.clientId, variables?.expiration].flatMap(held => {
      const { visibility, repositories: readers = [] } = held?.repositoryAccess ?? {};
      const isMissing = visibility === 'selected' && ownReader && !readers.includes(ownReader.id);
      return held && isMissing && scope.kind === 'organization'
        ? [{ item: { kind: 'variable' as const, scope, name: held.name }, own: ownReader.id, readers }]
        : [];
    }),
  );
}
