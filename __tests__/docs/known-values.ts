import type { World } from './all-runs.ts';

const MARK = /\[vantage-client [^\]]+ [\da-f]{16}\]/gu;
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z|\b\d{1,2} [A-Z][a-z]{2} \d{4}(?:, \d\d:\d\d UTC)?\b/gu;
/** The audit shows the first eight characters. */
const SECRET_ID = /\b[\da-f]{8}(?:(?:-[\da-f]{4}){3}-[\da-f]{12}|…)/gu;

/** A text with the kind of each known value in its place, and the kinds that it shows. */
export function findKnown(
  text: string,
  { kinds }: World,
): { readonly rest: string; readonly found: ReadonlySet<string> } {
  const found = new Set<string>();
  let rest = text.replaceAll('\\_', '_');
  const take = (kind: string, value: string | RegExp) => {
    rest = rest.replaceAll(value, () => {
      found.add(kind);
      return `{${kind}}`;
    });
  };
  const values = Object.entries(kinds)
    .flatMap(([kind, list]) => list.map(value => [kind, value] as const))
    .sort(([, one], [, next]) => next.length - one.length);
  // A mark also shows what it contains.
  const marks = [...rest.matchAll(MARK)].join('\n');
  for (const [kind, value] of values) {
    if (marks.includes(value)) {
      found.add(kind);
    }
  }
  take('mark', MARK);
  take('time', TIME);
  for (const [kind, value] of values) {
    take(kind, value);
  }
  take('secret id', SECRET_ID);
  return { rest, found };
}
