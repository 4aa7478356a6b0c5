import { readClientId } from '../../inputs/client.ts';
import { readNamedTargets } from '../../inputs/delivery.ts';
import { isSameClient } from '../../model/client.ts';
import { type CommonRequest, signedInClient, type TargetsRequest } from '../../model/request.ts';
import type { FieldsOf, InputReading } from '../mode.ts';

/** Delete a client, and what GitHub stores of it. */
export interface DeleteRequest extends CommonRequest {
  readonly clientId: string;
  /** Absent if nothing in GitHub is to be deleted. */
  readonly github?: TargetsRequest;
}

/** Reads the inputs of `mode: delete`. */
export function readDelete({ input, workflow, signIn }: InputReading): FieldsOf<DeleteRequest> | undefined {
  const clientId = readClientId(input);
  const github = readNamedTargets(input, workflow);
  const signedIn = signIn && signedInClient(signIn);
  if (signedIn !== undefined && clientId && isSameClient(signedIn, clientId)) {
    return input.reject('client-id', 'the step signs in with this client, so it cannot delete it');
  }
  return clientId === undefined ? undefined : { clientId, ...(github ? { github } : {}) };
}
