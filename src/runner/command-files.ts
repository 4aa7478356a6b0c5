import { accessSync, appendFileSync, closeSync, constants, openSync } from 'node:fs';
import { codeOf, Failure } from '../model/failure.ts';

/** The variables with the paths of the files in which a step sets values. */
export type ValueFile = 'GITHUB_OUTPUT' | 'GITHUB_STATE';

/** Checks that values can be set in a file of the runner. @throws Failure `internal-error` */
export function assertWritable(file: ValueFile): void {
  try {
    // Opened as a write does, because that also fails for a directory.
    closeSync(openSync(process.env[file] ?? '', constants.O_WRONLY | constants.O_APPEND));
  } catch (cause) {
    const operation = `opening the ${file === 'GITHUB_OUTPUT' ? 'output' : 'state'} file of the runner`;
    const isDenied = ['EACCES', 'EPERM'].includes(String(codeOf(cause)));
    const why = isDenied
      ? denied(file)
      : { reason: `${file} does not name a writable file`, advice: 'Nothing was sent. Run the action in a workflow.' };
    throw new Failure('internal-error', { operation, ...why }, { cause });
  }
}

/**
 * Appends a text to a file of the runner. @actions/core can do the same, but loads more of Node for it than all else that
 * a step without requests needs.
 *
 * @throws Error if the file cannot be written.
 */
export function appendToFile(file: ValueFile | 'GITHUB_STEP_SUMMARY', text: string): void {
  const path = process.env[file] ?? '';
  // The runner has created the file, and would not see another one.
  accessSync(path, constants.W_OK);
  appendFileSync(path, text);
}

/** Sets values by name. @throws Error if the file cannot be written. */
export function appendValues(file: ValueFile, values: Readonly<Record<string, string>>): void {
  const assignments = Object.entries(values).map(([name, value]) => assignment(name, value));
  appendToFile(file, assignments.join(''));
}

/**
 * The delimiter is no part of the value, so nothing in a value can set another one: it is longer than any that the value
 * contains. They are searched for in one pass, because a value may be long and come from a server.
 */
function assignment(name: string, value: string): string {
  let longest = 0;
  for (const [found] of value.matchAll(/end-of-value-*/gu)) {
    longest = Math.max(longest, found.length);
  }
  const delimiter = 'end-of-value'.padEnd(longest + 1, '-');
  return `${name}<<${delimiter}\n${value}\n${delimiter}\n`;
}

/** The runner creates the files as its own user, and a container may run the step as another. Windows has no user ids. */
function denied(variable: string) {
  const user = process.getuid ? `user ${process.getuid()}` : 'the user of the step';
  return {
    reason: `${user} has no permission to write the file that ${variable} names`,
    advice:
      'Nothing was sent. A container job with `options: --user` needs access to the files of the runner: set the user id of the runner there (1001 on GitHub-hosted runners), or root.',
  };
}
