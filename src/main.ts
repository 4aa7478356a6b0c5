import { readRequest } from './inputs/request.ts';
import { recordStep } from './inputs/saved-step.ts';
import { type Job, openJob } from './job.ts';
import { asFailure, type Failure, messageOf } from './model/failure.ts';
import type { Request } from './model/request.ts';
import type { StepEnd } from './report/results.ts';
import type { Report } from './runner/actions-runner.ts';

/**
 * The step: reads the request, carries it out, reports. What a refusal does not need is imported after it.
 *
 * @param cancelled ends the work early.
 */
export async function main(report: Report, cancelled: AbortSignal): Promise<void> {
  const request = await readChecked(report);
  if (!request) {
    return;
  }
  const job = openJob(request);
  const { ledger } = job;
  const failure = setOutputs(
    { ledger, tenant: request.vantage.tenantId, failure: await carryOut(request, job, report, cancelled) },
    report,
  );
  if (request.run.summary) {
    const { renderSummary } = await import('./report/summary.ts');
    await report.addSummary(renderSummary(request, ledger, failure, text => report.redact(text)));
  }
  if (failure) {
    report.fail(failure);
  }
}

async function readChecked(report: Report): Promise<Request | undefined> {
  try {
    report.protectInputs();
    report.assertFilesWritable();
    // First of all: a later step of the job can put into its environment what the step has not saved itself.
    report.saveMarks([]);
    report.saveUnfinished('');
    const request = readRequest(report, await report.readContext(), new Date());
    if (request.mode === 'ensure') {
      report.saveStep(recordStep(request, process.env));
    }
    for (const line of request.warnings) {
      report.warning(line);
    }
    return request;
  } catch (error) {
    report.refuse(asFailure(error));
    return undefined;
  }
}

async function carryOut(
  request: Request,
  { ledger, work }: Job,
  report: Report,
  cancelled: AbortSignal,
): Promise<Failure | undefined> {
  try {
    const { withWorkbench } = await import('./step.ts');
    await withWorkbench(request, report, work, cancelled);
    return undefined;
  } catch (error) {
    const failure = asFailure(error);
    ledger.changed ||= failure.unsettled;
    return failure;
  }
}

/** Outputs that cannot be written fail a step that had succeeded, and hide no failure that came before. */
function setOutputs(end: StepEnd, report: Report): Failure | undefined {
  try {
    report.setOutputs(end);
    return end.failure;
  } catch (error) {
    report.warning(`The outputs could not be written: ${messageOf(error)}`);
    return end.failure ?? asFailure(error);
  }
}
