import type { EnsureRequest } from '../../model/request.ts';
import { itemInProse, scopeKey, type Target, targetInProse, targetKey } from '../../model/target.ts';
import type { InputName } from '../names.ts';
import type { ClientInputs } from './client-inputs.ts';
import type { ManifestProblems } from './problems.ts';

/**
 * Rejects a client that would replace the secret or variable of GitHub that an earlier one writes.
 *
 * @param owners the offset of the client that writes each item. Gets the items of this one.
 */
export function rejectConflicts(
  { delivery }: Pick<EnsureRequest, 'delivery'>,
  inputs: ClientInputs,
  at: number,
  owners: Map<string, number>,
  problems: ManifestProblems,
): void {
  const rejectOwned = (key: string, name: InputName, prose: string) => {
    const owner = owners.get(key) ?? at;
    owners.set(key, owner);
    if (owner !== at) {
      const place = inputs.placeOf(name);
      const where = problems.whereIs(owner);
      const expected = `the client at ${where} writes it too: expected another place or name for each client`;
      problems.reject(place.isDefault ? at : place.at, inputs.nameOf(name), `names ${prose}`, expected);
    }
  };
  const rejectVariable = ({ scope }: Target, name: InputName, variable: string | undefined) => {
    if (variable !== undefined && scope.app === 'actions') {
      rejectOwned(`variable ${scopeKey(scope)} ${variable}`, name, itemInProse('variable', variable, scope));
    }
  };
  for (const target of delivery.github?.targets ?? []) {
    rejectOwned(`secret ${targetKey(target)}`, 'write-to', targetInProse(target));
    rejectVariable(target, 'client-id-variable', delivery.github?.clientIdVariable);
    rejectVariable(target, 'expiration-variable', delivery.github?.expirationVariable);
  }
}
