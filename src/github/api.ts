import { endpoint } from '@octokit/endpoint';
import type * as z from 'zod/mini';
import type { Deadline, TimeBudget } from '../http/deadline.ts';
import { FailureMapper } from '../http/failures.ts';
import type { Http } from '../http/http.ts';
import { type HttpRequest, parseBody, requestLine } from '../http/message.ts';
import type { Failure } from '../model/failure.ts';
import type { Log } from '../model/log.ts';
import type { GitHubAccess } from '../model/request.ts';
import { pathSegment } from '../model/url.ts';
import { GITHUB, githubFailure, isEnterpriseApi, RETRY_ON_GITHUB } from './failures.ts';
import type { Permission } from './routes.ts';

/** The version of GitHub's REST API that the routes belong to. */
const API_VERSION = '2022-11-28';

/** The part of the time that is left, and the most of it in milliseconds, for a question that the step can do without. */
const OPTIONAL = { part: 0.25, most: 5000 };

/** The parameters of the path. On a PUT, POST or PATCH the rest of them is the body, otherwise the query. */
type Parameters = Readonly<Record<string, unknown>>;

interface GitHubCall {
  readonly operation: string;
  /** What the token needs. */
  readonly permissions: readonly [Permission, ...Permission[]];
  /** As GitHub's documentation writes it: `GET /repos/{owner}/{repo}/environments/{environment_name}`. */
  readonly route: string;
  readonly parameters: Parameters;
  /** Gives the parameters for each retry, if the first ones may be out of date by then. */
  readonly renew?: () => Promise<Parameters>;
  /** The statuses that are not a failure. */
  readonly fine: readonly number[];
  /** The time for the work, unless given. */
  readonly budget?: TimeBudget | undefined;
}

/** A response with one of the statuses that are fine, to a request as `GET https://…`. */
interface GitHubResponse {
  readonly status: number;
  readonly request: string;
  /** Whether an earlier attempt may have taken effect, its response lost. */
  readonly maybeApplied: boolean;
  /** Reads the body. @throws Failure if it does not fit the schema. */
  read<Schema extends z.ZodMiniType>(schema: Schema): z.infer<Schema>;
  /**
   * The failure of a call whose response turns out not to be fine.
   *
   * @param completeAdvice see `githubFailure`.
   */
  failure(completeAdvice?: (onToken: string) => string): Failure;
}

/** GitHub's REST API, with the rights of the token. */
export class GitHubApi {
  readonly deadline: Deadline;
  readonly #github: GitHubAccess;
  readonly #http: Http;
  readonly #failures: FailureMapper;

  constructor(github: GitHubAccess, http: Http, deadline: Deadline, log: Log) {
    this.deadline = deadline;
    this.#github = github;
    this.#http = http;
    this.#failures = new FailureMapper(GITHUB, deadline, log);
  }

  get isEnterpriseServer(): boolean {
    return isEnterpriseApi(new URL(this.#github.apiUrl));
  }

  /** Sends one request, with retries. @throws Failure if the response has a status that is not fine, or there is none. */
  async call(call: GitHubCall): Promise<GitHubResponse> {
    const { route, parameters, renew, budget = this.deadline.work } = call;
    const request = this.#request(route, parameters);
    const renewed = renew && (async () => this.#request(route, await renew()));
    const result = await this.#http.send(request, RETRY_ON_GITHUB, budget, renewed);
    const failure = (completeAdvice?: (onToken: string) => string) =>
      githubFailure({ ...call, request, result, token: this.#github.token, completeAdvice }, this.#failures);
    const { outcome, maybeApplied } = result;
    if (outcome.kind !== 'answered' || !call.fine.includes(outcome.status)) {
      throw failure();
    }
    return {
      status: outcome.status,
      request: requestLine(request),
      maybeApplied,
      failure,
      read: schema => {
        const body = parseBody(outcome, schema);
        if (body === undefined) {
          throw failure();
        }
        return body;
      },
    };
  }

  /** Reads, in a part of the time that is left, what the step can do without. @returns undefined if GitHub does not give it. */
  async readOptional<Schema extends z.ZodMiniType>(
    route: string,
    parameters: Parameters,
    schema: Schema,
  ): Promise<z.infer<Schema> | undefined> {
    const { deadline } = this;
    const budget = deadline.within(Math.min(OPTIONAL.most, deadline.work.remaining() * OPTIONAL.part));
    const { outcome } = await this.#http.send(this.#request(route, parameters), RETRY_ON_GITHUB, budget);
    return outcome.kind === 'answered' && outcome.status === 200 ? parseBody(outcome, schema) : undefined;
  }

  /**
   * Deletes what was read. GitHub answers 404 for what does not exist, and for what the token may not delete, so a 404 is
   * followed by another read.
   *
   * @returns `absent` if it no longer exists.
   * @throws Failure, also if it still exists.
   */
  async delete(call: Omit<GitHubCall, 'fine' | 'renew' | 'budget'>): Promise<'deleted' | 'absent'> {
    const { status, maybeApplied, failure } = await this.call({ ...call, fine: [204, 404] });
    if (status === 204) {
      return 'deleted';
    }
    const again = await this.call({ ...call, route: call.route.replace('DELETE', 'GET'), fine: [200, 404] });
    if (again.status === 200) {
      throw failure(onToken => `It still exists. ${onToken}`);
    }
    return maybeApplied ? 'deleted' : 'absent';
  }

  /** @throws Failure if a parameter cannot be one segment of a path: the library would send `..` unchanged. */
  #request(route: string, parameters: Parameters): HttpRequest {
    for (const [, name = ''] of route.matchAll(/\{(\w+)\}/gu)) {
      pathSegment(String(parameters[name]));
    }
    const { method, url, headers, body } = endpoint(route, {
      ...parameters,
      baseUrl: this.#github.apiUrl,
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${this.#github.token.reveal()}`,
        'x-github-api-version': API_VERSION,
      },
    });
    return {
      method: method as HttpRequest['method'],
      url: new URL(url),
      headers: headers as Record<string, string>,
      // The library gives a PUT or PATCH without parameters an empty text.
      ...(body === undefined || body === '' ? {} : { body: JSON.stringify(body) }),
    };
  }
}
