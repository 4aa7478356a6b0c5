import type { Ledger } from '../apply/ledger.ts';
import { type Failure, oneLine } from '../failure.ts';
import type { Request } from '../request/request.ts';

/** Makes a value safe to stand in Markdown of ours. */
type Cell = (value: string) => string;

/**
 * The job summary of one run, as GitHub Markdown: what was asked for, what came of it, and what went wrong.
 *
 * @param redact hides what is secret, before anything is escaped.
 */
export function renderSummary(
  request: Request,
  ledger: Ledger,
  failure: Failure | undefined,
  redact: (text: string) => string,
): string {
  const cell: Cell = value => escapeMarkdown(oneLine(redact(value)));
  const rows: [string, string][] = [
    ['Vantage', `${request.vantage.baseUrl} (${request.vantage.apiVersion})`],
    ['Tenant', request.vantage.tenantId],
    ['Client', `${ledger.clientId} — ${clientState(request, ledger)}`],
    ...secretRows(ledger),
  ];
  return [
    `### ${failure ? '❌' : '✅'} Vantage client ${code(redact(ledger.clientId))}`,
    '',
    ...(failure ? [`**${failure.code}**: ${cell(failure.message)}`, ''] : []),
    table(['', ''], rows, cell),
    ...driftTable(ledger, cell),
  ].join('\n');
}

function clientState(request: Request, ledger: Ledger): string {
  if (ledger.clientCreated) {
    return 'created';
  }
  if (ledger.clientUpdated) {
    return 'updated';
  }
  if (request.run.dryRun) {
    return `dry run, would ${ledger.plan?.client === 'create' ? 'be created unless it exists' : `be: ${ledger.plan?.client ?? 'unknown'}`}`;
  }
  return ledger.drift ? 'kept as it is' : 'not compared';
}

const FATES = {
  minted: 'minted, not handed out',
  'handed-out': 'minted and handed out',
  revoked: 'minted, not handed out, revoked',
} as const;

function secretRows({ secret, written, beside }: Ledger): [string, string][] {
  if (!secret) {
    return [['Secret', 'none minted']];
  }
  return [
    ['Secret', FATES[secret.fate]],
    ...(secret.id === undefined ? [] : [['Id', secret.id] as [string, string]]),
    ['Works', `from ${secret.startTime ?? 'a time not told'} to ${secret.expiration ?? 'a time not told'}`],
    ['Proven', secret.verified],
    ['Mark', secret.mark],
    ...written.map(line => ['Written to', line] as [string, string]),
    ...beside.map(line => ['Made or updated', line] as [string, string]),
  ];
}

function driftTable({ drift = {}, clientUpdated }: Ledger, cell: Cell): string[] {
  const rows = Object.entries(drift).map(([field, [wanted, found]]): [string, string, string] => [
    field,
    JSON.stringify(wanted),
    JSON.stringify(found),
  ]);
  return rows.length > 0
    ? ['', table(['Setting', 'Declared', clientUpdated ? 'Found before' : 'Found'], rows, cell)]
    : [];
}

function table(head: readonly string[], rows: readonly (readonly string[])[], cell: Cell): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function code(text: string): string {
  return `\`${text.replaceAll('`', "'")}\``;
}

/** Keeps what others wrote from becoming Markdown or HTML of ours. */
function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]<>|#!~]/gu, '\\$&');
}
