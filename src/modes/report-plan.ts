import type { Log } from '../model/log.ts';
import { type PlanLine, planTexts } from '../plan/plan-lines.ts';

/** Logs what a run would do, one line for each thing that it would change. @param verdict all of it, as part of a sentence. */
export function reportPlan(verdict: string, lines: readonly PlanLine[], log: Log): void {
  log.info(`A dry run changes nothing. The plan: ${verdict}.`);
  for (const { sign, text } of planTexts(lines)) {
    log.info(`${sign} ${text}`);
  }
}
