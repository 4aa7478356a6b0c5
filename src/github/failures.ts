import type { ErrorMapping, FailureMapper } from '../http/failures.ts';
import type { HttpResponse } from '../http/message.ts';
import type { ErrorCode, Failure } from '../model/failure.ts';
import type { Secret } from '../model/secret.ts';
import type { GitHubResult } from './api.ts';
import { isRateLimited } from './rate-limits.ts';
import { isWebPage, reasonOf } from './reasons.ts';

/** What GitHub means by its answers. It answers 404 for what a token may not see. */
export const GITHUB: ErrorMapping = {
  name: 'GitHub',
  codeOf,
  unavailable: 'github-unavailable',
  address: '`github-api-url`',
  advice: {
    'rate-limited': 'Run the step later, or raise `timeout`.',
    'github-unavailable': 'Run the step again when GitHub is well.',
    'unexpected-response': 'Check `github-api-url`; a repository that was renamed is to be named by its new name.',
    'invalid-input': 'Change the target that it is about.',
  },
};

/** A request to GitHub that did not get what it asked for. */
export interface FailedGitHubRequest extends GitHubResult {
  /** What was to be done, as a noun phrase. */
  readonly operation: string;
  /** The permission that it takes, as GitHub's settings name it. */
  readonly needs: string;
  readonly token: Secret;
  /** What else may be why, where nothing that GitHub says tells: sentences that come before those about the token. */
  readonly suspicion?: string | undefined;
}

/** The failure that a request to GitHub ends with, with the reason that GitHub gives or else with what the token lacks. */
export function githubFailure(refusal: FailedGitHubRequest, refusals: FailureMapper): Failure {
  const { operation, request, result, response } = refusal;
  const reason = response && !isRateLimited(response) ? reasonOf(response, request.url) : undefined;
  const advice = {
    'github-permission': tokenAdvice(refusal),
    ...(response && reason && { [codeOf(response)]: reason }),
  };
  return refusals.of({ operation, request, result, advice });
}

/** GitHub names what it accepts: permissions for the tokens that have them, scopes for the classic ones. */
function tokenAdvice({ suspicion, ...refusal }: FailedGitHubRequest): string {
  const advice = lackOf(refusal);
  return suspicion === undefined ? advice : `${suspicion} Else: ${advice}`;
}

function lackOf({ needs, token, response }: FailedGitHubRequest): string {
  if (response?.status === 401) {
    return 'The token is not valid, was revoked, or has expired: that of an App lasts an hour.';
  }
  const scopes = response?.headers['x-accepted-oauth-scopes'];
  if (scopes) {
    return `The token needs the scope ${scopes}, and its owner admin rights there.`;
  }
  const permissions = response?.headers['x-accepted-github-permissions'];
  const named = permissions ? ` (GitHub names ${permissions})` : '';
  return `The token needs ${needs}${named}, and must be of that repository or organization.${workflowToken(token, needs)}`;
}

/** GitHub gives the GITHUB_TOKEN and the tokens of Apps the same prefix, so this can only be said as a condition. */
function workflowToken(token: Secret, needs: string): string {
  if (!token.reveal().startsWith('ghs_')) {
    return '';
  }
  return needs.includes(': write')
    ? ' If it is the GITHUB_TOKEN of the workflow: that one can never write secrets. Use a token of a GitHub App, made in a step before, or a personal access token.'
    : ' If it is the GITHUB_TOKEN of the workflow, give its job `permissions: pull-requests: read`.';
}

function codeOf(response: HttpResponse): ErrorCode {
  if (isRateLimited(response)) {
    return 'rate-limited';
  }
  switch (response.status) {
    case 401:
    case 403:
    case 404:
      // The API speaks JSON: a page is from something else, which knows nothing of the token.
      return isWebPage(response) ? 'unexpected-response' : 'github-permission';
    case 400:
    case 413:
    case 422:
      return 'invalid-input';
    case 409:
      return 'conflict';
    case 408:
      return 'github-unavailable';
    default:
      return response.status >= 500 ? 'github-unavailable' : 'unexpected-response';
  }
}
