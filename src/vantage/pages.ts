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
  /** The most items that `read` asks for. */
  readonly limit: number;
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
 * Reads a list whole. Each page begins with the last item of the page before it, so that it shows where items moved past
 * the reader. Such a list is read again, as is one whose length changes on the way or that ends before it; one that
 * never keeps still is unreadable. How much Vantage puts on a page is not known, so the length of a page says nothing.
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

async function readOnce<Item>(pages: Pages<Item>) {
  const { read, keyOf } = pages;
  const found = new Map<string, Item>();
  let total: number | undefined;
  let last: string | undefined;
  for (;;) {
    const before = found.size;
    const page = await read(last === undefined ? before : before - 1);
    if (page.kind === 'unreadable') {
      return page;
    }
    const { items, total: told } = page.found;
    if (total !== undefined && told !== total) {
      return unsteady(`changed from ${total} to ${told} while it was read`);
    }
    total = told;
    const keys = items.map(keyOf);
    items.forEach((item, index) => {
      found.set(keys[index] ?? '', item);
    });
    const isNews = found.size > before;
    if (!isNews && before > 0 && total === undefined && new Set(keys).size === before) {
      return repeatsItself(keys, pages, () => [...found.values()]);
    }
    if (last !== undefined && !keys.includes(last)) {
      return unsteady(`moved while it was read: no page began where the one before it ended, after ${before}`);
    }
    if (total === undefined ? isEnd(keys, last, isNews) : found.size >= total) {
      return { kind: 'found' as const, found: [...found.values()] };
    }
    if (!isNews) {
      return unsteady(`ended after ${found.size}${total === undefined ? '' : ` of ${total}`}`);
    }
    // A page of one item would not lead on if the next began with it.
    last = keys.length > 1 ? keys.at(-1) : undefined;
  }
}

function unsteady(why: string) {
  return { kind: 'unsteady' as const, why };
}

/** Whether a page without news ends a list that does not tell how long it is: it begins with the last item, or is empty. */
function isEnd(keys: readonly string[], last: string | undefined, isNews: boolean): boolean {
  return !isNews && (last === undefined || keys[0] === last);
}

/**
 * The second page is the first one again. Where that is so a second time, this server does not know of pages, and has
 * given all that there is; but not where it gave just as many as it was asked for, which may be all that it was asked for.
 */
async function repeatsItself<Item>(keys: readonly string[], pages: Pages<Item>, all: () => readonly Item[]) {
  const again = await pages.read(Math.max(keys.length - 1, 1));
  if (again.kind === 'unreadable') {
    return again;
  }
  const isSame = again.found.items.map(pages.keyOf).join('\n') === keys.join('\n');
  return isSame && keys.length !== pages.limit
    ? { kind: 'found' as const, found: all() }
    : unsteady(`repeated its first ${keys.length}`);
}
