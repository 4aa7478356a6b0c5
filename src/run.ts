import { ensure } from './apply/ensure.ts';
import type { Ledger } from './apply/ledger.ts';
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
 * Puts the parts together, carries the request out, and lets go of everything that would keep the process alive.
 *
 * @throws Failure
 */
export async function run(request: Request, report: Report, ledger: Ledger): Promise<void> {
  const { repository, runId, runAttempt } = request.workflow;
  const userAgent = `vantage-client-action/${VERSION} (${repository}; run ${runId}.${runAttempt})`;
  const transport = new Transport(userAgent, request.run.requestTimeout);
  const deadline = new Deadline(request.run.timeout);
  const cancel = () => deadline.cancel();
  process.on('SIGINT', cancel).on('SIGTERM', cancel);
  try {
    const http = new Http(transport, line => report.info(line));
    await ensure(
      request,
      {
        tokens: new TokenEndpoint(request.vantage, http, deadline, report),
        openAdmin: token => new AdminApi(request.vantage, token, http, deadline, report),
        deadline,
        log: report,
        github: request.handOff.github && (await openGitHub(request.handOff.github, http, deadline, report)),
        outputSecret: secret => report.setSecretOutput(secret),
      },
      ledger,
    );
  } finally {
    process.off('SIGINT', cancel).off('SIGTERM', cancel);
    deadline.close();
    await transport.close();
  }
}

/** Imported where a target is written, as most steps write none. */
async function openGitHub(github: GitHubRequest, http: Http, deadline: Deadline, log: Log) {
  const { GitHubStore } = await import('./github/store.ts');
  return new GitHubStore(github, http, deadline, log);
}
