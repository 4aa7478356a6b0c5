import { compareSettings, inputsOfStep, type SettingDigests } from './inputs/saved-step.ts';
import { readWorkflowRun } from './inputs/workflow-run.ts';
import { messageOf, quoted } from './model/failure.ts';
import { isMarkOfRun } from './model/mark.ts';
import { readRevocation } from './modes/read-run.ts';
import type { ActionsRunner } from './runner/actions-runner.ts';

/** A secret that the step created and nobody uses. */
interface PendingSecret {
  /** Undefined if the step has one client. */
  readonly clientId: string | undefined;
  readonly mark: string;
}

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
  const unfinished = runner.state.readUnfinished();
  if (unfinished !== '') {
    runner.warning(unfinished, 'targets');
  }
  const pending = await readPending(runner);
  if (pending.length > 0) {
    await revoke(pending, runner, cancelled);
  }
}

async function readPending(runner: ActionsRunner): Promise<readonly PendingSecret[]> {
  try {
    const state = runner.state.readPending();
    const clients = state.kind === 'fleet' ? state.clients : [{ ...state, clientId: undefined, unfinished: '' }];
    for (const { clientId, unfinished } of clients.filter(one => one.unfinished !== '')) {
      runner.warning(`Client "${clientId}": ${unfinished}`, 'targets');
    }
    const saved = clients.flatMap(({ clientId, marks }) => marks.map(mark => ({ clientId, mark })));
    return saved.length === 0 ? [] : await ofThisRun(saved, runner);
  } catch (error) {
    runner.warning(
      `The end of the job cannot read what the step saved: ${messageOf(error)} It deletes nothing. ${DELETE_UNDELIVERED}`,
      'secret to delete',
    );
    return [];
  }
}

/** A text that is not a whole mark of this run could match the end of any description. */
async function ofThisRun(saved: readonly PendingSecret[], runner: ActionsRunner): Promise<readonly PendingSecret[]> {
  const run = readWorkflowRun(await runner.readContext());
  const pending = saved.filter(({ mark }) => isMarkOfRun(run, mark));
  const other = saved.find(({ mark }) => !isMarkOfRun(run, mark));
  if (other !== undefined) {
    runner.warning(
      `The end of the job ignores ${saved.length - pending.length} of the texts that the step saved, because they are not marks of this run. The first is ${quoted(other.mark)}. ${DELETE_UNDELIVERED}`,
      'secret to delete',
    );
  }
  return pending;
}

async function revoke(pending: readonly PendingSecret[], runner: ActionsRunner, cancelled: AbortSignal): Promise<void> {
  try {
    runner.maskInputs();
    const step = runner.state.readStep();
    useSettingsOfStep(step.settings, runner);
    const isFleet = pending.some(({ clientId }) => clientId !== undefined);
    const request = readRevocation(inputsOfStep(step, runner), await runner.readContext(), isFleet);
    const secrets = pending.map(({ clientId = request.clientId ?? '', mark }) => ({ clientId, mark }));
    const [{ withStepContext }, { revokePending }] = await Promise.all([
      import('./step.ts'),
      import('./modes/revoke.ts'),
    ]);
    await withStepContext(request, runner, context => revokePending(request, secrets, context), cancelled);
  } catch (error) {
    const secretsInProse = pending.map(({ clientId, mark }) =>
      clientId === undefined ? mark : `client "${clientId}", ${mark}`,
    );
    runner.warning(
      `The end of the job cannot delete the secrets of the step: ${messageOf(error)} Delete them in Vantage: ${secretsInProse.join(', ')}`,
      'secret to delete',
    );
  }
}

/** Makes sure that the credentials take only a way that the step used. @throws Error if that is not possible. */
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
