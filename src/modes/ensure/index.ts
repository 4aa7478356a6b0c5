import { recordStep } from '../../inputs/saved-step.ts';
import type { EnsureRequest } from '../../model/request.ts';
import { defineMode, type ModeRun } from '../mode.ts';
import { readEnsure } from './inputs.ts';
import { newEnsureRecord, reportEnsure } from './record.ts';

/** `mode: ensure`: ensures a client, and delivers a secret of it. */
export const ensureMode = defineMode(readEnsure, startEnsure);

function startEnsure(request: EnsureRequest): ModeRun {
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
