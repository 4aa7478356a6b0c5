import type { TargetsRequest, VantageRequest } from '../model/request.ts';
import type { SecretScope } from '../model/target.ts';
import { githubHost } from '../model/url.ts';
import { Fragment, fragment, type Markdown } from './markdown.ts';

export type Row = readonly (Fragment | string)[];

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

const APPS = { actions: '', dependabot: 'Dependabot of ', codespaces: 'Codespaces of ', agents: 'Agents of ' };

/** A place in GitHub, with links to the page of its secrets. */
export function placeOf(scope: SecretScope, { apiUrl }: Pick<TargetsRequest, 'apiUrl'>, markdown: Markdown): Fragment {
  const page = (path: string) => new URL(path, `${new URL(apiUrl).protocol}//${githubHost(apiUrl)}`);
  const app = new Fragment(APPS[scope.app]);
  if (scope.kind === 'organization') {
    const address = page(`/organizations/${encodeURIComponent(scope.org)}/settings/secrets/${scope.app}`);
    return fragment`${app}organization ${markdown.link(scope.org, address)}`;
  }
  const repository = `${scope.owner}/${scope.repo}`;
  const settings = `/${encodeURIComponent(scope.owner)}/${encodeURIComponent(scope.repo)}/settings`;
  return scope.kind === 'environment'
    ? fragment`environment ${markdown.link(scope.environment, page(`${settings}/environments`))} of ${markdown.code(repository)}`
    : fragment`${app}${markdown.link(repository, page(`${settings}/secrets/${scope.app}`))}`;
}
