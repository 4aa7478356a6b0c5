import type { EnsureRequest } from '../../model/request.ts';
import { proseOf } from '../../plan/variables.ts';
import type { Markdown, Summary } from '../../report/summary.ts';
import type { EnsureRecord } from './record.ts';

/** The job summary of `mode: ensure`. */
export function summarizeEnsure(request: EnsureRequest, record: EnsureRecord, markdown: Markdown): Summary {
  const { client, vantage } = request;
  const rows: [string, string][] = [
    ['Vantage', `${vantage.baseUrl} (${vantage.apiVersion})`],
    ['Tenant', vantage.tenantId],
    ['Client', `${record.clientId} — ${clientState(request, record)}`],
    ...secretRows(request, record, markdown),
  ];
  return {
    title: `Vantage client ${markdown.code(client.clientId)}`,
    body: [markdown.table(['', ''], rows), ...driftTable(record, markdown)],
  };
}

function clientState({ run }: EnsureRequest, record: EnsureRecord): string {
  const { clientCreated, clientUpdated, clientUnknown, drift, plan } = record;
  if (clientCreated) {
    return 'created';
  }
  if (clientUpdated) {
    return 'updated';
  }
  if (run.dryRun) {
    return plan?.client === 'create'
      ? 'dry run, would be created unless it exists'
      : `dry run, plan: ${plan?.client ?? 'unknown'}`;
  }
  if (clientUnknown) {
    return 'not known whether this run created it';
  }
  return drift ? 'unchanged' : 'not compared';
}

const SECRET_STATES = {
  minted: 'created, not delivered',
  'handed-out': 'created and delivered',
  revoked: 'created, not delivered, revoked',
} as const;

function secretRows(
  { delivery }: EnsureRequest,
  { secret, written, otherWrites }: EnsureRecord,
  markdown: Markdown,
): [string, string][] {
  if (!secret) {
    return [['Secret', 'none created']];
  }
  const inProse = proseOf(delivery.github);
  const time = (text: string | undefined) =>
    text === undefined ? 'a time that Vantage does not report' : markdown.short(text);
  return [
    ['Secret', SECRET_STATES[secret.fate]],
    ...(secret.id === undefined ? [] : [['Id', markdown.short(secret.id)] as [string, string]]),
    ['Valid', `from ${time(secret.startTime)} to ${time(secret.expiration)}`],
    ['Verified', secret.verified],
    ['Mark', secret.mark],
    ...written.map(line => ['Written to', inProse(line)] as [string, string]),
    ...otherWrites.map(line => ['Created or updated', line] as [string, string]),
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
