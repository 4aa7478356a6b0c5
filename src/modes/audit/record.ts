import type { AuditedClient } from '../../plan/audit.ts';
import type { CommonRecord } from '../record.ts';

/** What an audit has found so far. */
export interface AuditRecord extends CommonRecord {
  readonly mode: 'audit';
  /** How many clients the tenant has. Absent where they could not be listed. */
  listed?: number;
  /** Set where the tenant may have more of them, as this Vantage does not tell how many there are. */
  cut?: true;
  /** Those that were looked at, gravest first. */
  clients: readonly AuditedClient[];
  /** When Vantage was asked. */
  /** By Vantage's clock, once that is known. */
  auditedAt: Date;
}

/** The ledger of an audit that has not begun. */
export function newAuditRecord(): AuditRecord {
  return { mode: 'audit', clients: [], auditedAt: new Date(), changed: false };
}
