import { endpoint } from '@octokit/endpoint';
import type { Answer, HttpRequest } from '../http/answer.ts';
import type { Span } from '../http/deadline.ts';
import type { Exchange, Http } from '../http/http.ts';
import type { GitHubRequest } from '../request/hand-off.ts';
import { REPEAT_ON_GITHUB } from './limits.ts';

/** The version of GitHub's REST API that the routes are of. */
const API_VERSION = '2022-11-28';

/** A request to GitHub and how it ended. */
export interface GitHubExchange {
  readonly request: HttpRequest;
  readonly exchange: Exchange;
  /** The answer where there was one with that status, or with any. */
  readonly answered: Answer | undefined;
}

/** GitHub's REST API, as whoever the token stands for. */
export class GitHubApi {
  readonly #github: GitHubRequest;
  readonly #http: Http;

  constructor(github: GitHubRequest, http: Http) {
    this.#github = github;
    this.#http = http;
  }

  /**
   * Sends one request. Never throws: what an answer means is for the caller to say.
   *
   * @param route as GitHub's documentation writes it: `GET /repos/{owner}/{repo}/environments/{environment_name}`.
   * @param parameters of the path; on a PUT, POST or PATCH what is left of them is the body, else the query.
   */
  async send(route: string, parameters: Record<string, unknown>, span: Span): Promise<GitHubExchange> {
    const { method, url, headers, body } = endpoint(route, {
      ...parameters,
      baseUrl: this.#github.apiUrl,
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${this.#github.token.reveal()}`,
        'x-github-api-version': API_VERSION,
      },
    });
    const request: HttpRequest = {
      method: method as HttpRequest['method'],
      url: new URL(url),
      headers: headers as Record<string, string>,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
    const exchange = await this.#http.send(request, REPEAT_ON_GITHUB, span);
    return { request, exchange, answered: exchange.outcome.kind === 'answered' ? exchange.outcome : undefined };
  }
}
