import pMap from 'p-map';
import { Failure } from '../../model/failure.ts';
import type { AuditRequest } from '../../model/request.ts';
import type { ListedSecret, ReadableClient } from '../../model/vantage.ts';
import { type AuditedClient, auditClient, byGravity, type ClientReading } from '../../plan/audit.ts';
import { SCHEMA_VERSION } from '../../plan/describe-plan.ts';
import type { Tenant } from '../../vantage/tenant.ts';
import { listClients, readOne } from '../reads.ts';
import type { StepContext } from '../step-context.ts';
import type { AuditRecord } from './record.ts';

/** The settings of both API versions that an audit looks at. A client whose entry in the list lacks one is read. */
const LOOKED_AT = ['redirectUris', 'allowNoPkce', 'allowedGrantTypes', 'allowOfflineAccess', 'requireClientSecret'];

/** GitHub shows ten warnings of a step: these, one that counts the rest, and one of outputs that have no room for all. */
const MOST_WARNINGS = 8;

/** Findings of one client that are told in its line of the log. */
const MOST_TOLD = 10;

/**
 * Looks at every client and secret of the tenant, and changes nothing.
 *
 * @param ledger told of what was found.
 * @throws Failure `audit-findings` where it finds what the workflow wants to fail on.
 */
export async function audit(request: AuditRequest, context: StepContext, record: AuditRecord): Promise<void> {
  const { tokens, openTenant, log } = context;
  const tenant = openTenant(await tokens.signIn(request.signIn));
  const clients = await listClients(tenant, context, record, 'Without that there is nothing to audit.');
  record.plan = { schemaVersion: SCHEMA_VERSION, mode: 'audit', clients: clients.length };
  const audited: AuditedClient[] = [];
  record.auditedAt = context.now().vantage;
  const terms = { now: record.auditedAt, expiringWithin: request.expiringWithin };
  try {
    await pMap(
      clients,
      async listed => {
        audited.push(auditClient(await readClient(listed, tenant, context), terms));
      },
      { concurrency: request.concurrency },
    );
  } finally {
    // What was found before a failure is no less true for it.
    record.clients = byGravity(audited);
    const secrets = record.clients.reduce((sum, client) => sum + (client.secrets?.length ?? 0), 0);
    log.info(`The tenant has ${clients.length} clients. Looked at ${audited.length}, with ${secrets} secrets.`);
    reportFindings(record, context);
  }
  failOnFindings(request, record.clients);
}

async function readClient(listed: ReadableClient, tenant: Tenant, context: StepContext): Promise<ClientReading> {
  const { clientId } = listed;
  const isWhole = LOOKED_AT.every(field => field in listed);
  const [settings, secrets] = await Promise.all([
    isWhole ? undefined : readOne(context, () => tenant.clients.read(clientId)),
    readOne(context, () => tenant.secrets.list(clientId)),
  ]);
  return {
    client: settings?.kind === 'found' ? { ...listed, ...settings.found } : listed,
    ...(settings?.kind === 'unreadable' ? { unreadSettings: settings.reason } : {}),
    secrets:
      secrets.kind === 'found' ? { ...secrets, found: secrets.found.map(one => printable(one, context)) } : secrets,
  };
}

/** An id is shown cut short, and of what is cut the redactor would not know any more that it was secret. */
function printable(secret: ListedSecret, { log }: StepContext): ListedSecret {
  return { ...secret, id: log.redactValue(secret.id) };
}

function reportFindings({ clients, cut }: AuditRecord, { log }: StepContext): void {
  const mostWarnings = cut ? MOST_WARNINGS - 1 : MOST_WARNINGS;
  const found = clients.filter(({ findings }) => findings.length > 0);
  found.forEach(({ clientId, findings }, index) => {
    const told = findings.slice(0, MOST_TOLD).map(({ text }) => text);
    const more = findings.length > MOST_TOLD ? [`and ${findings.length - MOST_TOLD} more findings`] : [];
    const line = `Client "${clientId}": ${[...told, ...more].join('; ')}.`;
    if (index < mostWarnings) {
      log.warning(line);
    } else {
      log.info(line);
    }
  });
  const more = found.length - mostWarnings;
  if (more > 0) {
    log.warning(
      `${more} more ${more === 1 ? 'client has' : 'clients have'} findings: see the job summary and the log.`,
    );
  }
}

function failOnFindings({ failOn }: AuditRequest, clients: readonly AuditedClient[]): void {
  const counts = new Map<string, number>();
  for (const { kind, class: of } of clients.flatMap(({ findings }) => findings)) {
    if (failOn === 'any' || of === failOn) {
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
  }
  if (counts.size > 0) {
    const why = [...counts].map(([kind, count]) => `${kind}: ${count}`).join(', ');
    throw new Failure('audit-findings', {
      operation: `the audit, by fail-on: ${failOn},`,
      reason: `it found ${why}`,
      advice: 'The job summary and the `results` output list them.',
    });
  }
}
