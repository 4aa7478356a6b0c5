import { sha256 } from './digest.ts';

/** A share of the clients of a manifest: `index` from 1 to `count`. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** The most jobs that a matrix can have (GitHub, "Running variations of jobs in a workflow"). */
export const MOST_SHARDS = 256;

/** Parses `2/5`. Returns `undefined` for anything else. */
export function parseShard(text: string): Shard | undefined {
  const [, index, count] = /^(\d{1,3})\/(\d{1,3})$/u.exec(text) ?? [];
  const shard = { index: Number(index), count: Number(count) };
  return shard.index >= 1 && shard.index <= shard.count && shard.count <= MOST_SHARDS ? shard : undefined;
}

/** Whether a shard contains a client. Every client is in exactly one of the shards with the same count. */
export function isInShard(clientId: string, { index, count }: Shard): boolean {
  return shardOf(clientId, count) === index;
}

/**
 * The shard of a client, from 1 to `count`. It depends on nothing but the id, so a new client moves no other. If the count
 * grows by one, only the clients of the new shard move to it (the numbers are those of the jump consistent hash
 * algorithm, 2014). Without upper and lower case, as in `isSameClient`.
 */
export function shardOf(clientId: string, count: number): number {
  let key = Buffer.from(sha256(clientId.toLowerCase()), 'hex').readBigUInt64BE();
  let shard = 0;
  for (let next = 0; next < count; ) {
    shard = next;
    key = BigInt.asUintN(64, key * 2862933555777941757n + 1n);
    next = Math.floor((shard + 1) * (2 ** 31 / (Number(key >> 33n) + 1)));
  }
  return shard + 1;
}
