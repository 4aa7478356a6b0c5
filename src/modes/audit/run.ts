import pMap from 'p-map';
import { Failure } from '../../model/failure.ts';
import type { ListedSecret, ReadableClient } from '../../model/vantage.ts';
import { type AuditedClient, auditClient, type ClientReading, mostSevereFirst } from '../../plan/audit.ts';
import { SCHEMA_VERSION } from '../../plan/describe-plan.ts';
import type { Tenant } from '../../vantage/tenant.ts';
import { listClients, readOne } from '../reads.ts';
import type { StepContext } from '../step-context.ts';
import type { AuditRequest } from './inputs.ts';
import type { AuditRecord } from './record.ts';

/** The settings that an audit checks and both API versions have. A client whose list entry lacks one is read on its own. */
const CHECKED_SETTINGS = [
  'redirectUris',
  'allowNoPkce',
  'allowedGrantTypes',
  'allowOfflineAccess',
  'requireClientSecret',
];

/** GitHub shows ten warnings of a step: these, one that counts the rest, and one about outputs that are too small. */
const MAX_WARNINGS = 8;

/** How many findings of one client its line in the log shows. */
const MAX_SHOWN = 10;

/**
 * Checks every client and secret of the tenant, and changes nothing.
 *
 * @throws Failure, `audit-findings` if it finds what `fail-on` names.
 */
export async function audit(request: AuditRequest, context: StepContext, record: AuditRecord): Promise<void> {
  const { tokens, openTenant, log } = context;
  const tenant = openTenant(await tokens.signIn(request.signIn));
  const clients = await listClients(tenant, context, record, 'Without that list, there is nothing to audit.');
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
    // A failure does not make earlier findings wrong.
    record.clients = mostSevereFirst(audited);
    const secrets = record.clients.reduce((sum, client) => sum + (client.secrets?.length ?? 0), 0);
    log.info(`The tenant has ${clients.length} clients. Checked ${audited.length}, with ${secrets} secrets.`);
    reportFindings(record, context);
  }
  failOnFindings(request, record.clients);
}

async function readClient(listed: ReadableClient, tenant: Tenant, context: StepContext): Promise<ClientReading> {
  const { clientId } = listed;
  const isWhole = CHECKED_SETTINGS.every(field => field in listed);
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

/** Redacted here, because findings show a part of the id, and the redactor does not find a part of a secret. */
function printable(secret: ListedSecret, { log }: StepContext): ListedSecret {
  return { ...secret, id: log.redactValue(secret.id) };
}

function reportFindings({ clients, cut }: AuditRecord, { log }: StepContext): void {
  const maxWarnings = cut ? MAX_WARNINGS - 1 : MAX_WARNINGS;
  const found = clients.filter(({ findings }) => findings.length > 0);
  found.forEach(({ clientId, findings }, index) => {
    const shown = findings.slice(0, MAX_SHOWN).map(({ text }) => text);
    const more = findings.length > MAX_SHOWN ? [`and ${findings.length - MAX_SHOWN} more findings`] : [];
    const line = `Client "${clientId}": ${[...shown, ...more].join('; ')}.`;
    if (index < maxWarnings) {
      log.warning(line, 'audit');
    } else {
      log.info(line);
    }
  });
  const more = found.length - maxWarnings;
  if (more > 0) {
    log.warning(
      `${more} more ${more === 1 ? 'client has' : 'clients have'} findings: see the job summary and the log.`,
      'audit',
    );
  }
}

function failOnFindings({ failOn }: AuditRequest, clients: readonly AuditedClient[]): void {
  const counts = new Map<string, number>();
  for (const { kind, class: findingClass } of clients.flatMap(({ findings }) => findings)) {
    if (failOn === 'any' || findingClass === failOn) {
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
  }
  if (counts.size > 0) {
    const found = [...counts].map(([kind, count]) => `${kind}: ${count}`).join(', ');
    throw new Failure('audit-findings', {
      operation: `the audit with fail-on: ${failOn}`,
      reason: `it found ${found}`,
      advice: 'The job summary and the `results` output list them.',
    });
  }
}
