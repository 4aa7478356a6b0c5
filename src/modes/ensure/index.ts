import { recordStep } from '../../inputs/saved-step.ts';
import type { EnsureRequest } from '../../model/request.ts';
import { defineMode, type ModeRun } from '../mode.ts';
import { readEnsure } from './inputs.ts';

/** `mode: ensure`: ensures a client, and delivers a secret of it. */
export const ensureMode = defineMode(readEnsure, startEnsure);

/** Loads the record only now, because what it reports of the plan is more code than all that reads inputs. */
async function startEnsure(request: EnsureRequest): Promise<ModeRun> {
  const { newEnsureRecord, reportEnsure } = await import('./record.ts');
  const record = newEnsureRecord(request.client.clientId);
  return {
    ...reportEnsure(record),
    request,
    github: request.delivery.github,
    savedStep: environment => recordStep(request, environment, request.client.clientId),
    execute: async context => (await import('./run.ts')).ensure(request, context, record, { withOffers: true }),
    loadSummary: async () => {
      const { summarizeEnsure } = await import('./summary.ts');
      return (markdown, failure) => summarizeEnsure(request, record, markdown, failure);
    },
  };
}
