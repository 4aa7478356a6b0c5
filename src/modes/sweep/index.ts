import type { SweepRequest } from '../../model/request.ts';
import { defineMode, type ModeRun } from '../mode.ts';
import { readSweep } from './inputs.ts';
import { newSweepRecord, reportSweep } from './record.ts';

/** `mode: sweep`: deletes the clients of closed pull requests. */
export const sweepMode = defineMode(readSweep, startSweep);

function startSweep(request: SweepRequest): ModeRun {
  const record = newSweepRecord();
  return {
    ...reportSweep(record),
    request,
    github: request.github,
    execute: async context => (await import('./run.ts')).sweep(request, context, record),
    loadSummary: async () => {
      const { summarizeSweep } = await import('./summary.ts');
      return (markdown, failure) => summarizeSweep(request, record, markdown, failure);
    },
  };
}
