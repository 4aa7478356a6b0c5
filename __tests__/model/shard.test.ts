import { describe, expect, test } from '@jest/globals';
import { isInShard, parseShard, shardOf } from '../../src/model/shard.ts';

const IDS = Array.from({ length: 10_000 }, (_, index) => `invoices-${index}`);

/** How many clients each of the shards has. */
function sizesOf(count: number): readonly number[] {
  const sizes = Array<number>(count).fill(0);
  for (const id of IDS) {
    const shard = shardOf(id, count);
    sizes[shard - 1] = (sizes[shard - 1] ?? 0) + 1;
  }
  return sizes;
}

describe('a share of a manifest', () => {
  test.each([
    ['1/1', { index: 1, count: 1 }],
    ['2/5', { index: 2, count: 5 }],
    ['02/05', { index: 2, count: 5 }],
    ['256/256', { index: 256, count: 256 }],
  ])('can be %s', (text, shard) => {
    expect(parseShard(text)).toEqual(shard);
  });

  test.each(['', '0/1', '2/1', '257/257', '1/257', '1 / 5', '+1/5', '1/5\n', '1e0/5', '0001/5'])(
    'cannot be "%s"',
    text => {
      expect(parseShard(text)).toBeUndefined();
    },
  );
});

describe('the shard of a client', () => {
  test('is one of the shards, and the only one that contains it', () => {
    for (const id of IDS.slice(0, 500)) {
      const shard = shardOf(id, 7);
      const containing = [1, 2, 3, 4, 5, 6, 7].filter(index => isInShard(id, { index, count: 7 }));
      expect(containing).toEqual([shard]);
    }
    expect(shardOf('a', 1)).toBe(1);
  });

  // A change of these would move clients between the jobs of workflows that exist.
  test('never changes', () => {
    expect(['invoices', 'orders', 'a', 'größe'].map(id => [2, 5, 256].map(count => shardOf(id, count)))).toEqual([
      [2, 3, 75],
      [2, 2, 19],
      [2, 2, 234],
      [1, 1, 30],
    ]);
  });

  test('is the same in upper and lower case', () => {
    expect(IDS.slice(0, 100).every(id => shardOf(id, 16) === shardOf(id.toUpperCase(), 16))).toBe(true);
  });

  test.each([2, 3, 5, 16, 64, 256])('is about as likely as each of the others, of %i', count => {
    const mean = IDS.length / count;
    // Six standard deviations of a fair distribution, at which one test of a billion would fail.
    const spread = 6 * Math.sqrt(mean * (1 - 1 / count));
    for (const size of sizesOf(count)) {
      expect(Math.abs(size - mean)).toBeLessThan(spread);
    }
  });

  test.each([1, 4, 9, 31])('changes only for the clients that move to a new one, after %i', count => {
    const moved = IDS.filter(id => shardOf(id, count) !== shardOf(id, count + 1));
    expect(moved.every(id => shardOf(id, count + 1) === count + 1)).toBe(true);
    expect(moved.length).toBe(sizesOf(count + 1)[count]);
  });
});
