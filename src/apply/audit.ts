import pMap from 'p-map';
import { Failure } from '../failure.ts';
import { type AuditedClient, auditClient, byGravity, type FindingClass } from '../plan/audit.ts';
import type { AuditRequest } from '../request/request.ts';
import { unreadable } from '../vantage/admin-api.ts';
import { unreadableFailure } from '../vantage/clients.ts';
import type { ReadableClient } from '../vantage/schema.ts';
import type { Tenant } from '../vantage/tenant.ts';
import type { AuditLedger } from './ledger.ts';
import type { Workbench } from './workbench.ts';

/** The settings that an audit looks at. Where a list of clients tells none of them, each client is read. */
const LOOKED_AT = ['redirectUris', 'allowNoPkce', 'allowRopc', 'allowedGrantTypes', 'accessTokenLifetime'];

/** What the trouble of one client need not be that of the next. */
const PASSING = ['vantage-unavailable', 'unexpected-response', 'not-found'];

/** GitHub shows ten warnings of a step. The last one counts the rest. */
const MOST_WARNINGS = 9;

/**
 * Looks at every client and secret of the tenant, and changes nothing.
 *
 * @param ledger told of what was found.
 * @throws Failure `audit-findings` where it finds what the workflow wants to fail on.
 */
export async function audit(request: AuditRequest, bench: Workbench, ledger: AuditLedger): Promise<void> {
  const { tokens, openTenant, log } = bench;
  const tenant = openTenant(await tokens.signIn(request.signIn));
  const list = await tenant.clients.list();
  if (list.kind === 'unreadable') {
    throw unreadableFailure('listing the clients of the tenant', list, 'Without that there is nothing to audit.');
  }
  const terms = { now: ledger.auditedAt, expiringWithin: request.expiringWithin };
  const audited = await pMap(
    list.found,
    async listed => {
      const [client, secrets] = await Promise.all([readSettings(listed, tenant), readSecrets(listed, tenant, bench)]);
      return auditClient(client, secrets, terms);
    },
    { concurrency: request.concurrency },
  );
  ledger.clients = byGravity(audited);
  ledger.plan = { clients: ledger.clients.length };
  const secrets = ledger.clients.reduce((sum, client) => sum + (client.secrets?.length ?? 0), 0);
  log.info(`The tenant has ${ledger.clients.length} clients with ${secrets} secrets.`);
  reportFindings(ledger.clients, bench);
  failOnFindings(request, ledger.clients);
}

/** The settings of a client: from the list, where that tells them, else from itself, where it can be read. */
async function readSettings(listed: ReadableClient, { clients }: Tenant): Promise<ReadableClient> {
  if (LOOKED_AT.some(field => field in listed)) {
    return listed;
  }
  const read = await clients.read(listed.clientId);
  return read.kind === 'found' ? { ...listed, ...read.found } : listed;
}

/** The secrets of one client. That Vantage is unwell on one of them must not hide what is wrong with all others. */
async function readSecrets(
  { clientId }: ReadableClient,
  { secrets }: Tenant,
  { deadline }: Workbench,
): Promise<Awaited<ReturnType<Tenant['secrets']['list']>>> {
  try {
    return await secrets.list(clientId);
  } catch (error) {
    if (error instanceof Failure && PASSING.includes(error.code) && !deadline.stopCode) {
      return unreadable(error.message, 'unexpected-response');
    }
    throw error;
  }
}

function reportFindings(clients: readonly AuditedClient[], { log }: Workbench): void {
  const found = clients.filter(({ findings }) => findings.length > 0);
  found.forEach(({ clientId, findings }, index) => {
    const line = `Client "${clientId}": ${findings.map(({ text }) => text).join('; ')}.`;
    if (index < MOST_WARNINGS) {
      log.warning(line);
    } else {
      log.info(line);
    }
  });
  if (found.length > MOST_WARNINGS) {
    log.warning(`${found.length - MOST_WARNINGS} more clients have findings: see the job summary and the log.`);
  }
}

function failOnFindings({ failOn }: AuditRequest, clients: readonly AuditedClient[]): void {
  const counts = new Map<string, number>();
  for (const { kind, class: of } of clients.flatMap(({ findings }) => findings)) {
    if (failOn === 'any' || (failOn !== 'none' && of === (failOn satisfies FindingClass))) {
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
  }
  if (counts.size > 0) {
    const why = [...counts].map(([kind, count]) => `${kind}: ${count}`).join(', ');
    throw new Failure('audit-findings', {
      what: `the audit, by fail-on: ${failOn},`,
      why: `it found ${why}`,
      todo: 'The job summary and the `results` output list them.',
    });
  }
}
