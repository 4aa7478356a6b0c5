import * as z from 'zod/mini';
import { type HttpResponse, readBody } from '../http/message.ts';
import { type ReadList, type Unreadable, unreadable } from '../model/vantage.ts';

/** How often a list is read that changes while it is read. */
const MOST_READINGS = 3;

/** One page of a list, and how many items there are in all, where the list tells. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly total: number | undefined;
}

/** What came of asking for a page. One that is too large may be had in parts. */
export type PageRead<Item> =
  | { readonly kind: 'found'; readonly found: Page<Item> }
  | Unreadable
  | { readonly kind: 'too-large'; readonly why: string };

/** How to get a list, page by page. */
export interface Pages<Item> {
  /** A page of so many items at most that begins after so many. */
  readonly read: (offset: number, limit: number) => Promise<PageRead<Item>>;
  readonly keyOf: (item: Item) => string;
  /** The most items that a page is asked for at first. */
  readonly limit: number;
  /** What is listed, in the plural. */
  readonly of: string;
}

/**
 * One page of a list. Vantage's lists are documented as `{items, totalItemCount}` and were seen as a bare array. Gives
 * undefined where the answer is neither, or where an item is not of its shape: such a list is never taken for empty.
 */
export function readPage<Item extends z.ZodMiniType>(
  response: HttpResponse,
  item: Item,
): Page<z.infer<Item>> | undefined {
  const envelope = z.looseObject({ items: z.array(item), totalItemCount: z.optional(z.number()) });
  const list = readBody(response, z.union([z.array(item), envelope]));
  if (list === undefined) {
    return undefined;
  }
  return Array.isArray(list) ? { items: list, total: undefined } : { items: list.items, total: list.totalItemCount };
}

/**
 * Reads a list. Each page begins with the last item of the page before it, so that it shows where items moved past the
 * reader. Such a list is read again, as is one whose length changes on the way or that ends before it; one that never
 * keeps still is unreadable. How much Vantage puts on a page is not known, so the length of a page says nothing. Where a
 * page is too large, the list is read again in pages of half as many.
 */
export async function readList<Item>(pages: Pages<Item>): Promise<ReadList<Item>> {
  let { limit } = pages;
  for (let readings = 1; ; ) {
    const reading = await readOnce({ ...pages, limit });
    if (reading.kind === 'found' || reading.kind === 'unreadable') {
      return reading;
    }
    if (reading.kind === 'too-large') {
      if (limit === 1) {
        return unreadable(`even a page of one of its ${pages.of} is too large: ${reading.why}`, 'unexpected-response');
      }
      limit = Math.floor(limit / 2);
    } else if (readings === MOST_READINGS) {
      return unreadable(`its list of ${pages.of} ${reading.why}, ${MOST_READINGS} times`, 'unexpected-response');
    } else {
      readings += 1;
    }
  }
}

async function readOnce<Item>(pages: Pages<Item>) {
  const { read, keyOf, limit } = pages;
  const found = new Map<string, Item>();
  let total: number | undefined;
  let last: string | undefined;
  for (;;) {
    const before = found.size;
    const page = await read(last === undefined ? before : before - 1, limit);
    if (page.kind !== 'found') {
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
      return { kind: 'found' as const, found: [...found.values()], whole: true };
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
 * given all that it gives: the whole list, or as much of it as it gives by default. Nothing tells which.
 */
async function repeatsItself<Item>(keys: readonly string[], pages: Pages<Item>, all: () => readonly Item[]) {
  const again = await pages.read(Math.max(keys.length - 1, 1), pages.limit);
  if (again.kind !== 'found') {
    return again;
  }
  const isSame = again.found.items.map(pages.keyOf).join('\n') === keys.join('\n');
  return isSame
    ? { kind: 'found' as const, found: all(), whole: false }
    : unsteady(`repeated its first ${keys.length}`);
}
