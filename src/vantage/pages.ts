import * as z from 'zod/mini';
import type { Answer } from '../http/answer.ts';
import { readBody } from '../http/body.ts';

/** The most items that a page of the public API may have. */
export const PAGE_LIMIT = 1000;

/**
 * One page of a list. Vantage's lists are documented as `{items, totalItemCount}` and were seen as a bare array. Gives
 * undefined where the answer is neither, or where an item is not of its shape: such a list is never taken for empty.
 */
export function readPage<Item extends z.ZodMiniType>(
  answer: Answer,
  item: Item,
): { readonly items: readonly z.infer<Item>[]; readonly total: number | undefined } | undefined {
  const envelope = z.looseObject({ items: z.array(item), totalItemCount: z.optional(z.number()) });
  const list = readBody(answer, z.union([z.array(item), envelope]));
  if (list === undefined) {
    return undefined;
  }
  return Array.isArray(list) ? { items: list, total: undefined } : { items: list.items, total: list.totalItemCount };
}

/**
 * Whether a list goes on after the pages read so far. Where it does not tell how long it is, a page that is empty or
 * repeats ends it, and no other: how much Vantage puts on a page is not known.
 */
export function hasMore(
  page: { readonly items: readonly { readonly id: string }[]; readonly total: number | undefined },
  read: readonly { readonly id: string }[],
): boolean {
  const fresh = page.items.some(({ id }) => !read.some(known => known.id === id));
  return fresh && (page.total === undefined || read.length + page.items.length < page.total);
}
