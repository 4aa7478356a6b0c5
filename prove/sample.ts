import { createHash } from 'node:crypto';

/**
 * A sample of the items, the same for the same seed. Each group in turn contributes its first item by a hash of its ID, so
 * a small sample still has an item of every group.
 */
export function sampleOf<Item>(
  groups: readonly (readonly Item[])[],
  size: number,
  seed: string,
  idOf: (item: Item) => string,
): readonly Item[] {
  const rank = (item: Item) =>
    createHash('sha256')
      .update(`${seed} ${idOf(item)}`)
      .digest('hex');
  const dealt = groups.flatMap(group =>
    group
      .map(item => ({ item, rank: rank(item) }))
      .sort((one, other) => (one.rank < other.rank ? -1 : 1))
      .map(({ item }, turn) => ({ item, turn })),
  );
  return dealt
    .sort((one, other) => one.turn - other.turn)
    .slice(0, size)
    .map(({ item }) => item);
}
