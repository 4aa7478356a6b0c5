import * as z from 'zod/mini';
import type { Answer } from '../http/answer.ts';
import { readBody } from '../http/body.ts';
import { type Unreadable, unreadable } from './admin-api.ts';

/** How often a list is read that changes while it is read. */
const MOST_READINGS = 3;

/** One page of a list, and how many items there are in all, where the list tells. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly total: number | undefined;
}

/** How to get a list, page by page. */
export interface Pages<Item> {
  /** A page that begins after so many items. */
  readonly read: (offset: number) => Promise<{ readonly kind: 'found'; readonly found: Page<Item> } | Unreadable>;
  readonly keyOf: (item: Item) => string;
  /** What is listed, in the plural. */
  readonly of: string;
}

/**
 * One page of a list. Vantage's lists are documented as `{items, totalItemCount}` and were seen as a bare array. Gives
 * undefined where the answer is neither, or where an item is not of its shape: such a list is never taken for empty.
 */
export function readPage<Item extends z.ZodMiniType>(answer: Answer, item: Item): Page<z.infer<Item>> | undefined {
  const envelope = z.looseObject({ items: z.array(item), totalItemCount: z.optional(z.number()) });
  const list = readBody(answer, z.union([z.array(item), envelope]));
  if (list === undefined) {
    return undefined;
  }
  return Array.isArray(list) ? { items: list, total: undefined } : { items: list.items, total: list.totalItemCount };
}

/**
 * Reads a list whole, each page once. Where it does not tell how long it is, a page that is empty or repeats ends it, and
 * no other: how much Vantage puts on a page is not known. Where its length changes on the way, or its pages hold less
 * than it says, items may have moved past the reader, so it is read again; a list that never keeps still is unreadable.
 */
export async function readList<Item>(
  pages: Pages<Item>,
): Promise<{ readonly kind: 'found'; readonly found: readonly Item[] } | Unreadable> {
  for (let readings = 1; ; readings += 1) {
    const reading = await readOnce(pages);
    if (reading.kind !== 'unsteady') {
      return reading;
    }
    if (readings === MOST_READINGS) {
      return unreadable(`its list of ${pages.of} ${reading.why}, ${MOST_READINGS} times`, 'unexpected-response');
    }
  }
}

async function readOnce<Item>({ read, keyOf }: Pages<Item>) {
  const found = new Map<string, Item>();
  let total: number | undefined;
  for (;;) {
    const page = await read(found.size);
    if (page.kind === 'unreadable') {
      return page;
    }
    const { items, total: told } = page.found;
    if (total !== undefined && told !== total) {
      return { kind: 'unsteady' as const, why: `changed from ${total} to ${told} while it was read` };
    }
    total = told;
    const before = found.size;
    for (const item of items) {
      found.set(keyOf(item), item);
    }
    const isWhole = total !== undefined && found.size >= total;
    if (isWhole || (found.size === before && total === undefined)) {
      return { kind: 'found' as const, found: [...found.values()] };
    }
    if (found.size === before) {
      return { kind: 'unsteady' as const, why: `ended after ${found.size} of ${total}` };
    }
  }
}
