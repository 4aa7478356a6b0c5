import { messageOf } from './failure.ts';
import type { Report } from './report/report.ts';
import { readRequest } from './request/request.ts';

/**
 * The end of the job: deletes the secrets that the step left to it, by their marks. Those are the ones of
 * `revoke-at-job-end`, and any that was minted and handed to nobody because the step was killed. Most steps leave none,
 * and then it says and asks nothing. It never fails the job.
 */
export async function post(report: Report): Promise<void> {
  const unfinished = report.readUnfinished();
  if (unfinished !== '') {
    report.warning(unfinished);
  }
  const marks = report.readMarks();
  if (marks.length === 0) {
    return;
  }
  try {
    report.protectInputs();
    const request = readRequest(report, process.env, new Date());
    if (request.mode !== 'ensure') {
      throw new Error('only `mode: ensure` leaves anything.');
    }
    const [{ withWorkbench }, { revokeLeft }] = await Promise.all([
      import('./run.ts'),
      import('./apply/revoke-left.ts'),
    ]);
    await withWorkbench(request, report, bench => revokeLeft(request, marks, bench));
  } catch (error) {
    report.warning(
      `The end of the job could not delete what the step left: ${messageOf(error)} Delete it in Vantage: ${marks.join(', ')}`,
    );
  }
}
