import type { TargetsRequest } from '../model/request.ts';
import { itemInProse, targetInProse, targetLine } from '../model/target.ts';
import { variableLine } from '../plan/variables.ts';

/** Returns what turns the line of a secret or a variable, as the outputs show it, into words for a sentence. */
export function proseOf(github: TargetsRequest | undefined): (line: string) => string {
  const { targets = [], clientIdVariable, expirationVariable } = github ?? {};
  const variables = [clientIdVariable, expirationVariable].filter(name => name !== undefined);
  const prose = new Map(
    targets.flatMap(target => [
      [targetLine(target), targetInProse(target)] as const,
      ...variables.map(name => {
        const { scope } = target;
        return [variableLine({ scope, name }), itemInProse('variable', name, scope)] as const;
      }),
    ]),
  );
  return line => prose.get(line) ?? line;
}
