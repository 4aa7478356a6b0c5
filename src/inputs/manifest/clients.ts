import type { ApiVersion } from '../../model/client.ts';
import type { EnsureRequest, WorkflowContext } from '../../model/request.ts';
import type { SecretRequest } from '../../model/secret.ts';
import { readClient } from '../client.ts';
import { readDelivery } from '../delivery.ts';
import type { InputName } from '../names.ts';
import { InputReader } from '../reader.ts';
import { readSecret } from '../secret.ts';
import { ClientInputs } from './client-inputs.ts';
import { Conflicts } from './conflicts.ts';
import type { Entries, Entry, Values } from './entries.ts';
import { PATHS, SECRET_KEYS } from './keys.ts';
import type { ManifestProblems } from './problems.ts';
import type { Value } from './values.ts';

/** What reading the clients needs of the step. */
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

/** A client of a manifest: the part of its request that the manifest decides. */
export interface ManifestClient extends Pick<EnsureRequest, 'client' | 'secret' | 'delivery'> {
  /** The offset in the file. */
  readonly at: number;
}

/** Aliases and defaults repeat a text without being as long as it is. */
const MOST_TEXT = 64 * 1024 * 1024;

/**
 * Reads every client of a manifest as the step reads its inputs, and rejects clients that would overwrite each other.
 *
 * @returns the clients that the step processes.
 */
export function readClients(
  { defaults, clients }: Entries,
  reading: ClientReading,
  problems: ManifestProblems,
): readonly ManifestClient[] {
  const conflicts = new Conflicts(problems);
  const secrets = new Map<string, SecretRequest>();
  const dangers = new DangerousSettings(problems);
  const read: ManifestClient[] = [];
  let size = 0;
  for (const entry of clients) {
    const inputs = new ClientInputs(entry, defaults, reading.step.source);
    size += inputs.size;
    if (size > MOST_TEXT) {
      const expected = `expected at most ${MOST_TEXT / 1024 / 1024} MB of text, counted again for each default and alias`;
      problems.reject(entry.at, 'clients', 'is too large', expected);
    }
    if (size > MOST_TEXT || problems.areEnough) {
      break;
    }
    const isIncluded = reading.isIncluded(entry.clientId.text);
    const warn = (line: string) => isIncluded && dangers.add(line, entry);
    const request = readOne(entry, inputs, reading, problems, secrets, warn);
    conflicts.add(request, inputs, entry.at);
    if (isIncluded) {
      read.push({ at: entry.at, ...request });
    }
  }
  for (const line of dangers.lines()) {
    reading.warn(line);
  }
  return read;
}

function readOne(
  entry: Entry,
  inputs: ClientInputs,
  { step, workflow, now, apiVersion }: ClientReading,
  problems: ManifestProblems,
  secrets: Map<string, SecretRequest>,
  warn: (line: string) => void,
): Pick<EnsureRequest, 'client' | 'secret' | 'delivery'> {
  const input = new InputReader(inputs, '');
  const client = readClient(input, apiVersion, warn);
  const secret = readSharedSecret(input, inputs, now, secrets);
  const delivery = readDelivery(input, workflow);
  if (!input.isSet('write-to') && secret.rotate !== 'never' && !input.isRejected('rotate')) {
    const expected = 'a new secret must be delivered: name a target, or set secret.rotate to never';
    problems.reject(entry.at, input.nameOf('write-to'), 'is missing', expected);
  }
  for (const problem of input.problems) {
    if ('input' in problem && PATHS.has(problem.input)) {
      const { at, isDefault } = inputs.placeOf(problem.input, problem.item);
      const clientId = isDefault ? entry.clientId.text : undefined;
      problems.reject(at, problem.name, problem.found, problem.expected, { clientId, line: problem.line });
    } else {
      step.adopt(problem);
    }
  }
  return { client, secret, delivery };
}

/** Most clients have the same settings of the secret, so these are read once. */
function readSharedSecret(
  input: InputReader,
  inputs: ClientInputs,
  now: Date,
  secrets: Map<string, SecretRequest>,
): SecretRequest {
  const key = JSON.stringify(Object.values(SECRET_KEYS).map(({ input: name }) => inputs.readInput(name)));
  const known = secrets.get(key);
  if (known) {
    return known;
  }
  const problems = input.problems.length;
  const secret = readSecret(input, now);
  // One with problems is read again for each client, so that each gets them.
  if (input.problems.length === problems) {
    secrets.set(key, secret);
  }
  return secret;
}

/** GitHub shows ten warnings of a step. Some are about the run. */
const SHOWN = 5;

/** Collects the warnings about settings that work but are dangerous: one line for all clients with the same one. */
class DangerousSettings {
  readonly #problems: ManifestProblems;
  readonly #found = new Map<string, Entry[]>();

  constructor(problems: ManifestProblems) {
    this.#problems = problems;
  }

  add(line: string, entry: Entry): void {
    const known = this.#found.get(line) ?? [];
    this.#found.set(line, known);
    known.push(entry);
  }

  lines(): readonly string[] {
    const lines = [...this.#found].map(([line, entries]) => {
      const clients = this.#problems.clientsInProse(entries.map(({ clientId }) => clientId.text));
      return `${this.#problems.whereIs(entries[0]?.at ?? 0)}: ${line.replace(/\.$/u, '')} (${clients}).`;
    });
    const rest = lines.length - SHOWN;
    return rest > 0 ? [...lines.slice(0, SHOWN), `The manifest has ${rest} more settings of this kind.`] : lines;
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

function rejectWrongDefault(
  name: InputName,
  value: Value,
  { step, workflow, now, apiVersion }: ClientReading,
  problems: ManifestProblems,
): void {
  const { at } = value;
  const values = new Map<InputName, Value>([
    ['client-id', { at, text: 'client' }],
    ['rotate', { at, text: 'never' }],
    ['write-to', { at, text: 'repository', items: [{ at, text: 'repository' }] }],
    [name, value],
  ]);
  const inputs = new ClientInputs({ at, clientId: { at, text: 'client' }, values }, new Map(), step.source);
  const input = new InputReader(inputs, '');
  readClient(input, apiVersion, () => undefined);
  readSecret(input, now);
  readDelivery(input, workflow);
  for (const problem of input.problems) {
    if ('input' in problem && problem.input === name) {
      const place = inputs.placeOf(name, problem.item);
      problems.reject(place.at, problem.name, problem.found, problem.expected, { line: problem.line });
    }
  }
}
