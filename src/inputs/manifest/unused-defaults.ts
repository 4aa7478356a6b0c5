import { readClient } from '../client.ts';
import { readDelivery } from '../delivery.ts';
import type { InputName } from '../names.ts';
import { InputReader } from '../reader.ts';
import { readSecret } from '../secret.ts';
import { ClientInputs } from './client-inputs.ts';
import type { ClientReading } from './clients.ts';
import type { Values } from './entries.ts';
import type { ManifestProblems } from './problems.ts';
import type { Value } from './values.ts';

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
