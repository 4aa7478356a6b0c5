import type { Answer, HttpRequest } from '../http/answer.ts';
import type { Exchange } from '../http/http.ts';

/** A request to GitHub and how it ended. */
export interface GitHubExchange {
  readonly request: HttpRequest;
  readonly exchange: Exchange;
  /** The answer where there was one with that status, or with any. */
  readonly answered: Answer | undefined;
}
