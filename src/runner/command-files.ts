import { closeSync, constants, openSync, writeFileSync } from 'node:fs';

/** The variables with the paths of the files that a step gives its results to the runner in. */
export type CommandFile = 'GITHUB_OUTPUT' | 'GITHUB_STATE' | 'GITHUB_STEP_SUMMARY';

/** Appends without creating the file: the runner did, and would not see another one. */
const APPEND = constants.O_WRONLY | constants.O_APPEND;

/**
 * Appends a text to a file of the runner. @actions/core can do the same, but loads more of Node for it than all else that
 * a step without requests needs.
 *
 * @throws Error if the file cannot be written.
 */
export function appendToFile(file: CommandFile, text: string): void {
  const descriptor = openSync(process.env[file] ?? '', APPEND);
  try {
    writeFileSync(descriptor, text);
  } finally {
    closeSync(descriptor);
  }
}

/** Sets values by name. @throws Error if the file cannot be written. */
export function appendValues(
  file: Exclude<CommandFile, 'GITHUB_STEP_SUMMARY'>,
  values: Readonly<Record<string, string>>,
): void {
  appendToFile(
    file,
    Object.entries(values)
      .map(([name, value]) => assignment(name, value))
      .join(''),
  );
}

/** The delimiter is no part of the value, so nothing in a value can set another one. */
function assignment(name: string, value: string): string {
  let delimiter = 'end-of-value';
  while (value.includes(delimiter)) {
    delimiter += '-';
  }
  return `${name}<<${delimiter}\n${value}\n${delimiter}\n`;
}
