import type { Workbench } from './apply/workbench.ts';
import { Deadline } from './http/deadline.ts';
import { Http } from './http/http.ts';
import { Transport } from './http/transport.ts';
import type { Log } from './log.ts';
import type { Report } from './report/report.ts';
import type { GitHubRequest } from './request/hand-off.ts';
import type { Request } from './request/request.ts';
import { AdminApi } from './vantage/admin.ts';
import { TokenEndpoint } from './vantage/token-endpoint.ts';
import { VERSION } from './version.ts';

/**
 * Puts the parts together, has the work done, and lets go of everything that would keep the process alive. A signal ends
 * the work early, and never the process itself.
 *
 * @throws Failure
 */
export async function withWorkbench(
  request: Request,
  report: Report,
  work: (bench: Workbench) => Promise<void>,
): Promise<void> {
  const { repository, runId, runAttempt } = request.workflow;
  const userAgent = `vantage-client-action/${VERSION} (${repository}; run ${runId}.${runAttempt})`;
  const transport = new Transport(userAgent, request.run.requestTimeout);
  const deadline = new Deadline(request.run.timeout);
  // Left in place to the end, as the outputs are still to be written when the work is done.
  process.on('SIGINT', () => deadline.cancel()).on('SIGTERM', () => deadline.cancel());
  try {
    const http = new Http(transport, line => report.info(line));
    await work({
      tokens: new TokenEndpoint(request.vantage, http, deadline, report),
      openAdmin: token => new AdminApi(request.vantage, token, http, deadline, report),
      deadline,
      log: report,
      github: request.handOff.github && (await openGitHub(request.handOff.github, http, deadline, report)),
      remember: marks => report.saveMarks(marks),
      outputSecret: secret => report.setSecretOutput(secret),
    });
  } finally {
    deadline.close();
    await transport.close();
  }
}

/** Imported where a target is written, as most steps write none. */
async function openGitHub(github: GitHubRequest, http: Http, deadline: Deadline, log: Log) {
  const { GitHubStore } = await import('./github/store.ts');
  return new GitHubStore(github, http, deadline, log);
}
