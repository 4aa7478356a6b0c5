/** What CHANGELOG.md says of one version. */
export interface Entry {
  /** As `2026-01-31`. */
  readonly date: string;
  /** The text below the heading, with one line for each paragraph: GitHub shows a line break of release notes as one. */
  readonly notes: string;
}

/** The entry of a version, whose heading is `## [1.2.3] - 2026-01-31`. None if the heading or the text is missing. */
export function readEntry(changelog: string, version: string): Entry | undefined {
  for (const section of changelog.split(/^## /m)) {
    const [, named, date, text = ''] = /^\[([^\]]+)\] - (\d{4}-\d{2}-\d{2})\n(.*)$/s.exec(section) ?? [];
    const notes = joinLines(text.trim());
    if (named === version && date && notes !== '') return { date, notes };
  }
  return undefined;
}

/** Joins the lines of each paragraph and list item. */
function joinLines(text: string): string {
  return text.replaceAll(/(?<=\S)\n *(?=[^\s*#>|-])/g, ' ');
}
