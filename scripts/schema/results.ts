import * as z from 'zod';
import { ERROR_CODES } from '../../src/model/failure.ts';
import { FINDING_KINDS } from '../../src/plan/findings.ts';
import { Outcome, Reason, version, wordsOf } from './words.ts';

const ErrorCode = z.enum(['', ...wordsOf(ERROR_CODES)]).meta({
  id: 'ErrorCode',
  description: 'Why the step failed for this client, as in the output `error-code`. Empty if it succeeded.',
});

const head = <Mode extends string>(mode: Mode) => ({
  schemaVersion: version,
  mode: z.literal(mode),
  tenant: z.string().describe('The ID of the tenant, as the action uses it.'),
  clientId: z.string(),
  outcome: Outcome,
  errorCode: ErrorCode,
});

const instant = z.string().describe('RFC 3339.');
const lines = z.array(z.string());

const ensured = z.object({
  ...head('ensure'),
  reason: Reason.nullable().describe('Null if the step ended before this was decided.'),
  expiration: instant.nullable().describe('When the delivered secret expires. Null if this run delivered none.'),
  rotationDue: instant.nullable().describe('When the secret in use becomes due. Null if that is not known.'),
  liveSecrets: z
    .int()
    .min(0)
    .nullable()
    .describe(
      'The number of secrets of the client that the action created for this repository and that have not expired at the end of the step. Null if Vantage does not list all secrets, or if the step did not list them.',
    ),
  secret: z
    .object({
      id: z.string().optional(),
      startTime: instant.optional(),
      expiration: instant.optional(),
      fate: z.enum(['minted', 'handed-out']).describe('`minted`: it exists, but was not delivered.'),
      verified: z.enum(['true', 'false', 'skipped']),
    })
    .optional()
    .describe('The secret that this run created. Absent if there is none, or if it was revoked.'),
  written: lines.describe('The targets that hold the new secret, as lines of `write-to`.'),
  pruned: lines.describe('The IDs of the secrets that `prune-after` deleted.'),
  begun: z.literal(false).optional().describe('With `manifest`: the run did not come to this client.'),
  orphaned: z
    .literal(true)
    .optional()
    .describe(
      'With `manifest`: the manifest does not name this client, and the action created a secret of it for this repository.',
    ),
});

const kept = z.array(z.object({ line: z.string(), why: z.string() }));

const deleted = z.object({
  ...head('delete'),
  cleared: lines.describe('What was deleted from GitHub.'),
  kept: kept.optional().describe('What was kept in GitHub, because it belongs to another client or may belong to one.'),
});

const swept = z.object({
  ...head('sweep'),
  pullRequest: z.int().min(1),
  step: z.enum(['delete', 'keep']).describe('What the plan was.'),
  why: z.string(),
  unproven: z.literal(true).optional().describe('Nothing proves that this repository created the client.'),
  fate: z.enum(['kept', 'to be deleted', 'deleted', 'gone', 'failed']),
});

const audited = z.object({
  ...head('audit'),
  clientName: z.string().optional().describe('Absent if it is the same as the ID.'),
  secrets: z
    .array(
      z.object({
        id: z.string(),
        state: z.enum(['valid', 'expiring', 'expired', 'not yet valid']),
        startTime: instant.optional(),
        expiration: instant.optional(),
        createdFor: z.object({ repository: z.string(), owner: z.string(), digests: z.array(z.string()) }).optional(),
        superseded: z.boolean().describe('A newer one for the same repository and targets is valid.'),
      }),
    )
    .optional()
    .describe('Absent if the secrets could not be listed.'),
  findings: z
    .array(
      z.object({
        kind: z.enum(wordsOf(FINDING_KINDS)),
        class: z.enum(['expiring', 'risky', 'other']),
        secretId: z.string().optional(),
        text: z.string(),
      }),
    )
    .describe('The most severe one first.'),
});

/** The output `results`. Empty if there is no client to report. */
export const Results = z
  .array(z.discriminatedUnion('mode', [ensured, deleted, swept, audited]))
  .meta({ title: 'The output `results`', description: 'One object per client, depending on the mode of the step.' });
