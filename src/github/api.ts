import { endpoint } from '@octokit/endpoint';
import type { Deadline, TimeBudget } from '../http/deadline.ts';
import { FailureMapper } from '../http/failures.ts';
import type { Http } from '../http/http.ts';
import type { HttpRequest, HttpResponse, RequestResult } from '../http/message.ts';
import type { Failure } from '../model/failure.ts';
import type { Log } from '../model/log.ts';
import type { GitHubAccess } from '../model/request.ts';
import { pathSegment } from '../model/url.ts';
import { GITHUB, githubFailure } from './failures.ts';
import { RETRY_ON_GITHUB } from './rate-limits.ts';
import { isEnterpriseApi } from './reasons.ts';

/** The version of GitHub's REST API that the routes are of. */
const API_VERSION = '2022-11-28';

const ASIDE = { part: 0.25, most: 5000 };

/** GitHub's REST API, as whoever the token stands for. */
export class GitHubApi {
  readonly deadline: Deadline;
  readonly #github: GitHubAccess;
  readonly #http: Http;
  readonly #refusals: FailureMapper;

  constructor(github: GitHubAccess, http: Http, deadline: Deadline, log: Log) {
    this.deadline = deadline;
    this.#github = github;
    this.#http = http;
    this.#refusals = new FailureMapper(GITHUB, deadline, log);
  }

  /** The time for questions that the step can do without: a part of what is left, and a few seconds at most. */
  get aside(): TimeBudget {
    return this.deadline.within(Math.min(ASIDE.most, this.deadline.work.remaining() * ASIDE.part));
  }

  /** Whether this is the API of an Enterprise Server: github.com has none below a path. */
  get isEnterpriseServer(): boolean {
    return isEnterpriseApi(new URL(this.#github.apiUrl));
  }

  /**
   * Sends one request. What an answer means is for the caller to say.
   *
   * @param route as GitHub's documentation writes it: `GET /repos/{owner}/{repo}/environments/{environment_name}`.
   * @param parameters of the path; on a PUT, POST or PATCH what is left of them is the body, else the query.
   * @param renewed gives them anew for each further attempt, where what they say may be out of date by then.
   * @throws Failure where a parameter cannot be one segment of a path. The library would send `..` as it is.
   */
  async send(
    route: string,
    parameters: Record<string, unknown>,
    budget: TimeBudget,
    renewed?: () => Promise<Record<string, unknown>>,
  ): Promise<GitHubResult> {
    const request = this.#request(route, parameters);
    const renew = renewed && (async () => this.#request(route, await renewed()));
    const result = await this.#http.send(request, RETRY_ON_GITHUB, budget, renew);
    return { request, result, response: result.outcome.kind === 'answered' ? result.outcome : undefined };
  }

  #request(route: string, parameters: Record<string, unknown>): HttpRequest {
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

  /**
   * Deletes something, in the time for the work.
   *
   * @param needs the permission that it takes, as GitHub's settings name it.
   * @returns whether this request deleted it, or it was `gone` by then. GitHub says the same of what a token may not see.
   * @throws Failure
   */
  async delete(
    operation: string,
    needs: string,
    route: string,
    parameters: Record<string, unknown>,
  ): Promise<'deleted' | 'gone'> {
    const sent = await this.send(route, parameters, this.deadline.work);
    if (sent.response?.status === 204) {
      return 'deleted';
    }
    if (sent.response?.status === 404) {
      return sent.result.maybeApplied ? 'deleted' : 'gone';
    }
    throw this.refusal(operation, needs, sent);
  }

  /**
   * The failure that a request ends with which did not get what it asked for.
   *
   * @param what was to be done, as a noun phrase.
   * @param needs the permission that it takes, as GitHub's settings name it.
   * @param suspicion what else may be why, in whole sentences.
   */
  refusal(operation: string, needs: string, sent: GitHubResult, suspicion?: string): Failure {
    return githubFailure({ operation, needs, token: this.#github.token, suspicion, ...sent }, this.#refusals);
  }
}

/** A request to GitHub and how it ended. */
export interface GitHubResult {
  readonly request: HttpRequest;
  readonly result: RequestResult;
  /** The answer where there was one with that status, or with any. */
  readonly response: HttpResponse | undefined;
}
