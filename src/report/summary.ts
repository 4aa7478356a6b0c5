import type { Failure } from '../model/failure.ts';
import { Markdown, type Redact } from './markdown.ts';

/** What a mode adds to the job summary. */
export interface Summary {
  /** As Markdown. */
  readonly title: string;
  /** Set if a run that succeeded found something to look at. */
  readonly hasFindings?: boolean;
  /** Lines of Markdown. */
  readonly body: readonly string[];
}

export type Summarize = (markdown: Markdown) => Summary;

/** GitHub accepts a summary of 1 MiB from a step. The rest is for the line that says that the summary is cut. */
const MAX_BYTES = 1024 * 1024 - 1024;

/**
 * Renders the job summary of a run as GitHub Markdown: what the workflow asked for, what the run did, and what failed.
 *
 * @param redact hides what is secret, before anything is escaped.
 */
export function renderSummary(summarize: Summarize, failure: Failure | undefined, redact: Redact): string {
  const markdown = new Markdown(redact);
  const { title, hasFindings, body } = summarize(markdown);
  const icon = failure ? '❌' : hasFindings ? '⚠️' : '✅';
  const page = [
    `### ${icon} ${title}`,
    '',
    ...(failure ? [`**${failure.code}**: ${markdown.text(failure.message)}`, ''] : []),
    ...body,
  ].join('\n');
  return Buffer.byteLength(page) > MAX_BYTES ? cut(page) : page;
}

/** As many whole lines as GitHub accepts, and one that says so: GitHub shows nothing of a longer summary. */
function cut(page: string): string {
  const beginning = Buffer.from(page).subarray(0, MAX_BYTES).toString();
  const lines = beginning.slice(0, beginning.lastIndexOf('\n')).split('\n');
  const isInDiagram = lines.filter(line => line.startsWith('```')).length % 2 === 1;
  return [
    ...lines,
    ...(isInDiagram ? ['```'] : []),
    '',
    'The rest is cut: GitHub accepts a summary of 1 MiB from a step.',
  ].join('\n');
}
