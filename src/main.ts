import { type Ledger, openLedger } from './apply/ledger.ts';
import { asFailure, type Failure, messageOf } from './failure.ts';
import { Report } from './report/report.ts';
import { type Request, readRequest } from './request/request.ts';

const report = new Report();

/** The step: reads the request, carries it out, reports. What a refusal does not need is imported after it. */
async function main(): Promise<void> {
  const request = readChecked();
  if (!request) {
    return;
  }
  const ledger = openLedger(request.client.clientId);
  const failure = setOutputs(ledger, await carryOut(request, ledger));
  if (request.run.summary) {
    const { renderSummary } = await import('./report/summary.ts');
    await report.addSummary(renderSummary(request, ledger, failure, text => report.redact(text)));
  }
  if (failure) {
    report.fail(failure);
  }
}

function readChecked(): Request | undefined {
  try {
    report.protectInputs();
    const request = readRequest(report, process.env, new Date());
    report.assertOutputsWritable();
    for (const line of request.warnings) {
      report.warning(line);
    }
    return request;
  } catch (error) {
    report.refuse(asFailure(error));
    return undefined;
  }
}

async function carryOut(request: Request, ledger: Ledger): Promise<Failure | undefined> {
  try {
    const { run } = await import('./run.ts');
    await run(request, report, ledger);
    return undefined;
  } catch (error) {
    const failure = asFailure(error);
    ledger.changed ||= failure.unsettled;
    return failure;
  }
}

/** Outputs that cannot be written fail a step that had succeeded, and hide no failure that came before. */
function setOutputs(ledger: Ledger, failure: Failure | undefined): Failure | undefined {
  try {
    report.setOutputs(ledger, failure);
    return failure;
  } catch (error) {
    report.warning(`The outputs could not be written: ${messageOf(error)}`);
    return failure ?? asFailure(error);
  }
}

// Node would print such an error itself, past the redactor.
process.on('uncaughtException', error => report.fail(asFailure(error)));
await main();
