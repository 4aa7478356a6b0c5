/**
 * Reads a file of `name=value` lines and `name<<delimiter` heredocs, such as GITHUB_OUTPUT, GITHUB_STATE and
 * GITHUB_ENV. Throws the runner's error for anything else.
 *
 * @see https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands#multiline-strings
 */
export function parseKeyValueFile(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();

  for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
    if (line === '') continue;
    // The first of the two signs decides, so a value can contain `<<` and a delimiter `=`.
    const [, name, sign, rest] = /^(.*?)(=|<<)(.*)$/.exec(line) ?? [];
    if (name === undefined || rest === undefined) throw new Error(`Invalid format '${line}'`);
    if (name === '' || (sign === '<<' && rest === '')) {
      throw new Error(`Invalid format '${line}'. Name must not be empty and delimiter must not be empty`);
    }
    if (sign === '=') {
      values[name] = rest;
    } else {
      const end = lines.indexOf(rest);
      if (end < 0) throw new Error(`Invalid value. Matching delimiter not found '${rest}'`);
      values[name] = lines
        .splice(0, end + 1)
        .slice(0, -1)
        .join('\n');
    }
  }
  return values;
}

/** Reads GITHUB_PATH: one directory per line. */
export function parsePathFile(text: string): string[] {
  return text.split(/\r?\n/).filter(line => line !== '');
}
