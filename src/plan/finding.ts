import type { FINDING_CLASSES } from '../request/request.ts';

/** What an audit may find, and what each kind counts as for `fail-on`. */
export const FINDING_KINDS = {
  'no-valid-secret': 'expiring',
  expired: 'expiring',
  expiring: 'expiring',
  'no-end': 'risky',
  'foreign-hosts': 'risky',
  'no-pkce': 'risky',
  ropc: 'risky',
  'long-lifetime': 'risky',
  unreadable: 'other',
} as const satisfies Record<string, FindingClass>;
export type FindingKind = keyof typeof FINDING_KINDS;
export type FindingClass = (typeof FINDING_CLASSES)[number] | 'other';

/** One thing that is wrong with a client or a secret. */
export interface Finding {
  readonly kind: FindingKind;
  readonly class: FindingClass;
  /** The secret that it is about, where it is about one. */
  readonly secretId?: string;
  /** In words, as part of a sentence. */
  readonly text: string;
}

/** A finding of that kind. */
export function finding(kind: FindingKind, text: string, secretId?: string): Finding {
  return { kind, class: FINDING_KINDS[kind], ...(secretId === undefined ? {} : { secretId }), text };
}
