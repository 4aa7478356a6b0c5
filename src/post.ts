import { compareSettings, inputsOfStep, type SettingDigests } from './inputs/saved-step.ts';
import { readWorkflowRun } from './inputs/workflow-run.ts';
import { messageOf, quoted } from './model/failure.ts';
import { isMarkOfRun } from './model/mark.ts';
import { readRevocation } from './modes/read-run.ts';
import type { ActionsRunner } from './runner/actions-runner.ts';

const DELETE_UNDELIVERED =
  'If the log of the step shows the mark of a secret that was not delivered, delete that secret in Vantage.';

/**
 * The end of the job: revokes the pending secrets of the step, by their marks. These are the secrets of
 * `revoke-at-job-end`, and a secret that a killed step created and did not deliver. Most steps have none: then it logs
 * nothing and sends nothing. It never fails the job. What it deletes, and where, is what the step itself saved, so that
 * later steps of the job cannot change it.
 *
 * @param cancelled stops the work.
 */
export async function post(runner: ActionsRunner, cancelled: AbortSignal): Promise<void> {
  const unfinished = runner.readUnfinished();
  if (unfinished !== '') {
    runner.warning(unfinished, 'targets');
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
      `The end of the job cannot read what the step saved: ${messageOf(error)} It deletes nothing. ${DELETE_UNDELIVERED}`,
      'secret to delete',
    );
    return [];
  }
}

/** A text that is not a whole mark of this run could match the end of any description. */
async function marksOfRun(saved: readonly string[], runner: ActionsRunner): Promise<readonly string[]> {
  const run = readWorkflowRun(await runner.readContext());
  const marks = saved.filter(text => isMarkOfRun(run, text));
  const [other] = saved.filter(text => !isMarkOfRun(run, text));
  if (other !== undefined) {
    runner.warning(
      `The end of the job ignores ${saved.length - marks.length} of the texts that the step saved, because they are not marks of this run. The first is ${quoted(other)}. ${DELETE_UNDELIVERED}`,
      'secret to delete',
    );
  }
  return marks;
}

async function revoke(marks: readonly string[], runner: ActionsRunner, cancelled: AbortSignal): Promise<void> {
  try {
    runner.maskInputs();
    const step = runner.readStep();
    useSettingsOfStep(step.settings, runner);
    const request = readRevocation(inputsOfStep(step, runner), await runner.readContext());
    const [{ withStepContext }, { revokePending }] = await Promise.all([
      import('./step.ts'),
      import('./modes/revoke.ts'),
    ]);
    await withStepContext(request, runner, context => revokePending(request, marks, context), cancelled);
  } catch (error) {
    runner.warning(
      `The end of the job cannot delete the secrets of the step: ${messageOf(error)} Delete them in Vantage: ${marks.join(', ')}`,
      'secret to delete',
    );
  }
}

/**
 * Makes sure that the credentials take only a way that the step used.
 *
 * @throws Error if that is not possible.
 */
function useSettingsOfStep(settings: SettingDigests, runner: ActionsRunner): void {
  const { trust, lostProxies, proxies } = compareSettings(settings, process.env);
  if (trust.length > 0) {
    throw new Error(`A later step of the job changed ${trust.join(', ')}, which Node already uses. Nothing was sent.`);
  }
  if (lostProxies.length > 0) {
    throw new Error(
      `A later step of the job removed ${lostProxies.join(', ')}. Nothing was sent, because it would bypass that proxy.`,
    );
  }
  for (const name of proxies) {
    delete process.env[name];
    runner.info(`The end of the job ignores ${name}, because a later step of the job set or changed it.`);
  }
}
