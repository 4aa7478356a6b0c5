import type { Request } from '../../model/request.ts';
import type { Markdown } from '../../report/markdown.ts';
import type { EnsureLedger } from './record.ts';

/** What a run that ensures a client did. */
export function summarizeEnsure(request: Request, ledger: EnsureLedger, markdown: Markdown): readonly string[] {
  const rows: [string, string][] = [
    ['Vantage', `${request.vantage.baseUrl} (${request.vantage.apiVersion})`],
    ['Tenant', request.vantage.tenantId],
    ['Client', `${ledger.clientId} — ${clientState(request, ledger)}`],
    ...secretRows(ledger, markdown),
  ];
  return [markdown.table(['', ''], rows), ...driftTable(ledger, markdown)];
}

function clientState(request: Request, ledger: EnsureLedger): string {
  if (ledger.clientCreated) {
    return 'created';
  }
  if (ledger.clientUpdated) {
    return 'updated';
  }
  if (request.run.dryRun) {
    return `dry run, would ${ledger.plan?.client === 'create' ? 'be created unless it exists' : `be: ${ledger.plan?.client ?? 'unknown'}`}`;
  }
  if (ledger.clientUnknown) {
    return 'not known whether this run created it';
  }
  return ledger.drift ? 'kept as it is' : 'not compared';
}

const FATES = {
  minted: 'minted, not handed out',
  'handed-out': 'minted and handed out',
  revoked: 'minted, not handed out, revoked',
} as const;

function secretRows({ secret, written, beside }: EnsureLedger, markdown: Markdown): [string, string][] {
  if (!secret) {
    return [['Secret', 'none minted']];
  }
  const timeOf = (told: string | undefined) => (told === undefined ? 'a time not told' : markdown.short(told));
  return [
    ['Secret', FATES[secret.fate]],
    ...(secret.id === undefined ? [] : [['Id', markdown.short(secret.id)] as [string, string]]),
    ['Works', `from ${timeOf(secret.startTime)} to ${timeOf(secret.expiration)}`],
    ['Proven', secret.verified],
    ['Mark', secret.mark],
    ...written.map(line => ['Written to', line] as [string, string]),
    ...beside.map(line => ['Made or updated', line] as [string, string]),
  ];
}

function driftTable({ drift = {}, clientUpdated, driftLeft }: EnsureLedger, markdown: Markdown): string[] {
  const rows = Object.entries(drift).map(([field, [wanted, found]]): [string, string, string] => [
    field,
    markdown.short(JSON.stringify(wanted)),
    markdown.short(JSON.stringify(found)),
  ]);
  return rows.length > 0
    ? ['', markdown.table(['Setting', 'Declared', clientUpdated && !driftLeft ? 'Found before' : 'Found'], rows)]
    : [];
}
