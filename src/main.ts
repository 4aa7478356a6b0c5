import { readRequest } from './inputs/request.ts';
import { recordStep } from './inputs/saved-step.ts';
import { type Job, openJob } from './job.ts';
import { asFailure, type Failure, messageOf } from './model/failure.ts';
import type { Request } from './model/request.ts';
import type { StepEnd } from './report/results.ts';
import type { ActionsRunner } from './runner/actions-runner.ts';

/**
 * The step: reads the request, carries it out, reports. What a refusal does not need is imported after it.
 *
 * @param cancelled ends the work early.
 */
export async function main(runner: ActionsRunner, cancelled: AbortSignal): Promise<void> {
  const request = await readChecked(runner);
  if (!request) {
    return;
  }
  const job = openJob(request);
  const { record } = job;
  const failure = setOutputs(
    { record, tenant: request.vantage.tenantId, failure: await carryOut(request, job, runner, cancelled) },
    runner,
  );
  if (request.run.summary) {
    const { renderSummary } = await import('./report/summary.ts');
    await runner.addSummary(renderSummary(request, record, failure, text => runner.redact(text)));
  }
  if (failure) {
    runner.fail(failure);
  }
}

async function readChecked(runner: ActionsRunner): Promise<Request | undefined> {
  try {
    runner.maskInputs();
    runner.assertFilesWritable();
    // First of all: a later step of the job can put into its environment what the step has not saved itself.
    runner.savePendingMarks([]);
    runner.saveUnfinished('');
    const request = readRequest(runner, await runner.readContext(), new Date());
    if (request.mode === 'ensure') {
      runner.saveStep(recordStep(request, process.env));
    }
    for (const line of request.warnings) {
      runner.warning(line);
    }
    return request;
  } catch (error) {
    runner.rejectInputs(asFailure(error));
    return undefined;
  }
}

async function carryOut(
  request: Request,
  { record, work }: Job,
  runner: ActionsRunner,
  cancelled: AbortSignal,
): Promise<Failure | undefined> {
  try {
    const { withStepContext } = await import('./step.ts');
    await withStepContext(request, runner, work, cancelled);
    return undefined;
  } catch (error) {
    const failure = asFailure(error);
    record.changed ||= failure.outcomeUnknown;
    return failure;
  }
}

/** Outputs that cannot be written fail a step that had succeeded, and hide no failure that came before. */
function setOutputs(end: StepEnd, runner: ActionsRunner): Failure | undefined {
  try {
    runner.setOutputs(end);
    return end.failure;
  } catch (error) {
    runner.warning(`The outputs could not be written: ${messageOf(error)}`);
    return end.failure ?? asFailure(error);
  }
}
