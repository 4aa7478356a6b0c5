import * as z from 'zod';
import { Reason, version } from './words.ts';

const head = <Mode extends string>(mode: Mode) => ({
  schemaVersion: version,
  mode: z.literal(mode),
});

const lines = z.array(z.string());
const instant = z.string().describe('RFC 3339.');

const target = z.object({
  target: z.string().describe('As a line of `write-to`.'),
  environment: z.literal('create').optional(),
  visibility: z.enum(['all', 'private', 'selected']).optional(),
  variable: z.string().optional().describe('The name of the variable next to the target that stores the client ID.'),
});

const ensure = z.object({
  ...head('ensure'),
  clientId: z.string(),
  client: z.enum(['create', 'keep', 'update']),
  ifExists: z.enum(['adopt', 'update', 'fail']),
  settings: z.record(z.string(), z.unknown()).optional().describe('The settings to create the client with.'),
  drift: z
    .record(z.string(), z.array(z.unknown()).describe('The declared value, then the value in Vantage.'))
    .optional(),
  secret: z.enum(['mint', 'none', 'none unless the client is missing']),
  reason: Reason,
  why: z.string().optional().describe('Why a secret is due, or which secret becomes due at `dueAt`, in words.'),
  dueAt: instant.optional().describe('When a secret becomes due (RFC 3339).'),
  startTime: instant.optional(),
  expiration: instant.optional(),
  writeTo: z.array(target).optional(),
  variables: z.array(z.object({ variable: z.string(), value: z.string() })).optional(),
  prune: lines.optional().describe('The IDs of the secrets to delete.'),
});

const fleet = z.object({
  ...head('fleet'),
  clients: z.int().min(0).describe('The number of clients of this run.'),
  toDo: z.int().min(0).describe('The number of clients with something to do.'),
  orphaned: lines.describe('The clients of this repository that the manifest does not name.'),
  steps: z
    .array(ensure.omit({ schemaVersion: true, mode: true }))
    .describe('The clients with something to do, as many as fit into the output.'),
});

const deletion = z.object({
  ...head('delete'),
  clientId: z.string(),
  client: z.enum(['delete', 'gone', 'delete if it exists', 'unknown']),
  deleteFrom: lines.optional().describe('What to delete from GitHub.'),
  keep: z
    .array(z.object({ line: z.string(), why: z.string() }))
    .optional()
    .describe('What to keep in GitHub.'),
});

const sweep = z.object({
  ...head('sweep'),
  steps: z.array(
    z.object({
      clientId: z.string(),
      pullRequest: z.int().min(1),
      step: z.enum(['delete', 'keep']),
      why: z.string(),
      unproven: z.literal(true).optional(),
    }),
  ),
});

const audit = z.object({ ...head('audit'), clients: z.int().min(0).describe('The number of clients to check.') });

/** The output `plan`. The output is empty if the step ended before it had a plan. */
export const Plan = z
  .discriminatedUnion('mode', [ensure, fleet, deletion, sweep, audit])
  .meta({ title: 'The output `plan`', description: 'What the step plans to do, by its mode.' });
