import { oneLine } from '../model/failure.ts';
import type { Secret } from '../model/secret.ts';

/** A shorter value would hide too much text that is not secret, and the runner does not mask it reliably. */
export const SHORTEST_MASKED = 4;

/** The secret, then its lines, and its uppercase and lowercase forms if it contains letters outside of ASCII. */
export function textsOf(secret: Secret): readonly string[] {
  // A lone surrogate has no UTF-8, so it cannot be sent or printed unchanged.
  const value = secret.reveal().toWellFormed();
  const cases = /\P{ASCII}/u.test(value) ? [value.toUpperCase(), value.toLowerCase()] : [];
  const texts = [value, secret.reveal(), oneLine(value), ...value.split(/\r?\n/u), ...cases];
  return [...new Set(texts)].filter(text => text.length >= SHORTEST_MASKED);
}

/**
 * Whether a secret is unlikely to be part of a text by chance: it is long, or is not just one word or number. A password
 * such as `invoices` could be part of half of all client IDs.
 */
export function isDistinctive(value: string): boolean {
  return value.length >= 16 || (value.length >= 8 && !/^(?:\p{L}\p{Ll}*|\p{Lu}*|\d*)$/u.test(value));
}
