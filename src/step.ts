import { Deadline } from './http/deadline.ts';
import { Http } from './http/http.ts';
import { Transport } from './http/transport.ts';
import type { Log } from './model/log.ts';
import type { CommonRequest, GitHubAccess, RunRequest } from './model/request.ts';
import type { Shard } from './model/shard.ts';
import type { Clocks } from './model/time.ts';
import type { StepContext } from './modes/step-context.ts';
import type { ActionsRunner } from './runner/actions-runner.ts';
import type { SavedState } from './runner/saved-state.ts';
import { openScopedLog } from './runner/scoped-log.ts';
import { AdminApi } from './vantage/admin-api.ts';
import { openTenant } from './vantage/tenant.ts';
import { TokenEndpoint } from './vantage/token-endpoint.ts';

/** The version of the action, for the User-Agent. A test keeps it equal to the one in package.json. */
export const VERSION = '1.0.0';

/** What the work needs of the runner. */
export type Runner = Log &
  Pick<ActionsRunner, 'setSecretOutput' | 'setAccessTokenOutput'> & {
    readonly state: Pick<SavedState, 'savePendingMarks' | 'savePending' | 'saveUnfinished'>;
  };

export interface ContextRequest extends Pick<CommonRequest, 'vantage' | 'workflow'> {
  readonly run: Pick<RunRequest, 'timeout' | 'requestTimeout'>;
  readonly github?: GitHubAccess | undefined;
  /** The clients of a run with many of them, as a `FleetRequest` has them. They share the pace of Vantage. */
  readonly clients?: readonly unknown[];
  /** The share of the clients, if several jobs share them. These jobs run at the same time, so they share the pace of GitHub. */
  readonly shard?: Pick<Shard, 'count'> | undefined;
}

type Work = (context: StepContext) => Promise<void>;

/** Does the work with what it needs, and closes that. @param cancelled stops the work. @throws Failure */
export async function withStepContext(
  request: ContextRequest,
  runner: Runner,
  work: Work,
  cancelled: AbortSignal,
): Promise<void> {
  ignoreDisabledTls(runner);
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

/** Also deletes the variable: Node would warn that it verifies no certificate, which is not true here. */
function ignoreDisabledTls(runner: Runner): void {
  if (process.env.NODE_TLS_REJECT_UNAUTHORIZED === '0') {
    delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    runner.warning(
      'The action ignores NODE_TLS_REJECT_UNAUTHORIZED and verifies certificates. Set NODE_EXTRA_CA_CERTS to a file with the certificate of a private CA instead.',
      'inputs',
    );
  }
}

/** Does the work as `withStepContext` does, within a deadline that the caller can cancel. */
export async function workWithin(
  deadline: Deadline,
  request: ContextRequest,
  runner: Runner,
  work: Work,
): Promise<void> {
  const { vantage, workflow, run, github } = request;
  const { repository, runId, runAttempt } = workflow;
  const userAgent = `vantage-client-action/${VERSION} (${repository}; run ${runId}.${runAttempt})`;
  const transport = new Transport(userAgent, run.requestTimeout);
  const { log, within } = openScopedLog(runner);
  try {
    const http = new Http(transport, {
      info: line => log.info(line),
      announce: line => runner.info(line),
      sharesPace: request.clients !== undefined,
    });
    await work({
      tokens: new TokenEndpoint(vantage, http, deadline, log),
      openTenant: (session, listsOnce) => openTenant(new AdminApi(vantage, session, http, deadline, log), listsOnce),
      deadline,
      now: () => clocksOf(request, http),
      log,
      logTo: within,
      // Loaded on demand, because most steps do not use GitHub.
      github:
        github &&
        (await import('./github/github.ts')).openGitHub(github, workflow, http, deadline, log, request.shard?.count),
      savePendingMarks: marks => runner.state.savePendingMarks(marks),
      savePending: (place, pending) => runner.state.savePending(place, pending),
      saveUnfinished: sentence => runner.state.saveUnfinished(sentence),
      outputSecret: secret => runner.setSecretOutput(secret),
      outputAccessToken: issued => runner.setAccessTokenOutput(issued),
    });
  } finally {
    // Before the connections close: otherwise requests that are still in flight would fail, be logged and be retried.
    deadline.close();
    transport.close();
  }
}

function clocksOf({ vantage, github }: ContextRequest, http: Http): Clocks {
  // Both for one moment, so that their difference is the difference of the clocks.
  const now = Date.now();
  return {
    vantage: http.now(vantage.baseUrl, now),
    github: github ? http.now(new URL(github.apiUrl).origin, now) : new Date(now),
  };
}
