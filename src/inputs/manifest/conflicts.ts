import type { EnsureRequest } from '../../model/request.ts';
import { itemInProse, scopeKey, targetInProse, targetKey } from '../../model/target.ts';
import type { InputName } from '../names.ts';
import type { ClientInputs } from './client-inputs.ts';
import type { ManifestProblems } from './problems.ts';

/** What a client writes to GitHub. */
interface Item {
  /** One text for one item. */
  readonly key: string;
  readonly prose: string;
  readonly name: InputName;
}

/** Finds clients that would write to the same secret or variable of GitHub, so that one would replace that of the other. */
export class Conflicts {
  readonly #problems: ManifestProblems;
  readonly #owners = new Map<string, number>();

  constructor(problems: ManifestProblems) {
    this.#problems = problems;
  }

  /** @param at the offset of the client in the file. */
  add(request: Pick<EnsureRequest, 'delivery'>, inputs: ClientInputs, at: number): void {
    for (const { key, prose, name } of itemsOf(request)) {
      const owner = this.#owners.get(key);
      if (owner === undefined) {
        this.#owners.set(key, at);
      } else if (owner !== at) {
        const place = inputs.placeOf(name);
        const where = this.#problems.whereIs(owner);
        const expected = `the client at ${where} writes it too: expected another place or name for each client`;
        this.#problems.reject(place.isDefault ? at : place.at, inputs.nameOf(name), `names ${prose}`, expected);
      }
    }
  }
}

function itemsOf({ delivery: { github } }: Pick<EnsureRequest, 'delivery'>): readonly Item[] {
  const { targets = [], clientIdVariable, expirationVariable } = github ?? {};
  const variables = [
    ['client-id-variable', clientIdVariable] as const,
    ['expiration-variable', expirationVariable] as const,
  ];
  return targets.flatMap(target => [
    { key: `secret ${targetKey(target)}`, prose: targetInProse(target), name: 'write-to' as const },
    ...variables.flatMap(([name, variable]) =>
      variable === undefined || target.scope.app !== 'actions'
        ? []
        : [
            {
              key: `variable ${scopeKey(target.scope)} ${variable}`,
              prose: itemInProse('variable', variable, target.scope),
              name,
            },
          ],
    ),
  ]);
}
