import { Deadline } from './http/deadline.ts';
import { Http } from './http/http.ts';
import { Transport } from './http/transport.ts';
import type { Log } from './model/log.ts';
import type { GitHubAccess, Request, RevocationRequest } from './model/request.ts';
import type { Clocks } from './model/time.ts';
import type { StepContext } from './modes/step-context.ts';
import type { ActionsRunner } from './runner/actions-runner.ts';
import { AdminApi } from './vantage/admin-api.ts';
import { openTenant } from './vantage/tenant.ts';
import { TokenEndpoint } from './vantage/token-endpoint.ts';

/** What the work needs of the runner: its log, its state for the post step, and the output that is a secret. */
export type Runner = Log & Pick<ActionsRunner, 'savePendingMarks' | 'saveUnfinished' | 'setSecretOutput'>;

/**
 * Puts the parts together, has the work done, and lets go of everything that would keep the process alive.
 *
 * @param cancelled ends the work early.
 * @throws Failure
 */
export async function withStepContext(
  request: Request | RevocationRequest,
  runner: Runner,
  work: (context: StepContext) => Promise<void>,
  cancelled: AbortSignal,
): Promise<void> {
  refuseCarelessTls(runner);
  const deadline = new Deadline(request.run.timeout);
  if (cancelled.aborted) {
    deadline.cancel();
  }
  cancelled.addEventListener('abort', () => deadline.cancel());
  try {
    await workWithin(deadline, request, runner, work);
  } finally {
    deadline.close();
  }
}

/** The variable is taken away as well, as Node would print that nothing is verified any more, which is not so. */
function refuseCarelessTls(runner: Runner): void {
  if (process.env.NODE_TLS_REJECT_UNAUTHORIZED === '0') {
    delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    runner.warning(
      'NODE_TLS_REJECT_UNAUTHORIZED is ignored: certificates are verified all the same. Name a file with the certificate of a private CA in NODE_EXTRA_CA_CERTS instead.',
    );
  }
}

/** The same for a caller that ends the work early by itself: the deadline is its own, to cancel. It is over with the work. */
export async function workWithin(
  deadline: Deadline,
  request: Request | RevocationRequest,
  runner: Runner,
  work: (context: StepContext) => Promise<void>,
): Promise<void> {
  const { repository, runId, runAttempt } = request.workflow;
  const userAgent = `vantage-client-action/${VERSION} (${repository}; run ${runId}.${runAttempt})`;
  const transport = new Transport(userAgent, request.run.requestTimeout);
  try {
    const http = new Http(transport, line => runner.info(line));
    await work({
      tokens: new TokenEndpoint(request.vantage, http, deadline, runner),
      openTenant: session => openTenant(new AdminApi(request.vantage, session, http, deadline, runner)),
      deadline,
      now: () => clocksOf(request, http),
      log: runner,
      github: await openGitHub(request, http, deadline, runner),
      savePendingMarks: marks => runner.savePendingMarks(marks),
      saveUnfinished: sentence => runner.saveUnfinished(sentence),
      outputSecret: secret => runner.setSecretOutput(secret),
    });
  } finally {
    // Before the connections end: what is under way beside a failure is to end in silence, and not to be asked again.
    deadline.close();
    transport.close();
  }
}

function clocksOf(request: Request | RevocationRequest, http: Http): Clocks {
  const github = accessOf(request);
  return {
    vantage: http.now(request.vantage.baseUrl),
    github: github ? http.now(new URL(github.apiUrl).origin) : new Date(),
  };
}

/** Imported where it is needed, as most steps have nothing to do with it. */
async function openGitHub(request: Request | RevocationRequest, http: Http, deadline: Deadline, log: Log) {
  const access = accessOf(request);
  if (!access) {
    return undefined;
  }
  const { openGitHub: open } = await import('./github/github.ts');
  return open(access, request.workflow.repository, http, deadline, log);
}

function accessOf(request: Request | RevocationRequest): GitHubAccess | undefined {
  switch (request.mode) {
    case 'ensure':
      return request.delivery.github;
    case 'delete':
    case 'sweep':
      return request.github;
    case 'audit':
    case 'revoke':
      return undefined;
  }
}

/** The version of the action, as in package.json (a test holds the two together). It goes into the User-Agent. */
export const VERSION = '1.0.0';
