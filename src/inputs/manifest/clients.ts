import type { ApiVersion } from '../../model/client.ts';
import { clause } from '../../model/failure.ts';
import type { EnsureRequest, WorkflowContext } from '../../model/request.ts';
import { readClient } from '../client.ts';
import { readDelivery } from '../delivery.ts';
import type { InputName } from '../names.ts';
import type { Problem } from '../problem.ts';
import { InputReader } from '../reader.ts';
import { readSecret } from '../secret.ts';
import { type ClientInputs, clientInputs } from './client-inputs.ts';
import { rejectConflicts } from './conflicts.ts';
import type { Entries, Entry, Values } from './entries.ts';
import { PATHS } from './keys.ts';
import type { ManifestProblems } from './problems.ts';
import type { Value } from './values.ts';

export interface ClientReading {
  /** Gets the problems with the file, and with the inputs that the clients take from the step. */
  readonly step: InputReader;
  readonly workflow: WorkflowContext;
  /** Durations count from here. */
  readonly now: Date;
  readonly apiVersion: ApiVersion;
  /** Whether the step processes a client. It checks the others as well. */
  readonly isIncluded: (clientId: string) => boolean;
  /** Adds a line about a setting that works but is dangerous. */
  readonly warn: (line: string) => void;
}

/** The part of the request of a client that the manifest decides. */
type Settings = Pick<EnsureRequest, 'client' | 'secret' | 'delivery'>;

export interface ManifestClient extends Settings {
  /** The offset in the file. */
  readonly at: number;
}

/** Aliases and defaults repeat a text without being as long as it is. */
const MOST_TEXT = 64 * 1024 * 1024;

/** GitHub shows ten warnings of a step. Some are about the run. */
const MOST_WARNINGS = 5;

/** A line about a setting that works but is dangerous, and its client. */
type Danger = readonly [line: string, entry: Entry];

/** Reads every client as the step reads its inputs. @returns the clients that the step processes. */
export function readClients(
  { defaults, clients }: Entries,
  reading: ClientReading,
  problems: ManifestProblems,
): readonly ManifestClient[] {
  const owners = new Map<string, number>();
  const dangers: Danger[] = [];
  const read: ManifestClient[] = [];
  let size = 0;
  for (const entry of clients) {
    const { at } = entry;
    const inputs = clientInputs(entry, defaults, reading.step.source);
    size += inputs.size;
    if (size > MOST_TEXT) {
      const expected = `expected at most ${MOST_TEXT / 1024 / 1024} MB of text, counted again for each default and alias`;
      problems.reject(at, 'clients', 'is too large', expected);
    }
    if (size > MOST_TEXT || problems.areEnough) {
      break;
    }
    const isIncluded = reading.isIncluded(entry.clientId.text);
    const input = new InputReader(inputs, '');
    const settings = readSettings(input, reading, line => isIncluded && dangers.push([line, entry]));
    rejectUndelivered(input, settings, at, problems);
    for (const problem of input.problems) {
      adopt(problem, entry, inputs, reading.step, problems);
    }
    rejectConflicts(settings, inputs, at, owners, problems);
    if (isIncluded) {
      read.push({ at, ...settings });
    }
  }
  warnOfDangers(dangers, reading, problems);
  return read;
}

function readSettings(
  input: InputReader,
  { workflow, now, apiVersion }: ClientReading,
  warn: (line: string) => void,
): Settings {
  return {
    client: readClient(input, apiVersion, warn),
    secret: readSecret(input, now),
    delivery: readDelivery(input, workflow),
  };
}

function rejectUndelivered(input: InputReader, { secret }: Settings, at: number, problems: ManifestProblems): void {
  if (!input.isSet('write-to') && secret.rotate !== 'never' && !input.isRejected('rotate')) {
    const expected = 'a new secret must be delivered: name a target, or set secret.rotate to never';
    problems.reject(at, input.nameOf('write-to'), 'is missing', expected);
  }
}

/** Rejects the place of a problem with a client, or the input of the step that the client takes. */
function adopt(
  problem: Problem,
  { clientId }: Entry,
  inputs: ClientInputs,
  step: InputReader,
  problems: ManifestProblems,
): void {
  const { input, item, name, found, expected, line } = problem;
  if (input === undefined || !PATHS.has(input)) {
    step.adopt(problem);
    return;
  }
  const { at, isDefault } = inputs.placeOf(input, item);
  problems.reject(at, name, found, expected, { clientId: isDefault ? clientId.text : undefined, line });
}

/** One line for all clients with the same setting. */
function warnOfDangers(dangers: readonly Danger[], { warn }: ClientReading, problems: ManifestProblems): void {
  const groups = [...Map.groupBy(dangers, ([line]) => line)];
  for (const [line, found] of groups.slice(0, MOST_WARNINGS)) {
    const entries = found.map(([, entry]) => entry);
    const clients = problems.clientsInProse(entries.map(({ clientId }) => clientId.text));
    warn(`${problems.whereIs(entries[0]?.at ?? 0)}: ${clause(line)} (${clients}).`);
  }
  if (groups.length > MOST_WARNINGS) {
    warn(`The manifest has ${groups.length - MOST_WARNINGS} more settings of this kind.`);
  }
}

/**
 * Reads each default for itself, because no client may use it yet: a wrong one would wait there for the first client that
 * does. Only the value counts, because what it needs of other keys is up to the client.
 */
export function rejectWrongDefaults(defaults: Values, reading: ClientReading, problems: ManifestProblems): void {
  for (const [name, value] of defaults) {
    if (value) {
      rejectWrongDefault(name, value, reading, problems);
    }
  }
}

function rejectWrongDefault(name: InputName, value: Value, reading: ClientReading, problems: ManifestProblems): void {
  const { at } = value;
  const clientId = { at, text: 'client' };
  const values = new Map<InputName, Value>([
    ['client-id', clientId],
    ['rotate', { at, text: 'never' }],
    ['write-to', { at, text: 'repository', items: [{ at, text: 'repository' }] }],
    [name, value],
  ]);
  const entry = { at, clientId, values };
  const inputs = clientInputs(entry, new Map(), reading.step.source);
  const input = new InputReader(inputs, '');
  readSettings(input, reading, () => undefined);
  for (const problem of input.problems.filter(one => one.input === name)) {
    adopt(problem, entry, inputs, reading.step, problems);
  }
}
