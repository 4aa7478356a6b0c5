import { readRevocation } from './inputs/request.ts';
import { compareSettings, inputsOfStep, type SettingDigests } from './inputs/saved-step.ts';
import { readWorkflowRun } from './inputs/workflow-run.ts';
import { messageOf, quoted } from './model/failure.ts';
import { isMarkOfRun } from './model/mark.ts';
import type { ActionsRunner } from './runner/actions-runner.ts';

const IF_IN_DOUBT =
  'If the log of the step names the mark of a secret that nobody was given, delete that secret in Vantage.';

/**
 * The end of the job: deletes the secrets that the step left to it, by their marks. Those are the ones of
 * `revoke-at-job-end`, and any that was minted and handed to nobody because the step was killed. Most steps leave none,
 * and then it says and asks nothing. It never fails the job, and no later step of the job steers it: what to delete, and
 * where, is what the step itself saved.
 *
 * @param cancelled ends the work early.
 */
export async function post(runner: ActionsRunner, cancelled: AbortSignal): Promise<void> {
  const unfinished = runner.readUnfinished();
  if (unfinished !== '') {
    runner.warning(unfinished);
  }
  const marks = await readPendingMarks(runner);
  if (marks.length > 0) {
    await revoke(marks, runner, cancelled);
  }
}

async function readPendingMarks(runner: ActionsRunner): Promise<readonly string[]> {
  try {
    const saved = runner.readPendingMarks();
    return saved.length === 0 ? [] : await marksOfRun(saved, runner);
  } catch (error) {
    runner.warning(
      `The end of the job could not read what the step left: ${messageOf(error)} It deletes nothing. ${IF_IN_DOUBT}`,
    );
    return [];
  }
}

/** What is no whole mark of this run may be the end of any description. */
async function marksOfRun(saved: readonly string[], runner: ActionsRunner): Promise<readonly string[]> {
  const run = readWorkflowRun(await runner.readContext());
  const marks = saved.filter(text => isMarkOfRun(run, text));
  const [other] = saved.filter(text => !isMarkOfRun(run, text));
  if (other !== undefined) {
    runner.warning(
      `The end of the job ignores ${saved.length - marks.length} of what the step left, as it is no mark of this run, the first being ${quoted(other)}. ${IF_IN_DOUBT}`,
    );
  }
  return marks;
}

async function revoke(marks: readonly string[], runner: ActionsRunner, cancelled: AbortSignal): Promise<void> {
  try {
    runner.maskInputs();
    const step = runner.readStep();
    keepToSettings(step.settings, runner);
    const request = readRevocation(inputsOfStep(step, runner), await runner.readContext());
    const [{ withStepContext }, { revokePending }] = await Promise.all([
      import('./step.ts'),
      import('./modes/revoke.ts'),
    ]);
    await withStepContext(request, runner, context => revokePending(request, marks, context), cancelled);
  } catch (error) {
    runner.warning(
      `The end of the job could not delete what the step left: ${messageOf(error)} Delete it in Vantage: ${marks.join(', ')}`,
    );
  }
}

/**
 * Sees to it that the credentials take no way that the step did not take.
 *
 * @throws Error where they could not but do.
 */
function keepToSettings(settings: SettingDigests, runner: ActionsRunner): void {
  const { trust, lostProxies, proxies } = compareSettings(settings, process.env);
  if (trust.length > 0) {
    throw new Error(`A later step of the job changed ${trust.join(', ')}, which Node obeys already. Nothing is sent.`);
  }
  if (lostProxies.length > 0) {
    throw new Error(`A later step of the job took away ${lostProxies.join(', ')}. Nothing is sent past that proxy.`);
  }
  for (const name of proxies) {
    delete process.env[name];
    runner.info(`The end of the job does not use ${name}, as a later step of the job set or changed it.`);
  }
}
