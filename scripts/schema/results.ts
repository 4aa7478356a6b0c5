import * as z from 'zod';
import { ERROR_CODES } from '../../src/model/failure.ts';
import { FINDING_KINDS } from '../../src/plan/findings.ts';
import { Outcome, Reason, version, wordsOf } from './words.ts';

const ErrorCode = z.enum(['', ...wordsOf(ERROR_CODES)]).meta({
  id: 'ErrorCode',
  description: 'Why it failed, in the words of the output `error-code`. Empty where it did not.',
});

const head = <Mode extends string>(mode: Mode) => ({
  schemaVersion: version,
  mode: z.literal(mode),
  tenant: z.string().describe('The id of the tenant, as it was used.'),
  clientId: z.string(),
  outcome: Outcome,
  errorCode: ErrorCode,
});

const instant = z.string().describe('RFC 3339.');
const lines = z.array(z.string());

const ensured = z.object({
  ...head('ensure'),
  reason: Reason.nullable().describe('Null where the step ended before that was decided.'),
  expiration: instant
    .nullable()
    .describe('When the secret ends that this run delivered. Null where it delivered none.'),
  rotationDue: instant.nullable().describe('When the secret in use becomes due. Null where that is not known.'),
  liveSecrets: z
    .int()
    .min(0)
    .nullable()
    .describe(
      'How many secrets of the client, created by the action for this repository, have not ended when the step ends. Null where Vantage does not list all secrets, or nobody asked it.',
    ),
  secret: z
    .object({
      id: z.string().optional(),
      startTime: instant.optional(),
      expiration: instant.optional(),
      fate: z.enum(['minted', 'handed-out']).describe('`minted`: it exists, and nobody was given it.'),
      verified: z.enum(['true', 'false', 'skipped']),
    })
    .optional()
    .describe('The secret that this run created. Absent where there is none, or it was revoked.'),
  written: lines.describe('The targets that hold the new secret, in the words of `write-to`.'),
  pruned: lines.describe('The ids of the secrets that `prune-after` deleted.'),
});

const kept = z.array(z.object({ line: z.string(), why: z.string() }));

const deleted = z.object({
  ...head('delete'),
  cleared: lines.describe('What was deleted from GitHub.'),
  kept: kept.optional().describe('What stays in GitHub, as it serves another client or may.'),
});

const swept = z.object({
  ...head('sweep'),
  pullRequest: z.int().min(1),
  step: z.enum(['delete', 'keep']).describe('What the plan was.'),
  why: z.string(),
  unproven: z.literal(true).optional().describe('Nothing proves that this repository made the client.'),
  fate: z.enum(['kept', 'to be deleted', 'deleted', 'gone', 'failed']),
});

const audited = z.object({
  ...head('audit'),
  clientName: z.string().optional().describe('Absent where it is the id.'),
  secrets: z
    .array(
      z.object({
        id: z.string(),
        state: z.enum(['valid', 'expiring', 'expired', 'not yet valid']),
        startTime: instant.optional(),
        expiration: instant.optional(),
        createdFor: z.object({ repository: z.string(), owner: z.string(), digests: z.array(z.string()) }).optional(),
        superseded: z.boolean().describe('A later one for the same repository and targets is valid.'),
      }),
    )
    .optional()
    .describe('Absent where they could not be listed.'),
  findings: z
    .array(
      z.object({
        kind: z.enum(wordsOf(FINDING_KINDS)),
        class: z.enum(['expiring', 'risky', 'other']),
        secretId: z.string().optional(),
        text: z.string(),
      }),
    )
    .describe('Gravest first.'),
});

/** The output `results`. Empty where there is no client to tell of. */
export const Results = z
  .array(z.discriminatedUnion('mode', [ensured, deleted, swept, audited]))
  .meta({ title: 'The output `results`', description: 'One object a client, of the mode of the step.' });
