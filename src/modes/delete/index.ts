import { defineMode, type ModeRun } from '../mode.ts';
import { type DeleteRequest, readDelete } from './inputs.ts';
import { newDeleteRecord, reportDelete } from './record.ts';

/** `mode: delete`: deletes a client, and what GitHub stores of it. */
export const deleteMode = defineMode(readDelete, startDelete);

function startDelete(request: DeleteRequest): ModeRun {
  const record = newDeleteRecord(request.clientId);
  return {
    ...reportDelete(record),
    request,
    github: request.github,
    execute: async context => (await import('./run.ts')).deleteClient(request, context, record),
    loadSummary: async () => {
      const { summarizeDelete } = await import('./summary.ts');
      return (markdown, failure) => summarizeDelete(request, record, markdown, failure);
    },
  };
}
