import { styleText } from 'node:util';
import { Masker } from '../../emulator/runner/masker.ts';
import type { ActionRun } from '../../emulator/runner.ts';
import type { StoredClient } from '../../emulator/vantage/index.ts';
import { renderMarkdown } from './markdown.ts';
import type { Step } from './workflow.ts';

const WIDTH = 100;

/** A heading for several sections. */
export function showTitle(title: string): void {
  print('', styleText('bold', `━━ ${title} ${'━'.repeat(Math.max(2, WIDTH - title.length - 4))}`));
}

/** The step of the workflow. */
export function showStep(file: string, step: Step): void {
  showSection(`The step, from ${file}`, `- ${step.source.replaceAll('\n', '\n  ')}`);
}

/** What the page of the run, the outputs and the job summary show of a step. */
export function showRun(
  step: Step,
  inputs: Readonly<Record<string, string>>,
  secrets: readonly string[],
  run: ActionRun,
): void {
  const masker = new Masker();
  for (const secret of [...secrets, ...run.masks]) masker.add(secret);

  const given = Object.entries(inputs).filter(([, value]) => value !== '');
  const head = [`▼ Run ${step.uses}`, '  with:', ...given.map(([name, value]) => `    ${name}: ${masker.mask(value)}`)];
  showSection('The log', [...head, run.log.trimEnd()].join('\n'));
  showSection(
    'The outputs',
    columns(
      Object.entries(run.outputs).map(([name, value]) => [
        name,
        name === 'client-secret' && value !== '' ? '***' : masker.mask(value),
      ]),
    ),
  );
  if (run.summary.trim() !== '') showSection('The job summary', renderMarkdown(run.summary));

  const ending = run.signal ?? `exit code ${run.exitCode}`;
  const color = run.conclusion === 'success' ? 'green' : 'red';
  print('', `  ${styleText(color, run.conclusion)} (${ending}) in ${(run.durationMs / 1000).toFixed(2)} s`);
}

/** A request as a server received it. */
interface ShownRequest {
  readonly method: string;
  readonly path: string;
  readonly status: number | undefined;
  readonly applied: boolean;
  /** How it violates the server's own description. */
  readonly contractViolation?: string;
}

/** The requests that a server received, and which of them changed anything. */
export function showRequests(server: string, requests: readonly ShownRequest[]): void {
  const rows = requests.map(({ method, path, status, applied, contractViolation }) => [
    method,
    path,
    status === undefined ? 'no answer' : String(status),
    contractViolation ?? (applied ? 'changed something' : ''),
  ]);
  showSection(`The requests that ${server} got`, columns(rows));
}

/** What GitHub stores for a later job: kind, name and a note. Never the value of a secret. */
export function showGitHub(job: string, rows: readonly (readonly string[])[]): void {
  showSection(`What GitHub now holds, for the job "${job}" to read`, columns(rows));
}

/** The clients and secrets in Vantage. Like Vantage, it shows only three characters of the value of a secret. */
export function showClients(clients: readonly StoredClient[]): void {
  const texts = clients.map(({ clientId, secrets, createdAt, ...settings }) => {
    const held = secrets.map(({ value, description, startTime, expiration, id }) =>
      columns([
        ['secret', id],
        ['  valueDisplay', value.slice(0, 3)],
        ['  description', description ?? ''],
        ['  startTime', startTime],
        ['  expiration', expiration],
      ]),
    );
    const shown = Object.entries(settings).map(([name, value]) => [`  ${name}`, JSON.stringify(value)]);
    return [columns([['client', clientId], ...shown, ['  createdAt', createdAt]]), ...held].join('\n');
  });
  showSection('What Vantage now holds', texts.join('\n\n') || 'no client');
}

/** A part with a title, and indented text. */
export function showSection(title: string, text: string): void {
  print('', `  ${styleText('bold', title)}`, (text || 'none').replace(/^(?=.)/gm, '    '));
}

/** Writes lines to the terminal. */
export function print(...lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** Rows with aligned columns. */
function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)));
  return rows
    .map(row =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
