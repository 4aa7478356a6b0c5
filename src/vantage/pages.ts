import type { TimeBudget } from '../http/deadline.ts';
import { type HttpResponse, parseBody } from '../http/message.ts';
import { BodyTooLarge } from '../http/transport.ts';
import * as z from '../http/zod.ts';
import { type ReadList, type Unreadable, unreadable } from '../model/vantage.ts';
import type { AdminApi } from './admin-api.ts';

/** How often a list that changes while it is read is read again, the first time included. */
const MOST_READINGS = 3;

/** The most bytes of a page. 250 clients of 20 KiB have 5 MiB. */
const MOST_PAGE_BYTES = 16 * 1024 * 1024;

export interface Page<Item> {
  readonly items: readonly Item[];
  /** How many items the list has, if Vantage reports it. */
  readonly total: number | undefined;
}

/** A page, or why it cannot be read. A page that is too large may be read in parts. */
type PageRead<Item> =
  | { readonly kind: 'found'; readonly found: Page<Item> }
  | Unreadable
  | { readonly kind: 'too-large'; readonly reason: string };

interface Pages<Item> {
  /** What the list contains, as a plural: `clients`. */
  readonly items: string;
  readonly read: (offset: number, limit: number) => Promise<PageRead<Item>>;
  readonly keyOf: (item: Item) => string;
  /** The most items of a page, unless such a page is too large. */
  readonly limit: number;
}

interface ApiList<Schema extends z.ZodMiniType> extends Omit<Pages<z.infer<Schema>>, 'read'> {
  readonly operation: string;
  /** Without its query. */
  readonly path: string;
  readonly schema: Schema;
  readonly budget: TimeBudget;
}

/** Reads a list of the admin API. @throws Failure if the access token was refused, or Vantage is unavailable. */
export function readApiList<Schema extends z.ZodMiniType>(
  api: AdminApi,
  { operation, path, schema, budget, ...list }: ApiList<Schema>,
): Promise<ReadList<z.infer<Schema>>> {
  return readList({
    ...list,
    read: async (offset, limit) => {
      const call = await api.call({
        operation,
        method: 'GET',
        path: `${path}?Offset=${offset}&Limit=${limit}`,
        budget,
        maxResponseBytes: MOST_PAGE_BYTES,
      });
      const { outcome } = call;
      return outcome.kind === 'unknown' && outcome.cause instanceof BodyTooLarge
        ? { kind: 'too-large', reason: `${call.request}: ${outcome.cause.message}` }
        : call.read(`a list of ${list.items}`, response => readPage(response, schema));
    },
  });
}

/** Reads `{items, totalItemCount}`, as documented, or an array, as observed. Another shape is never an empty page. */
export function readPage<Schema extends z.ZodMiniType>(
  response: HttpResponse,
  schema: Schema,
): Page<z.infer<Schema>> | undefined {
  const envelope = z.looseObject({ items: z.array(schema), totalItemCount: z.optional(z.number()) });
  const list = parseBody(response, z.union([z.array(schema), envelope]));
  return Array.isArray(list)
    ? { items: list, total: undefined }
    : list && { items: list.items, total: list.totalItemCount };
}

/**
 * Reads a list. Each page begins with the last item of the page before it, which shows whether items moved in between.
 * In that case, or if the length of the list changes or its end comes too early, the list is read again. A list that
 * changes each time is unreadable. The length of a page shows nothing, because the page size of Vantage is unknown. If a
 * page is too large, the list is read again with half as many items on a page.
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
        const reason = `a page with one of its ${pages.items} is too large: ${reading.reason}`;
        return unreadable(reason, 'unexpected-response');
      }
      limit = Math.floor(limit / 2);
    } else if (readings === MOST_READINGS) {
      return unreadable(`its list of ${pages.items} ${reading.reason}, ${MOST_READINGS} times`, 'unexpected-response');
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
    const { items, total: reported } = page.found;
    if (total !== undefined && reported !== total) {
      return changed(`changed from ${total} to ${reported} items while it was read`);
    }
    total = reported;
    const keys = items.map(keyOf);
    items.forEach((item, index) => {
      found.set(keys[index] ?? '', item);
    });
    const hasNewItems = found.size > before;
    if (!hasNewItems && before > 0 && total === undefined && new Set(keys).size === before) {
      return checkUnpaged(keys, pages, [...found.values()]);
    }
    if (last !== undefined && !keys.includes(last)) {
      return changed(`changed while it was read: after ${before} items, a page did not begin with the last one`);
    }
    // A list of unknown length ends with a page that has no new item, and begins with the last item or is empty.
    const isEnd = !hasNewItems && (last === undefined || keys[0] === last);
    if (total === undefined ? isEnd : found.size >= total) {
      return { kind: 'found' as const, found: [...found.values()], whole: true };
    }
    if (!hasNewItems) {
      return changed(`ended after ${found.size}${total === undefined ? '' : ` of ${total}`} items`);
    }
    // With pages of one item, a page that begins with the last item has no new one.
    last = keys.length > 1 ? keys.at(-1) : undefined;
  }
}

function changed(reason: string) {
  return { kind: 'changed' as const, reason };
}

/**
 * Handles a second page that equals the first one. If the next page equals it as well, this server ignores pages. It has
 * sent the whole list or as many items as it sends by default, and nothing shows which.
 */
async function checkUnpaged<Item>(keys: readonly string[], pages: Pages<Item>, all: readonly Item[]) {
  const again = await pages.read(Math.max(keys.length - 1, 1), pages.limit);
  if (again.kind !== 'found') {
    return again;
  }
  const isSame = again.found.items.map(pages.keyOf).join('\n') === keys.join('\n');
  return isSame
    ? { kind: 'found' as const, found: all, whole: false }
    : changed(`repeated its first ${keys.length} items`);
}
