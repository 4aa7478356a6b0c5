import pMap from 'p-map';
import { countText } from '../../model/dates.ts';
import { Failure } from '../../model/failure.ts';
import type { Log } from '../../model/log.ts';
import type { AuditRequest } from '../../model/request.ts';
import type { ListedSecret, ReadableClient } from '../../model/vantage.ts';
import { type AuditedClient, auditClient, type ClientReading, mostSevereFirst } from '../../plan/audit.ts';
import { auditLines, auditVerdict, mostUrgent, sectionsOf, shownLines, withinText } from '../../plan/audit-sections.ts';
import { SCHEMA_VERSION } from '../../plan/describe-plan.ts';
import type { Tenant } from '../../vantage/tenant.ts';
import { listClients, readOne } from '../reads.ts';
import type { StepContext } from '../step-context.ts';
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
    const auditOne = async (listed: ReadableClient) => {
      audited.push(auditClient(await readClient(listed, tenant, context), terms));
    };
    await pMap(clients, auditOne, { concurrency: request.concurrency });
  } finally {
    // A failure does not make earlier findings wrong.
    record.clients = mostSevereFirst(audited);
    const secrets = record.clients.reduce((sum, client) => sum + (client.secrets?.length ?? 0), 0);
    log.info(`The tenant has ${clients.length} clients. Checked ${audited.length}, with ${secrets} secrets.`);
    reportFindings(request, record, log);
  }
  failOnFindings(request, record);
}

async function readClient(listed: ReadableClient, tenant: Tenant, context: StepContext): Promise<ClientReading> {
  const { clientId } = listed;
  const printable = (secret: ListedSecret) => ({ ...secret, id: context.log.redactValue(secret.id) });
  const isWhole = CHECKED_SETTINGS.every(field => field in listed);
  const [settings, secrets] = await Promise.all([
    isWhole ? undefined : readOne(context, () => tenant.clients.read(clientId)),
    readOne(context, () => tenant.secrets.list(clientId)),
  ]);
  return {
    client: settings?.kind === 'found' ? { ...listed, ...settings.found } : listed,
    ...(settings?.kind === 'unreadable' ? { unreadSettings: settings.reason } : {}),
    // Redacted here, because findings show a part of the id, and the redactor does not find a part of a secret.
    secrets: secrets.kind === 'found' ? { ...secrets, found: secrets.found.map(printable) } : secrets,
  };
}

/** The most urgent findings become annotations. The others are folded, section by section. */
function reportFindings({ expiringWithin }: AuditRequest, { clients, cut, auditedAt }: AuditRecord, log: Log): void {
  const sections = auditLines(sectionsOf(clients), withinText(expiringWithin, auditedAt), auditedAt);
  const shown = new Set(mostUrgent(sections, cut ? MAX_WARNINGS - 1 : MAX_WARNINGS));
  for (const line of shown) {
    log.warning(line, 'audit');
  }
  let more = 0;
  for (const { title, lines } of sections) {
    const others = lines.filter(line => !shown.has(line));
    if (others.length > 0) {
      log.group(`${title}: ${others.length}${others.length < lines.length ? ' more' : ''}`, () => {
        for (const line of shownLines(others)) {
          log.info(line);
        }
      });
    }
    more += others.length;
  }
  if (more > 0) {
    log.warning(`${countText(more, 'more finding')}: see the job summary and the log.`, 'audit');
  }
}

function failOnFindings({ failOn, expiringWithin }: AuditRequest, { clients, auditedAt }: AuditRecord): void {
  if (failOn === 'none') {
    return;
  }
  const found = auditVerdict(sectionsOf(clients), withinText(expiringWithin, auditedAt), failOn);
  if (found !== '') {
    throw new Failure('audit-findings', {
      operation: `the audit with fail-on: ${failOn}`,
      reason: `it found: ${found}`,
      advice: 'The job summary and the `results` output list them.',
    });
  }
}
