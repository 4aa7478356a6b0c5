import { readClient } from '../../inputs/client.ts';
import { readDelivery } from '../../inputs/delivery.ts';
import { readSecret } from '../../inputs/secret.ts';
import type { EnsureRequest } from '../../model/request.ts';
import type { FieldsOf, InputReading } from '../mode.ts';

/** Reads the inputs of `mode: ensure`. */
export function readEnsure({ input, workflow, now, apiVersion, warn }: InputReading): FieldsOf<EnsureRequest> {
  const client = readClient(input, apiVersion, warn);
  const secret = readSecret(input, now);
  const delivery = readDelivery(input, workflow);
  if (!delivery.outputSecret && !input.isSet('write-to') && secret.rotate !== 'never') {
    input.reject(
      'output-secret',
      'a new secret must be delivered: set this input to true, name a target in write-to, or set rotate to never',
    );
  }
  if (secret.pruneAfter && delivery.outputSecret && !secret.currentSecret) {
    input.reject(
      'prune-after',
      'nothing shows who uses a secret that was an output: pass the stored secret as current-secret, which is then kept. Otherwise, leave this input out, and set secret-expiration or revoke-at-job-end',
    );
  }
  return { client, secret, delivery };
}
