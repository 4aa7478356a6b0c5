import { randomBytes } from 'node:crypto';
import type { Answer } from '../http/answer.ts';
import { html } from '../http/answer.ts';
import type { Clock } from '../http/clock.ts';
import type { HttpRequest, Outcome } from '../http/server.ts';
import { accessHeaders, authorize } from './access.ts';
import { checkAccept, readVersion } from './api-version.ts';
import type { Contract } from './contract.ts';
import type { ApiOptions, Handler } from './items-api.ts';
import { itemsApi } from './items-api.ts';
import type { Limiter } from './limits.ts';
import { describeRefusal, notFound, Refusal } from './refusal.ts';
import { repositoriesApi } from './repositories-api.ts';
import type { KnownRoute, Route } from './routes.ts';
import { checkArchived, checkMoved, checkRules } from './rules.ts';
import type { TokenKind } from './tokens.ts';
import { readToken } from './tokens.ts';

export interface GitHubApiOptions extends ApiOptions {
  contract: Contract;
  limiter: Limiter;
  clock: Clock;
  /** The properties of a token, or undefined if it does not exist or has been revoked. */
  findToken(token: string): TokenKind | undefined;
}

/**
 * GitHub's REST API: who may do what, in which order requests are checked, and what every response contains besides its
 * body.
 */
export function githubApi(options: GitHubApiOptions): (route: Route, request: HttpRequest) => Outcome {
  const { apiUrl, contract, limiter, clock, store, findToken } = options;
  const handlers: Record<KnownRoute['name'], Handler> = { ...itemsApi(options), ...repositoriesApi(options) };

  return (route, request) => {
    if (route.name === 'unknown' && route.isWeb) return { answer: signInPage(request.path), applied: false };
    if (!request.headers['user-agent']) return { answer: withHeaders(ANONYMOUS, {}), applied: false };
    const headers: Record<string, string> = {};
    let outcome: Outcome;
    try {
      outcome = perform(route, request, headers);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      outcome = { answer: describeRefusal(error), applied: false };
    }
    if (route.name !== 'unknown') contract.check(route.operation, outcome.answer);
    return { ...outcome, answer: withHeaders(outcome.answer, headers) };
  };

  /** Processes a request. `headers` gets the headers of the response, also if the request is refused. */
  function perform(route: Route, request: HttpRequest, headers: Record<string, string>): Outcome {
    headers['x-github-api-version-selected'] = readVersion(request.headers);
    checkAccept(request.headers);
    const value = readToken(request.headers);
    if (value === undefined) throw route.name === 'unknown' ? notFound() : new Refusal(401, 'Requires authentication');
    const token = findToken(value);
    if (!token) throw new Refusal(401, 'Bad credentials');
    try {
      limiter.count(value, request.method !== 'GET');
    } finally {
      Object.assign(headers, limiter.headers(value));
    }
    if (route.name === 'unknown') throw notFound();
    Object.assign(headers, accessHeaders(token, route));
    checkMoved(route, store, apiUrl);
    checkRules(token, route, store);
    authorize(token, route, store);
    checkArchived(route, store);
    const violation = contract.violation(route.operation, request);
    if (violation !== undefined) throw new Refusal(violation.startsWith('Problems') ? 400 : 422, violation);
    return handlers[route.name](route, request);
  }

  function withHeaders(answer: Answer, headers: Record<string, string>): Answer {
    const always = {
      date: new Date(clock.now()).toUTCString(),
      'x-github-media-type': 'github.v3; format=json',
      'x-github-request-id': randomBytes(14)
        .toString('hex')
        .toUpperCase()
        .replace(/^(.{4})(.{6})(.{6})/, '$1:$2:$3:'),
    };
    return { ...answer, headers: { ...always, ...headers, ...answer.headers } };
  }
}

/** The response of the web pages of an Enterprise Server in private mode: sign in. */
function signInPage(path: string): Answer {
  const page = html(302, 'Sign in to your account');
  return { ...page, headers: { ...page.headers, location: `/login?return_to=${encodeURIComponent(path)}` } };
}

/** The response to a request without a User-Agent. It comes from a server in front of the API, and is not JSON. */
const ANONYMOUS: Answer = {
  status: 403,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body:
    '\r\nRequest forbidden by administrative rules. Please make sure your request has a User-Agent header ' +
    '(https://docs.github.com/en/rest/overview/resources-in-the-rest-api#user-agent-required). ' +
    'Check https://developer.github.com for other possible causes.\r\n',
};
