import type { VantageRequest } from '../model/request.ts';
import { type Fragment, fragment, type Markdown } from './markdown.ts';

export type Row = readonly (Fragment | string)[];

/** Things of one kind, as a table with a row for each. */
interface Listing<Item> {
  readonly head: readonly string[];
  readonly items: readonly Item[];
  readonly rowOf: (item: Item) => Row;
  /** How many rows the table has at most. */
  readonly most: number;
  /** Where else all of the items are: `in the log`. Absent if that needs no word. */
  readonly allIn?: string;
}

/** A heading that counts the items, and their table. Nothing if there are none. */
export function section<Item>(title: string, listing: Listing<Item>, markdown: Markdown): readonly string[] {
  const { length } = listing.items;
  return length > 0 ? [`#### ${title}: ${length}`, '', ...cutTable(listing, markdown), ''] : [];
}

/** A table with as many rows as it has room for, and a count of the rest. Nothing if there are none. */
export function cutTable<Item>(
  { head, items, rowOf, most, allIn }: Listing<Item>,
  markdown: Markdown,
): readonly string[] {
  const more = items.length - most;
  const rest = allIn === undefined ? `And ${more} more.` : `And ${more} more, ${allIn}.`;
  return items.length === 0
    ? []
    : [markdown.table(head, items.slice(0, most).map(rowOf)), ...(more > 0 ? ['', rest] : [])];
}

/** A table of facts: a name, and what it is. */
export function factTable(facts: readonly Row[], markdown: Markdown): string {
  return markdown.table(['', ''], facts);
}

/** The facts about where a run worked. */
export function placesOfRun(
  { vantage, github }: { readonly vantage: VantageRequest; readonly github?: { readonly apiUrl: string } | undefined },
  markdown: Markdown,
): readonly Row[] {
  return [
    ['Vantage', fragment`${markdown.code(vantage.baseUrl)} (${markdown.text(vantage.apiVersion)})`],
    ['Tenant', markdown.code(vantage.tenantId)],
    ...(github ? [['GitHub', markdown.code(github.apiUrl)]] : []),
  ];
}
