import fc from 'fast-check';
import { targetLine } from '../../src/model/target.ts';
import { needsMarks, planDeletions, readableMarkedSecrets } from '../../src/plan/deletion.ts';
import { destinationsOf } from '../../src/plan/destinations.ts';
import { markedSecrets } from '../../src/plan/marked-secrets.ts';
import { variableLine } from '../../src/plan/variables.ts';
import { type Beside, CLIENT_ID } from './beside.ts';
import { GITHUB, isMarker, WORKFLOW } from './makers.ts';
import { aPast, type Past } from './past.ts';
import { mustHold, type Property } from './property.ts';
import { aDimReading, aReading, type Reading, readAs } from './reading.ts';
import { look, secretOf } from './sight.ts';

/** A past with as many targets as there may be: of none there is nothing to delete. */
const aPastWithTargets = aPast({ atLeast: 1 }).map(past => ({ ...past, targets: Math.max(past.targets, 1) }));

/** A past with a single target, so that whatever is held, it holds; and with no variable beside it that tells whose it is. */
const aPastOfOneTarget = aPast({ atLeast: 1 }).map((past): Past => {
  const otherWrites = past.otherWrites.map(
    (one): Beside => ({ ...one, names: one.names === 'missing' ? 'missing' : 'not asked for' }),
  );
  return { ...past, targets: 1, otherWrites };
});

/** Whether the target holds a secret that is listed, and whose mark names the target. */
function holdsListed(past: Past): boolean {
  const [id] = look(past).heldBy;
  const { maker, isDeleted } = id === undefined ? { maker: 'by hand' as const, isDeleted: true } : secretOf(past, id);
  return isMarker(maker) && !isDeleted;
}

/** What `mode: delete` deletes in GitHub, and what there is of each target. */
function deletionsIn(past: Past, reading: Reading) {
  const { targets, listed } = look(past);
  const destinations = destinationsOf(targets, WORKFLOW, GITHUB);
  const marked = readableMarkedSecrets(readAs(reading, listed));
  const { secrets, variables, kept } = planDeletions({ clientId: CLIENT_ID, targets, destinations, marked });
  const toDelete = [...secrets, ...variables].map(({ line }) => line);
  const staying = kept.map(({ line }) => line);
  const places = targets.map((prepared, index) => {
    const { target, resolved, updatedAt } = prepared;
    const asked = [resolved.variables?.clientId, resolved.variables?.expiration];
    const held = asked.flatMap(variable => (variable?.value === undefined ? [] : [variable.name]));
    const inVariables = held.map(name => variableLine({ scope: target.scope, name }));
    return {
      names: past.otherWrites[index]?.names,
      secret: updatedAt && targetLine(target),
      lines: [...(updatedAt ? [targetLine(target)] : []), ...inVariables],
      needsMarks: needsMarks(prepared),
    };
  });
  return { toDelete, staying, places, marked };
}

/** What is deleted of a client in GitHub. */
export const DELETE_PROPERTIES: readonly Property[] = [
  {
    name: 'delete: nothing goes that stands beside a variable which names another client',
    property: telling =>
      fc.property(aPastWithTargets, aReading, (past, reading) => {
        const { toDelete, staying, places } = deletionsIn(past, reading);
        // A blank one names no client, and so not this one.
        for (const { lines } of places.filter(({ names }) => names === 'another' || names === 'blank')) {
          if (lines.length > 1) {
            telling();
          }
          mustHold(!lines.some(line => toDelete.includes(line)), () => `${toDelete} are deleted`);
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
        const { toDelete, staying, places } = deletionsIn(past, reading);
        const all = places.flatMap(({ lines }) => lines);
        mustHold(
          all.every(line => toDelete.includes(line) !== staying.includes(line)) &&
            all.length === toDelete.length + staying.length,
          () => `of ${all} these are deleted: ${toDelete}; and these stay: ${staying}`,
        );
        for (const { names, lines } of places) {
          const isOurs = names === 'right' || names === 'padded';
          if (isOurs && lines.length > 1) {
            telling();
          }
          const variables = lines.slice(-1);
          mustHold(
            !isOurs || variables.every(line => toDelete.includes(line)),
            () => `of ${lines} only ${toDelete} go`,
          );
        }
      }),
  },
  {
    name: 'delete: a list that is hidden, not whole or none keeps nothing: the workflow names its targets',
    property: telling =>
      fc.property(aPastWithTargets, aDimReading, (past, reading) => {
        const told = deletionsIn(past, 'told');
        const { toDelete, marked, places } = deletionsIn(past, reading);
        if (told.marked.length > 0) {
          telling();
        }
        mustHold(marked.length === 0, () => `${marked.map(({ id }) => id)} are taken for all of its secrets`);
        for (const { secret } of places.filter(({ needsMarks }) => needsMarks)) {
          mustHold(secret === undefined || toDelete.includes(secret), () => `${secret} stays`);
        }
      }),
  },
  {
    name: 'delete: a target that holds the secret of this client goes, where a list tells of it and no variable does',
    property: telling =>
      fc.property(aPastOfOneTarget, past => {
        const { toDelete, places } = deletionsIn(past, 'told');
        const [{ secret, needsMarks } = { secret: undefined, needsMarks: false }] = places;
        if (needsMarks && secret !== undefined && holdsListed(past)) {
          telling();
          mustHold(toDelete.includes(secret), () => `${secret} stays`);
        }
      }),
  },
  {
    name: 'delete: of a client that is gone no target goes that may hold the secret of another one',
    property: telling =>
      fc.property(aPastOfOneTarget, fc.constantFrom('told', 'told', 'unknown'), (past, isTold) => {
        const { targets, listed } = look(past);
        // Here the secrets of the past are all of another client.
        const theirs = markedSecrets(listed).map(({ mark }) => ({ clientId: 'invoices-2', mark }));
        const others = isTold === 'told' ? theirs : 'unknown';
        const facts = { clientId: CLIENT_ID, targets, destinations: destinationsOf(targets, WORKFLOW, GITHUB) };
        const { secrets } = planDeletions({ ...facts, marked: [], others, isAbsent: true });
        if (targets.some(needsMarks) && (isTold === 'unknown' || holdsListed(past))) {
          telling();
          mustHold(secrets.length === 0, () => `${secrets.map(({ line }) => line)} are deleted`);
        }
      }),
  },
];
