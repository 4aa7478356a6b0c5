import { wantsSummary } from './inputs/reader.ts';
import { asFailure, type Failure, messageOf } from './model/failure.ts';
import type { ModeRun } from './modes/mode.ts';
import { readRun } from './modes/read-run.ts';
import { renderRefusal } from './report/refusal.ts';
import type { ActionsRunner } from './runner/actions-runner.ts';

/** The step. Code that a step with wrong inputs does not need is loaded later. @param cancelled stops the work. */
export async function main(runner: ActionsRunner, cancelled: AbortSignal): Promise<void> {
  const run = await readInputs(runner);
  if (!run) {
    return;
  }
  const failure = await setOutputs(run, await execute(run, runner, cancelled), runner);
  if (run.request.run.summary) {
    await addSummary(run, failure, runner);
  }
  if (failure) {
    runner.fail(failure);
  }
}

async function readInputs(runner: ActionsRunner): Promise<ModeRun | undefined> {
  try {
    runner.maskInputs();
    runner.assertFilesWritable();
    // Saved before anything else: a later step of the job can set what the step itself did not save.
    runner.state.savePendingMarks([]);
    runner.state.saveUnfinished('');
    const run = await readRun(runner, await runner.readContext(), new Date());
    if (run.savedStep) {
      runner.state.saveStep(run.savedStep(process.env));
    }
    for (const line of run.request.warnings) {
      runner.warning(line, 'inputs');
    }
    return run;
  } catch (error) {
    const failure = asFailure(error);
    runner.rejectInputs(failure);
    if (wantsSummary(runner)) {
      runner.addSummary(renderRefusal(failure, text => runner.redact(text)));
    }
    return undefined;
  }
}

async function execute(run: ModeRun, runner: ActionsRunner, cancelled: AbortSignal): Promise<Failure | undefined> {
  try {
    const { withStepContext } = await import('./step.ts');
    await withStepContext({ ...run.request, github: run.github }, runner, run.execute, cancelled);
    return undefined;
  } catch (error) {
    const failure = asFailure(error);
    run.record.changed ||= failure.outcomeUnknown;
    return failure;
  }
}

/** @returns the failure of the step: outputs that cannot be written fail a step that succeeded. */
async function setOutputs(
  run: ModeRun,
  failure: Failure | undefined,
  runner: ActionsRunner,
): Promise<Failure | undefined> {
  try {
    const { renderOutputs } = await import('./report/outputs.ts');
    const end = { tenant: run.request.vantage.tenantId, failure };
    // Not redacted as text, which would break ids, and `changed` if a password is `true`.
    const { outputs, cut } = renderOutputs(run, end, value => runner.redactValue(value));
    runner.setOutputs({ ...outputs, 'error-code': failure?.code ?? '' });
    if (cut !== undefined) {
      runner.warning(cut, 'outputs');
    }
    return failure;
  } catch (error) {
    runner.warning(`Cannot write the outputs: ${messageOf(error)}`, 'outputs');
    return failure ?? asFailure(error);
  }
}

async function addSummary(run: ModeRun, failure: Failure | undefined, runner: ActionsRunner): Promise<void> {
  const [{ renderSummary }, summarize] = await Promise.all([import('./report/summary.ts'), run.loadSummary()]);
  runner.addSummary(renderSummary(summarize, failure, text => runner.redact(text)));
}
