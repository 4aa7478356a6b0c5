import { readClientId } from '../../inputs/client.ts';
import { readNamedTargets } from '../../inputs/delivery.ts';
import { isSameClient } from '../../model/client.ts';
import { type DeleteRequest, signedInClient } from '../../model/request.ts';
import { defineMode, type FieldsOf, type InputReading } from '../mode.ts';
import { newDeleteRecord, reportDelete } from './record.ts';

/** `mode: delete`: deletes a client, and what GitHub stores of it. */
export const deleteMode = defineMode(readDelete, request => {
  const record = newDeleteRecord(request.clientId);
  return {
    ...reportDelete(record),
    request,
    github: request.github,
    execute: async context => (await import('./run.ts')).deleteClient(request, context, record),
    loadSummary: async () => {
      const { summarizeDelete } = await import('./summary.ts');
      return (markdown, failure) => summarizeDelete({ request, record, markdown, failure });
    },
  };
});

function readDelete({ input, workflow, signIn }: InputReading): FieldsOf<DeleteRequest> | undefined {
  const clientId = readClientId(input);
  const github = readNamedTargets(input, workflow);
  const signedIn = signIn && signedInClient(signIn);
  if (signedIn !== undefined && clientId && isSameClient(signedIn, clientId)) {
    return input.reject('client-id', 'the step signs in with this client, so it cannot delete it');
  }
  return clientId === undefined ? undefined : { clientId, ...(github ? { github } : {}) };
}
