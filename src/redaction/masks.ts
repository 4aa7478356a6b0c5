import { oneLine } from '../model/failure.ts';
import type { Secret } from '../model/secret.ts';
import { encodedForms, strictlyPercentEncoded } from './encodings.ts';
import { isDistinctive, SHORTEST_MASKED } from './secret-texts.ts';

/**
 * The values that the runner must mask for a secret: the secret, and each form that the runner does not derive itself. For
 * each value it also masks the lines of the value, and both in base64, JSON, URI data and XML.
 */
export function masksOf(secret: Secret): readonly string[] {
  const value = secret.reveal().toWellFormed();
  const cases = [value.toUpperCase(), value.toLowerCase()];
  // A word in another case can be an ID, and GitHub drops a job output that contains a masked value.
  const encoded = encodedForms(value).filter(form => isDistinctive(value) || !cases.includes(form));
  const masks: string[] = [];
  const known = new Set<string>();
  for (const form of [secret.reveal(), value, oneLine(value), ...encoded]) {
    if (form.length >= SHORTEST_MASKED && !known.has(form)) {
      masks.push(form);
      for (const derived of derivedByRunner(form)) {
        known.add(derived);
      }
    }
  }
  return masks;
}

function derivedByRunner(mask: string): readonly string[] {
  const bytes = Buffer.from(mask);
  return [
    mask,
    ...[0, 1, 2].map(skipped => bytes.subarray(skipped).toString('base64')),
    JSON.stringify(mask).slice(1, -1),
    strictlyPercentEncoded(mask),
  ];
}
