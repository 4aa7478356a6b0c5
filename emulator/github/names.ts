import { Refusal } from './refusal.ts';

/** A name of a secret or variable as GitHub keeps it, in capitals; throws GitHub's refusal of one that may not be. */
export function readName(kind: 'Secret' | 'Variable', name: string): string {
  if (!/^[A-Z_][A-Z0-9_]*$/i.test(name))
    throw new Refusal(
      422,
      `${kind} names can only contain alphanumeric characters ([a-z], [A-Z], [0-9]) or underscores (_). ` +
        'Spaces are not allowed. Must start with a letter ([a-z], [A-Z]) or underscores (_).',
    );
  if (/^GITHUB_/i.test(name)) throw new Refusal(422, `${kind} names must not start with GITHUB_.`);
  return name.toUpperCase();
}
