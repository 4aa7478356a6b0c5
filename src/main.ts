import { type Ledger, openLedger } from './apply/ledger.ts';
import { asFailure, type Failure, messageOf } from './failure.ts';
import type { Report } from './report/report.ts';
import { type Request, readRequest } from './request/request.ts';

/** The step: reads the request, carries it out, reports. What a refusal does not need is imported after it. */
export async function main(report: Report): Promise<void> {
  const request = readChecked(report);
  if (!request) {
    return;
  }
  const ledger = openLedger(request.client.clientId);
  const failure = setOutputs(ledger, await carryOut(request, ledger, report), report);
  if (request.run.summary) {
    const { renderSummary } = await import('./report/summary.ts');
    await report.addSummary(renderSummary(request, ledger, failure, text => report.redact(text)));
  }
  if (failure) {
    report.fail(failure);
  }
}

function readChecked(report: Report): Request | undefined {
  try {
    report.protectInputs();
    const request = readRequest(report, process.env, new Date());
    report.assertFilesWritable();
    for (const line of request.warnings) {
      report.warning(line);
    }
    return request;
  } catch (error) {
    report.refuse(asFailure(error));
    return undefined;
  }
}

async function carryOut(request: Request, ledger: Ledger, report: Report): Promise<Failure | undefined> {
  try {
    const [{ withWorkbench }, { ensure }] = await Promise.all([import('./run.ts'), import('./apply/ensure.ts')]);
    await withWorkbench(request, report, bench => ensure(request, bench, ledger));
    return undefined;
  } catch (error) {
    const failure = asFailure(error);
    ledger.changed ||= failure.unsettled;
    return failure;
  }
}

/** Outputs that cannot be written fail a step that had succeeded, and hide no failure that came before. */
function setOutputs(ledger: Ledger, failure: Failure | undefined, report: Report): Failure | undefined {
  try {
    report.setOutputs(ledger, failure);
    return failure;
  } catch (error) {
    report.warning(`The outputs could not be written: ${messageOf(error)}`);
    return failure ?? asFailure(error);
  }
}
