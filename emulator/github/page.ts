/**
 * One page of a list, selected by `page` (from 1) and `per_page` (at most 100, default 30), and the header with its
 * links.
 */
export function pageOf<Item>(
  items: readonly Item[],
  query: URLSearchParams,
  url: string,
): { items: Item[]; headers: Record<string, string> } {
  const page = Math.max(Number(query.get('page') ?? 1), 1);
  const size = Math.min(Math.max(Number(query.get('per_page') ?? 30), 1), 100);
  const last = Math.max(Math.ceil(items.length / size), 1);
  const link = (to: number, rel: string) => `<${url}?per_page=${size}&page=${to}>; rel="${rel}"`;
  const links = page < last ? [link(page + 1, 'next'), link(last, 'last')] : [];
  return {
    items: items.slice((page - 1) * size, page * size),
    headers: links.length ? { link: links.join(', ') } : {},
  };
}
