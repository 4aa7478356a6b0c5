import type { Drift } from '../plan/drift.ts';
import type { DiffLine, Markdown } from './markdown.ts';

/** How many lines of one setting a summary shows. */
const MAX_LINES = 25;

/** More characters than this of a line are not on the page, which does not break lines of code. */
const MAX_WIDTH = 110;

/** Shows how a client differs as a `diff` block: what it has in red, what the workflow declares in green, an item a line. */
export function driftDiff(drift: Drift, markdown: Markdown): readonly string[] {
  return markdown.diff(
    Object.entries(drift).flatMap(([field, [wanted, found]]): DiffLine[] => {
      const [declared, existing] = [itemsOf(wanted), itemsOf(found)];
      const lines: readonly DiffLine[] = [
        ...existing.filter(item => !declared.includes(item)).map(text => ({ sign: '-', text }) as const),
        ...declared.filter(item => !existing.includes(item)).map(text => ({ sign: '+', text }) as const),
      ];
      const shown = lines.slice(0, MAX_LINES).flatMap(({ sign, text }) =>
        // Cut before it is broken: that also hides secrets, which are not found in parts.
        broken(markdown.short(text)).map(part => ({ sign, text: `  ${part}` })),
      );
      const more = lines.length - MAX_LINES;
      return [
        { sign: ' ', text: field },
        ...shown,
        ...(more > 0 ? [{ sign: ' ', text: `  and ${more} more lines` } as const] : []),
      ];
    }),
  );
}

function broken(text: string): readonly string[] {
  return text.match(new RegExp(`.{1,${MAX_WIDTH}}`, 'gsu')) ?? [text];
}

/** A list as its items, and anything else as JSON. Different spellings of one value can look the same. */
function itemsOf(value: unknown): readonly string[] {
  return Array.isArray(value) && value.length > 0 ? value.map(toText) : [toText(value)];
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
}
