import { writeSync } from 'node:fs';
import { EOL } from 'node:os';
import { codeOf } from '../model/failure.ts';

export type Print = (...lines: readonly string[]) => void;

const STDOUT = 1;

/**
 * Prints lines to the log of the step. They are out when this function returns, also on Windows, so that a mask counts, and
 * a mark is in the log, even if the step is killed right after it. @actions/core prints through `process.stdout`, which
 * promises neither, and takes longer to load than all else that a step with wrong inputs needs.
 */
export const print: Print = (...lines) => {
  let rest = Buffer.from(lines.map(line => line + EOL).join(''));
  while (rest.length > 0) {
    rest = rest.subarray(write(rest));
  }
};

/** @returns how many bytes are out. */
function write(bytes: Buffer): number {
  try {
    return writeSync(STDOUT, bytes);
  } catch (error) {
    if (codeOf(error) === 'EAGAIN') {
      // Whoever started the step shares the pipe, and lets no write wait until it has room. This sleeps for a millisecond.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
      return 0;
    }
    // Nobody reads the log any more. The work that has begun must still end in order.
    return bytes.length;
  }
}

/** Where GitHub shows an annotation, and under which title. Lines and columns count from 1. */
type AnnotationProperties = Readonly<Partial<Record<'title' | 'file' | 'line' | 'col', string | number | undefined>>>;

/** A command to the runner, as one line: `::error title=…::…`. */
export function workflowCommand(
  name: 'add-mask' | 'debug' | 'endgroup' | 'error' | 'group' | 'warning',
  message = '',
  properties: AnnotationProperties = {},
): string {
  const set = Object.entries(properties)
    .filter(([, value]) => value !== undefined)
    .map(([property, value]) => `${property}=${escapedProperty(String(value))}`);
  return `::${[name, set.join(',')].join(' ').trimEnd()}::${escaped(message)}`;
}

/** As the runner reads it: https://github.com/actions/toolkit/blob/main/docs/commands.md */
function escaped(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapedProperty(text: string): string {
  return escaped(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
