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
  const spellings = [secret.reveal(), value, oneLine(value)].filter(isLongEnough);
  const derived = new Set(spellings.flatMap(derivedByRunner));
  const cases = [value.toUpperCase(), value.toLowerCase()];
  const encoded = encodedForms(value).filter(form => isLongEnough(form) && !derived.has(form));
  // A word in another case can be an ID, and GitHub drops a job output that contains a masked value.
  const needed = isDistinctive(value) ? encoded : encoded.filter(form => !cases.includes(form));
  return [...new Set([...spellings, ...needed])];
}

function isLongEnough({ length }: string): boolean {
  return length >= SHORTEST_MASKED;
}

/** What the runner masks together with a value. */
function derivedByRunner(mask: string): readonly string[] {
  const bytes = Buffer.from(mask);
  return [
    ...[0, 1, 2].map(skipped => bytes.subarray(skipped).toString('base64')),
    JSON.stringify(mask).slice(1, -1),
    strictlyPercentEncoded(mask),
  ];
}
