import { readFile } from 'node:fs/promises';
import { isMap, isSeq, parseDocument } from 'yaml';
import { type Contexts, evaluate } from '../../emulator/runner/expressions.ts';

/** The step of a workflow that uses this action. */
export interface ExampleStep {
  /** The step as it stands in the file, without its indentation. */
  readonly source: string;
  readonly uses: string;
  /** Its `with:`, expressions filled in. */
  readonly inputs: Readonly<Record<string, string>>;
}

const ACTION = /\/vantage-client-action@/;

/** Reads a workflow's first step that uses this action. Throws where there is none, or an expression has no value. */
export async function readExample(file: string | URL, contexts: Contexts): Promise<ExampleStep> {
  const text = await readFile(file, 'utf8');
  const jobs = parseDocument(text).get('jobs');
  const steps = (isMap(jobs) ? jobs.items : [])
    .map(({ value }) => (isMap(value) ? value.get('steps') : undefined))
    .flatMap(list => (isSeq(list) ? list.items : []))
    .filter(isMap);
  const step = steps.find(candidate => ACTION.test(String(candidate.get('uses'))));
  if (!step?.range) throw new Error(`No step of ${file} uses this action.`);

  const inputs = step.get('with');
  return {
    source: dedent(text, step.range[0], step.range[1]),
    uses: String(step.get('uses')),
    inputs: Object.fromEntries(
      (isMap(inputs) ? inputs.items : []).map(({ key, value }) => [String(key), evaluate(String(value), contexts)]),
    ),
  };
}

/** A part of a text that begins within a line, its further lines moved left as far as that. */
function dedent(text: string, from: number, to: number): string {
  const column = from - (text.lastIndexOf('\n', from) + 1);
  return text
    .slice(from, to)
    .trimEnd()
    .replaceAll(`\n${' '.repeat(column)}`, '\n');
}
