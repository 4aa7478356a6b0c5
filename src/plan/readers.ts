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
export function sharedSecret({ place, secretName }: Target): SharedItem | undefined {
  return place.kind === 'organization' ? { kind: 'secret', place, name: secretName } : undefined;
}

/** The secrets that the line asks to let the workflow's own repository read, and that are there without it. */
export function missingSecrets(targets: readonly PreparedTarget[]): readonly MissingReading[] {
  return targets.flatMap(({ target, audience, ownReader }) => {
    const item = sharedSecret(target);
    return item && audience && ownReader?.isMissing
      ? [{ item, own: ownReader.id, readers: audience.repositories }]
      : [];
  });
}

/** The same of the variables beside them: they are for those that may read the secret. */
export function missingVariables(targets: readonly PreparedTarget[]): readonly MissingReading[] {
  const asking = targets.filter(({ ownReader }) => ownReader !== undefined);
  const bySite = new Map(asking.map(one => [one.site, one]));
  return [...bySite.values()].flatMap(({ site: { place, variables }, ownReader }) =>
    [variables?.clientId, variables?.expiration].flatMap(held => {
      const { visibility, repositories: readers = [] } = held?.audience ?? {};
      const isMissing = visibility === 'selected' && ownReader && !readers.includes(ownReader.id);
      return held && isMissing && place.kind === 'organization'
        ? [{ item: { kind: 'variable' as const, place, name: held.name }, own: ownReader.id, readers }]
        : [];
    }),
  );
}
