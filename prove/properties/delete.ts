import fc from 'fast-check';
import { targetLine } from '../../src/model/target.ts';
import { planDeletions, readableMarkedSecrets } from '../../src/plan/deletion.ts';
import { destinationsOf } from '../../src/plan/destinations.ts';
import { markedSecrets } from '../../src/plan/marked-secrets.ts';
import { needsMarks, variableLine } from '../../src/plan/variables.ts';
import { aHistory, type History } from './history.ts';
import { GITHUB, isMarker, WORKFLOW } from './makers.ts';
import { observe, secretOf } from './observation.ts';
import { mustHold, type Property } from './property.ts';
import { anIncompleteReading, aReading, type Reading, readAs } from './reading.ts';
import { CLIENT_ID, type VariableStates } from './variable-states.ts';

/** A history with at least one target. */
const aHistoryWithTargets = aHistory({ atLeast: 1 }).map(history => ({
  ...history,
  targets: Math.max(history.targets, 1),
}));

/** A history with one target, and without a variable next to it that names a client. */
const aHistoryOfOneTarget = aHistory({ atLeast: 1 }).map((history): History => {
  const variableStates = history.variableStates.map(
    (one): VariableStates => ({ ...one, names: one.names === 'missing' ? 'missing' : 'not requested' }),
  );
  return { ...history, targets: 1, variableStates };
});

/** Whether the target holds a listed secret whose mark names the target. */
function holdsListed(history: History): boolean {
  const [id] = observe(history).heldBy;
  const { maker, isDeleted } =
    id === undefined ? { maker: 'by hand' as const, isDeleted: true } : secretOf(history, id);
  return isMarker(maker) && !isDeleted;
}

/** What `mode: delete` deletes in GitHub, and what exists for each target. */
function deletionsIn(history: History, reading: Reading) {
  const { targets, listed } = observe(history);
  const destinations = destinationsOf(targets, WORKFLOW, GITHUB);
  const marked = readableMarkedSecrets(readAs(reading, listed));
  const { secrets, variables, kept } = planDeletions({ clientId: CLIENT_ID, targets, destinations, marked });
  const toDelete = [...secrets, ...variables].map(({ line }) => line);
  const keptLines = kept.map(({ line }) => line);
  const places = targets.map((prepared, index) => {
    const { target, resolved, updatedAt } = prepared;
    const requested = [resolved.variables?.clientId, resolved.variables?.expiration];
    const held = requested.flatMap(variable => (variable?.value === undefined ? [] : [variable.name]));
    const inVariables = held.map(name => variableLine({ scope: target.scope, name }));
    return {
      names: history.variableStates[index]?.names,
      secret: updatedAt && targetLine(target),
      lines: [...(updatedAt ? [targetLine(target)] : []), ...inVariables],
      needsMarks: needsMarks(prepared),
    };
  });
  return { toDelete, keptLines, places, marked };
}

/** What is deleted in GitHub together with a client. */
export const DELETE_PROPERTIES: readonly Property[] = [
  {
    name: 'delete: nothing next to a variable that names another client is deleted',
    property: relevant =>
      fc.property(aHistoryWithTargets, aReading, (history, reading) => {
        const { toDelete, keptLines, places } = deletionsIn(history, reading);
        // A blank variable does not name this client.
        for (const { lines } of places.filter(({ names }) => names === 'another' || names === 'blank')) {
          if (lines.length > 1) {
            relevant();
          }
          mustHold(!lines.some(line => toDelete.includes(line)), () => `${toDelete} are deleted`);
          mustHold(
            lines.every(line => keptLines.includes(line)),
            () => `of ${lines} only ${keptLines} are reported as kept`,
          );
        }
      }),
  },
  {
    name: 'delete: what is next to a variable that names this client is deleted, and the rest is reported as kept',
    property: relevant =>
      fc.property(aHistoryWithTargets, aReading, (history, reading) => {
        const { toDelete, keptLines, places } = deletionsIn(history, reading);
        const all = places.flatMap(({ lines }) => lines);
        mustHold(
          all.every(line => toDelete.includes(line) !== keptLines.includes(line)) &&
            all.length === toDelete.length + keptLines.length,
          () => `of ${all} these are deleted: ${toDelete}; and these are kept: ${keptLines}`,
        );
        for (const { names, lines } of places) {
          const isOurs = names === 'right' || names === 'padded';
          if (isOurs && lines.length > 1) {
            relevant();
          }
          const variables = lines.slice(-1);
          mustHold(
            !isOurs || variables.every(line => toDelete.includes(line)),
            () => `of ${lines} only ${toDelete} are deleted`,
          );
        }
      }),
  },
  {
    name: 'delete: a missing or incomplete list of secrets keeps nothing, because the workflow names its targets',
    property: relevant =>
      fc.property(aHistoryWithTargets, anIncompleteReading, (history, reading) => {
        const complete = deletionsIn(history, 'complete');
        const { toDelete, marked, places } = deletionsIn(history, reading);
        if (complete.marked.length > 0) {
          relevant();
        }
        mustHold(marked.length === 0, () => `${marked.map(({ id }) => id)} are regarded as all of its secrets`);
        for (const { secret } of places.filter(({ needsMarks }) => needsMarks)) {
          mustHold(secret === undefined || toDelete.includes(secret), () => `${secret} is kept`);
        }
      }),
  },
  {
    name: 'delete: a target that holds a listed secret of this client is deleted if no variable names a client',
    property: relevant =>
      fc.property(aHistoryOfOneTarget, history => {
        const { toDelete, places } = deletionsIn(history, 'complete');
        const [{ secret, needsMarks } = { secret: undefined, needsMarks: false }] = places;
        if (needsMarks && secret !== undefined && holdsListed(history)) {
          relevant();
          mustHold(toDelete.includes(secret), () => `${secret} is kept`);
        }
      }),
  },
  {
    name: 'delete: if the client does not exist, no target that may hold the secret of another client is deleted',
    property: relevant =>
      fc.property(aHistoryOfOneTarget, fc.constantFrom('complete', 'complete', 'unknown'), (history, otherSecrets) => {
        const { targets, listed } = observe(history);
        // Here, all secrets of the history belong to another client.
        const theirs = markedSecrets(listed).map(({ mark }) => ({ clientId: 'invoices-2', mark }));
        const others = otherSecrets === 'complete' ? theirs : 'unknown';
        const facts = { clientId: CLIENT_ID, targets, destinations: destinationsOf(targets, WORKFLOW, GITHUB) };
        const { secrets } = planDeletions({ ...facts, marked: [], others, isAbsent: true });
        if (targets.some(needsMarks) && (otherSecrets === 'unknown' || holdsListed(history))) {
          relevant();
          mustHold(secrets.length === 0, () => `${secrets.map(({ line }) => line)} are deleted`);
        }
      }),
  },
];
