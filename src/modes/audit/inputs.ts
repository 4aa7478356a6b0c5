import { readRotateBefore } from '../../inputs/secret.ts';
import { type CommonRequest, type FailOn, FINDING_CLASSES } from '../../model/request.ts';
import type { Duration } from '../../model/time.ts';
import type { FieldsOf, InputReading } from '../mode.ts';

/** Check all clients and secrets of the tenant. */
export interface AuditRequest extends CommonRequest {
  /** A secret is expiring if less than this is left before it expires. */
  readonly expiringWithin: Duration;
  readonly failOn: FailOn;
  /** How many clients to read at the same time. */
  readonly concurrency: number;
}

/** Reads the inputs of `mode: audit`. */
export function readAudit({ input, now }: InputReading): FieldsOf<AuditRequest> {
  return {
    expiringWithin: readRotateBefore(input, now),
    failOn: input.choice('fail-on', ['none', ...FINDING_CLASSES, 'any']),
    concurrency: input.count('concurrency', 1, 50),
  };
}
