import type { Request } from '../../model/request.ts';
import type { Markdown } from '../../report/markdown.ts';
import type { EnsureRecord } from './record.ts';

/** What a run that ensures a client did. */
export function summarizeEnsure(request: Request, record: EnsureRecord, markdown: Markdown): readonly string[] {
  const rows: [string, string][] = [
    ['Vantage', `${request.vantage.baseUrl} (${request.vantage.apiVersion})`],
    ['Tenant', request.vantage.tenantId],
    ['Client', `${record.clientId} — ${clientState(request, record)}`],
    ...secretRows(record, markdown),
  ];
  return [markdown.table(['', ''], rows), ...driftTable(record, markdown)];
}

function clientState(request: Request, record: EnsureRecord): string {
  if (record.clientCreated) {
    return 'created';
  }
  if (record.clientUpdated) {
    return 'updated';
  }
  if (request.run.dryRun) {
    return `dry run, would ${record.plan?.client === 'create' ? 'be created unless it exists' : `be: ${record.plan?.client ?? 'unknown'}`}`;
  }
  if (record.clientUnknown) {
    return 'not known whether this run created it';
  }
  return record.drift ? 'kept as it is' : 'not compared';
}

const FATES = {
  minted: 'minted, not handed out',
  'handed-out': 'minted and handed out',
  revoked: 'minted, not handed out, revoked',
} as const;

function secretRows({ secret, written, otherWrites }: EnsureRecord, markdown: Markdown): [string, string][] {
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
    ...otherWrites.map(line => ['Made or updated', line] as [string, string]),
  ];
}

function driftTable({ drift = {}, clientUpdated, driftLeft }: EnsureRecord, markdown: Markdown): string[] {
  const rows = Object.entries(drift).map(([field, [wanted, found]]): [string, string, string] => [
    field,
    markdown.short(JSON.stringify(wanted)),
    markdown.short(JSON.stringify(found)),
  ]);
  return rows.length > 0
    ? ['', markdown.table(['Setting', 'Declared', clientUpdated && !driftLeft ? 'Found before' : 'Found'], rows)]
    : [];
}
