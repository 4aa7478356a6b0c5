import * as z from 'zod';
import { type RotationReason, SCHEMA_VERSION } from '../../src/plan/describe-plan.ts';
import type * as report from '../../src/report/outputs.ts';

/** What a member `outcome` may be, and what each word means. The table in docs/inputs-and-outputs.md is generated from this one. */
export const OUTCOMES = {
  created: 'This run created the client.',
  updated: 'It existed, and this run changed its settings.',
  kept: 'It exists, and this run left it as it was.',
  deleted: 'This run deleted it.',
  absent: 'There is no such client, and this run neither created nor deleted one.',
  unknown: 'Nothing was found out, as after a refused sign-in, or an answer was lost that would tell.',
} as const satisfies Record<report.Outcome, string>;

/** What a member `reason` may be, and what each word means. The table in docs/inputs-and-outputs.md is generated from this one. */
export const REASONS = {
  always: 'Due: `rotate` is `always`.',
  'new-client': 'Due: this run created the client, so nothing that was there before works.',
  'maybe-new-client': 'Due: this run may have created the client, as an answer was lost.',
  'current-secret-refused': 'Due: the token endpoint refuses `current-secret`.',
  'nothing-holds-one': 'Due: neither a target nor `current-secret` says that anything holds a secret.',
  'target-missing': 'Due: a target does not exist yet.',
  'other-client': 'Due: the variable beside a target names another client.',
  'no-own-secret': 'Due: a target holds no secret that the action created and Vantage still lists.',
  'expires-soon': 'Due: less than `rotate-before` is left of a secret in use, or it has ended.',
  'not-due': 'Not due: what is in use works for longer than `rotate-before`, as far as anything tells.',
  never: 'Not due: `rotate` is `never`.',
} as const satisfies Record<RotationReason, string>;

/** The words of a table, as zod takes them. */
export function wordsOf<Word extends string>(table: Readonly<Record<Word, string>>): [Word, ...Word[]] {
  return Object.keys(table) as [Word, ...Word[]];
}

/** The member that each object begins with. */
export const version = z
  .literal(SCHEMA_VERSION)
  .describe('The version of this schema. It changes where a reader would break.');

export const Outcome = z.enum(wordsOf(OUTCOMES)).meta({
  id: 'Outcome',
  description: `What became of the client. ${meanings(OUTCOMES)}`,
});

export const Reason = z.enum(wordsOf(REASONS)).meta({
  id: 'Reason',
  description: `Why a secret is due, or why none is. ${meanings(REASONS)}`,
});

function meanings(table: Readonly<Record<string, string>>): string {
  return Object.entries(table)
    .map(([word, meaning]) => `\`${word}\`: ${meaning}`)
    .join(' ');
}
