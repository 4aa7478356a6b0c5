import fc from 'fast-check';
import { knownOwnSecrets, needsSecrets, planDeletions } from '../../src/plan/delete.ts';
import { variableLine } from '../../src/plan/variables.ts';
import { targetLine } from '../../src/request/targets.ts';
import { CLIENT_ID } from './beside.ts';
import { aPast, type Past } from './past.ts';
import { mustHold, type Property } from './property.ts';
import { aDimReading, aReading, type Reading, readAs } from './reading.ts';
import { digestOf, look, REPOSITORY } from './sight.ts';

/** A past with as many targets as there may be: of none there is nothing to delete. */
const aPastWithTargets = aPast({ atLeast: 1 }).map(past => ({ ...past, targets: Math.max(past.targets, 1) }));

/** What `mode: delete` deletes in GitHub, and what there is of each target. */
function deletionsIn(past: Past, reading: Reading) {
  const { targets, listed } = look(past);
  const own = knownOwnSecrets(readAs(reading, listed), { repository: REPOSITORY, digest: digestOf(past.targets) });
  const { secrets, variables, kept } = planDeletions({ clientId: CLIENT_ID, targets, own });
  const going = [...secrets, ...variables].map(({ line }) => line);
  const staying = kept.map(({ line }) => line);
  const places = targets.map((prepared, index) => {
    const { target, site, updatedAt } = prepared;
    const asked = [site.variables?.clientId, site.variables?.expiration];
    const held = asked.flatMap(variable => (variable?.value === undefined ? [] : [variable.name]));
    const inVariables = held.map(name => variableLine({ place: target.place, name }));
    return {
      names: past.beside[index]?.names,
      secret: updatedAt && targetLine(target),
      lines: [...(updatedAt ? [targetLine(target)] : []), ...inVariables],
      needsSecrets: needsSecrets(prepared),
    };
  });
  return { going, staying, places, own };
}

/** What is deleted of a client in GitHub. */
export const DELETE_PROPERTIES: readonly Property[] = [
  {
    name: 'delete: nothing goes that stands beside a variable which names another client',
    property: telling =>
      fc.property(aPastWithTargets, aReading, (past, reading) => {
        const { going, staying, places } = deletionsIn(past, reading);
        // A blank one names no client, and so not this one.
        for (const { lines } of places.filter(({ names }) => names === 'another' || names === 'blank')) {
          if (lines.length > 1) {
            telling();
          }
          mustHold(!lines.some(line => going.includes(line)), () => `${going} are deleted`);
          mustHold(
            lines.every(line => staying.includes(line)),
            () => `of ${lines} only ${staying} are said to stay`,
          );
        }
      }),
  },
  {
    name: 'delete: what stands beside a variable which names this client goes, and all else is said to stay',
    property: telling =>
      fc.property(aPastWithTargets, aReading, (past, reading) => {
        const { going, staying, places } = deletionsIn(past, reading);
        const all = places.flatMap(({ lines }) => lines);
        mustHold(
          all.every(line => going.includes(line) !== staying.includes(line)) &&
            all.length === going.length + staying.length,
          () => `of ${all} these are deleted: ${going}; and these stay: ${staying}`,
        );
        for (const { names, lines } of places) {
          const isOurs = names === 'right' || names === 'padded';
          if (isOurs && lines.length > 1) {
            telling();
          }
          const variables = lines.slice(-1);
          mustHold(!isOurs || variables.every(line => going.includes(line)), () => `of ${lines} only ${going} go`);
        }
      }),
  },
  {
    name: 'delete: a list that is hidden, not whole or none keeps nothing: the workflow names its targets',
    property: telling =>
      fc.property(aPastWithTargets, aDimReading, (past, reading) => {
        const told = deletionsIn(past, 'told');
        const { going, own, places } = deletionsIn(past, reading);
        if (told.own.length > 0) {
          telling();
        }
        mustHold(own.length === 0, () => `${own.map(({ id }) => id)} are taken for all of its own secrets`);
        for (const { secret } of places.filter(({ needsSecrets }) => needsSecrets)) {
          mustHold(secret === undefined || going.includes(secret), () => `${secret} stays`);
        }
      }),
  },
];
