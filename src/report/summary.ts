import { patternText } from '../model/client-id-pattern.ts';
import type { Failure } from '../model/failure.ts';
import type { Request } from '../model/request.ts';
import { summarizeAudit } from '../modes/audit/summary.ts';
import { summarizeDelete } from '../modes/delete/summary.ts';
import { summarizeEnsure } from '../modes/ensure/summary.ts';
import type { RunRecord } from '../modes/record.ts';
import { summarizeSweep } from '../modes/sweep/summary.ts';
import { Markdown, type Redact } from './markdown.ts';

/** GitHub takes 1 MiB of summary from a step; what is left free is for the line that tells of a cut. */
const MOST_BYTES = 1024 * 1024 - 1024;

/**
 * The job summary of one run, as GitHub Markdown: what was asked for, what came of it, and what went wrong.
 *
 * @param redact hides what is secret, before anything is escaped.
 */
export function renderSummary(
  request: Request,
  record: RunRecord,
  failure: Failure | undefined,
  redact: Redact,
): string {
  const markdown = new Markdown(redact);
  const page = [
    `### ${icon(record, failure)} ${title(request, markdown)}`,
    '',
    ...(failure ? [`**${failure.code}**: ${markdown.text(failure.message)}`, ''] : []),
    ...summarize(request, record, markdown),
  ].join('\n');
  return Buffer.byteLength(page) > MOST_BYTES ? cutOff(page) : page;
}

/** So many whole lines as GitHub takes, and one that says so: of a longer summary GitHub shows nothing. */
function cutOff(page: string): string {
  const beginning = Buffer.from(page).subarray(0, MOST_BYTES).toString();
  const lines = beginning.slice(0, beginning.lastIndexOf('\n')).split('\n');
  const isInDiagram = lines.filter(line => line.startsWith('```')).length % 2 === 1;
  return [
    ...lines,
    ...(isInDiagram ? ['```'] : []),
    '',
    'The rest is cut: GitHub takes 1 MiB of summary from a step.',
  ].join('\n');
}

function icon(record: RunRecord, failure: Failure | undefined): string {
  const hasFindings = record.mode === 'audit' && record.clients.some(({ findings }) => findings.length > 0);
  return failure ? '❌' : hasFindings ? '⚠️' : '✅';
}

function title(request: Request, markdown: Markdown): string {
  switch (request.mode) {
    case 'ensure':
      return `Vantage client ${markdown.code(request.client.clientId)}`;
    case 'delete':
      return `Deletion of Vantage client ${markdown.code(request.clientId)}`;
    case 'sweep':
      return `Sweep of Vantage clients ${markdown.code(patternText(request.pattern))}`;
    case 'audit':
      return `Audit of Vantage tenant ${markdown.code(request.vantage.tenantId)}`;
  }
}

function summarize(request: Request, record: RunRecord, markdown: Markdown): readonly string[] {
  switch (record.mode) {
    case 'ensure':
      return summarizeEnsure(request, record, markdown);
    case 'delete':
      return summarizeDelete(request, record, markdown);
    case 'sweep':
      return summarizeSweep(request, record, markdown);
    case 'audit':
      return summarizeAudit(request, record, markdown);
  }
}
