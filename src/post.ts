import { messageOf } from './failure.ts';
import type { Report } from './report/report.ts';
import { readRevocation } from './request/request.ts';

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
  const marks = readMarks(report);
  if (marks.length > 0) {
    await revoke(marks, report);
  }
}

function readMarks(report: Report): readonly string[] {
  try {
    return report.readMarks();
  } catch (error) {
    report.warning(
      `The end of the job could not read what the step left: ${messageOf(error)} It deletes nothing. If the log of the step names the mark of a secret that nobody was given, delete that secret in Vantage.`,
    );
    return [];
  }
}

async function revoke(marks: readonly string[], report: Report): Promise<void> {
  try {
    report.protectInputs();
    const request = readRevocation(report, await report.readContext());
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
