import * as z from 'zod';
import { type RotationReason, SCHEMA_VERSION } from '../../src/plan/describe-plan.ts';
import type * as report from '../../src/report/outputs.ts';

/**
 * The values of `outcome`, and what each one means. The table in docs/inputs-and-outputs.md is generated from this one.
 */
export const OUTCOMES = {
  created: 'This run created the client.',
  updated: 'The client existed, and this run changed its settings.',
  kept: 'The client exists, and this run did not change it.',
  deleted: 'This run deleted the client.',
  absent: 'The client does not exist, and this run neither created nor deleted it.',
  unknown: 'It is not known, for example because the sign-in was refused or a response was lost.',
} as const satisfies Record<report.Outcome, string>;

/**
 * The values of `reason`, and what each one means. The table in docs/inputs-and-outputs.md is generated from this one.
 */
export const REASONS = {
  always: 'Due: `rotate` is `always`.',
  'new-client': 'Due: this run created the client, so no earlier secret is valid.',
  'maybe-new-client': 'Due: this run may have created the client, because a response was lost.',
  'current-secret-refused': 'Due: the token endpoint refuses `current-secret`.',
  'nothing-holds-one': 'Due: neither a target nor `current-secret` shows that a secret is in use.',
  'target-missing': 'Due: a target does not exist yet.',
  'other-client': 'Due: the variable next to a target names another client.',
  'no-own-secret': 'Due: a target does not hold a secret that the action created and that Vantage still lists.',
  'expiration-unknown':
    'Due: the variable for the expiration of a target is missing or older than its secret, and Vantage does not list secrets.',
  'expires-soon': 'Due: a secret in use expires within `rotate-before`, or has expired.',
  'not-due': 'Not due: as far as is known, the secrets in use are valid for longer than `rotate-before`.',
  never: 'Not due: `rotate` is `never`.',
} as const satisfies Record<RotationReason, string>;

/** The words of a table, in the type that zod expects. */
export function wordsOf<Word extends string>(table: Readonly<Record<Word, string>>): [Word, ...Word[]] {
  return Object.keys(table) as [Word, ...Word[]];
}

/** The first member of each object. */
export const version = z
  .literal(SCHEMA_VERSION)
  .describe('The version of this schema. It changes if a change would break readers.');

export const Outcome = z.enum(wordsOf(OUTCOMES)).meta({
  id: 'Outcome',
  description: `The outcome for the client. ${meanings(OUTCOMES)}`,
});

export const Reason = z.enum(wordsOf(REASONS)).meta({
  id: 'Reason',
  description: `Why a secret is due, or why none is due. ${meanings(REASONS)}`,
});

function meanings(table: Readonly<Record<string, string>>): string {
  return Object.entries(table)
    .map(([word, meaning]) => `\`${word}\`: ${meaning}`)
    .join(' ');
}
