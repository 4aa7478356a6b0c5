import { Failure } from '../model/failure.ts';
import type { InputName } from './names.ts';

/** What is wrong with an input, or with a place in a manifest. */
export interface Problem {
  /** Absent for a place in a manifest. */
  readonly input?: InputName;
  /** The item of a list that is wrong, as the workflow wrote it. Never print it. */
  readonly item?: string;
  /** `FILE:LINE:COLUMN` in a manifest. Absent for an input. */
  readonly where?: string | undefined;
  /** The name of the input, or of the key in the manifest. Absent if the problem concerns no single one. */
  readonly name?: string | undefined;
  /** What was found, as `is "x"` or `contains "x"`. No secret. */
  readonly found?: string | undefined;
  /** What is expected instead, or why it is wrong. */
  readonly expected: string;
  /** The problem as a part of the error line, if that is not made of the other parts. */
  readonly line?: string | undefined;
}

/** A problem as a part of the error line. */
export function problemText({ where, name, found, expected, line }: Problem): string {
  const subject = [name === undefined ? '' : `\`${name}\``, found].filter(Boolean).join(' ');
  return [where, ...(line === undefined ? [subject, expected] : [line])].filter(Boolean).join(': ');
}

/** The inputs are wrong. The job summary shows each problem in a row of its own. */
export class RefusedInputs extends Failure {
  readonly problems: readonly Problem[];
  /** Where the first problem of a manifest is, for an annotation in its file. Lines and columns count from 1. */
  readonly place: { readonly file: string; readonly line: number; readonly column: number } | undefined;

  /** @param advice what to do in addition, in whole sentences. */
  constructor(problems: readonly Problem[], advice: string) {
    const reason = problems.map(problemText).join('; ');
    super('invalid-input', { operation: 'reading the inputs', reason, advice });
    this.problems = problems;
    const where = problems.find(problem => problem.where !== undefined)?.where ?? '';
    const [, file, line, column] = /^(.+):(\d+):(\d+)$/su.exec(where) ?? [];
    this.place = file === undefined ? undefined : { file, line: Number(line), column: Number(column) };
  }
}

/** `a`, `a or b`, or `a, b, or c`. Intl.ListFormat takes longer than the rest of the step to load its data. */
export function anyOf(choices: readonly string[]): string {
  const others = choices.slice(0, -1).join(', ');
  return [others, choices.at(-1)].filter(Boolean).join(choices.length > 2 ? ', or ' : ' or ');
}
