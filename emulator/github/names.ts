import { Refusal } from './refusal.ts';

/** The uppercase name of a secret or variable, as GitHub stores it. Throws GitHub's refusal of an invalid name. */
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
