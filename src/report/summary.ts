import { adviceOf, type Failure, type FailureParts, sentence } from '../model/failure.ts';
import { type Fragment, fragment, Markdown, type Redact } from './markdown.ts';

/** What a mode adds to the job summary. */
export interface Summary {
  /** The verdict in one line, as Markdown. */
  readonly title: Fragment | string;
  /** Set if a run that succeeded found something to look at. */
  readonly hasFindings?: boolean;
  /** Set for a dry run: the summary shows what a run would do. */
  readonly isPlan?: boolean;
  /** What to do, if somebody has to do something. Of a run that failed, in place of the advice of the failure. */
  readonly toDo?: readonly Fragment[];
  /** Set if the body says why the run failed. */
  readonly saysWhy?: boolean;
  /** Lines of Markdown. */
  readonly body: readonly (Fragment | string)[];
}

/** @param failure why the run failed, if it did. */
export type Summarize = (markdown: Markdown, failure: Failure | undefined) => Summary;

/** GitHub accepts a summary of 1 MiB from a step. The rest is for the line that says that the summary is cut. */
const MAX_BYTES = 1024 * 1024 - 1024;

/** How many failures of one run the summary explains. */
const MAX_FAILURES = 10;

/** How many failures for the same reason it lists one by one. */
const MAX_ALIKE = 3;

/**
 * Renders the job summary of a run as GitHub Markdown.
 *
 * @param redact hides what is secret, before anything is escaped.
 * @param now what the distances of times are relative to.
 */
export function renderSummary(
  summarize: Summarize,
  failure: Failure | undefined,
  redact: Redact,
  now = new Date(),
): string {
  const markdown = new Markdown(redact, now);
  const summary = summarize(markdown, failure);
  const { title, hasFindings, isPlan, toDo = [], body } = summary;
  const marker = failure ? '❌' : isPlan ? '📝' : hasFindings ? '⚠️' : '✅';
  const page = [
    `### ${marker} ${title}`,
    '',
    ...(failure
      ? explain(failure, summary, markdown)
      : toDo.length > 0
        ? [...alert('WARNING', toDoLines(toDo)), '']
        : []),
    ...body,
  ]
    .map(String)
    .filter((line, index, lines) => line !== '' || lines[index - 1] !== '')
    .join('\n');
  return Buffer.byteLength(page) > MAX_BYTES ? cut(page) : page;
}

/** A title for a run that failed: what failed. */
export function failedTitle(subject: Fragment, { parts: { operation } }: Failure, markdown: Markdown): Fragment {
  // The title names the client already.
  const what = operation.replace(/ (?:for|of) client "[^"]*"/u, '').replace(/client "[^"]*"/u, 'the client');
  return fragment`${subject}: ${markdown.prose(what)} failed`;
}

/** What to do, why it failed, and at which request: three things, and never one paragraph. */
function explain(failure: Failure, { toDo = [], saysWhy }: Summary, markdown: Markdown): readonly string[] {
  const { code, parts } = failure;
  const all = parts.failures ?? [failure];
  const advice = adviceOf(failure).slice(0, MAX_FAILURES);
  const steps = toDo.length > 0 ? toDo : advice.map(text => markdown.prose(text));
  const [first = failure] = all;
  const request = parts.request ?? (all.length === 1 ? first.parts.request : undefined);
  const why = saysWhy && steps.length > 0 ? [] : whyLines(failure, all, markdown);
  return [
    ...alert('CAUTION', [...toDoLines(steps), ...(steps.length > 0 && why.length > 0 ? [''] : []), ...why]),
    '',
    `Error code \`${code}\`${request ? ` at ${markdown.code(request)}` : ''}`,
    '',
  ];
}

function toDoLines(steps: readonly Fragment[]): readonly string[] {
  const [only, ...more] = steps;
  if (only === undefined) {
    return [];
  }
  return more.length === 0 ? [`**To do:** ${only}`] : ['**To do:**', '', ...steps.map(step => `1. ${step}`)];
}

function whyLines({ parts, outcomeUnknown }: Failure, all: readonly Failure[], markdown: Markdown): readonly string[] {
  const doubt = outcomeUnknown ? ' It may have taken effect.' : '';
  const [only, ...others] = all;
  if (only && others.length === 0) {
    const what = parts.failures ? `${only.parts.operation}: ` : '';
    return [`**Why:** ${markdown.prose(what + sentence(only.parts.reason))}${doubt}`];
  }
  const groups = [...Map.groupBy(all, one => one.parts.reason).values()];
  const lines = groups.flatMap(group => (group.length > MAX_ALIKE ? [group] : group.map(one => [one])));
  const shown = lines
    .slice(0, MAX_FAILURES)
    .flatMap(([first, ...same]) => (first ? [`- ${reasonLine(first.parts, same.length + 1, markdown)}`] : []));
  const more = lines.slice(MAX_FAILURES).flat().length;
  return [`**Why:**${doubt}`, '', ...shown, ...(more > 0 ? [`- And ${more} more.`] : [])];
}

/** Why several requests failed for the same reason. Only the first of them is named. */
function reasonLine({ operation, reason, request }: FailureParts, count: number, markdown: Markdown): string {
  const where = request ? fragment` (${markdown.code(request)})` : '';
  return count === 1
    ? `${markdown.prose(`${operation}: ${reason}`)}${where}`
    : `${markdown.prose(`${count} times: ${sentence(reason)} The first: ${operation}`)}${where}`;
}

function alert(kind: 'CAUTION' | 'WARNING', lines: readonly string[]): readonly string[] {
  return [`> [!${kind}]`, ...lines.map(line => (line === '' ? '>' : `> ${line}`))];
}

/** A part of a summary that is folded until somebody opens it. Nothing if it is empty. */
export function details(title: string, lines: readonly (Fragment | string)[]): readonly (Fragment | string)[] {
  return lines.length === 0 ? [] : ['', `<details><summary>${title}</summary>`, '', ...lines, '', '</details>'];
}

/** As many whole lines as GitHub accepts, and one that says so: GitHub shows nothing of a longer summary. */
function cut(page: string): string {
  const beginning = Buffer.from(page).subarray(0, MAX_BYTES).toString();
  const lines = beginning.slice(0, beginning.lastIndexOf('\n')).split('\n');
  let fence = '';
  let open = 0;
  for (const line of lines) {
    const [, mark = ''] = /^(`{3,})[a-z]*$/u.exec(line) ?? [];
    fence = fence === '' ? mark : line === fence ? '' : fence;
    open += fence !== '' ? 0 : line.startsWith('<details>') ? 1 : line === '</details>' ? -1 : 0;
  }
  return [
    ...lines,
    ...(fence === '' ? [] : [fence]),
    ...Array.from({ length: open }, () => '\n</details>'),
    '',
    'The rest is cut: GitHub accepts a summary of 1 MiB from a step.',
  ].join('\n');
}
