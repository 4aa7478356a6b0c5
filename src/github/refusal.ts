import type { ErrorCode, Failure } from '../failure.ts';
import type { Answer } from '../http/answer.ts';
import type { Refusals, Service } from '../http/refusal.ts';
import type { Secret } from '../secret.ts';
import type { GitHubExchange } from './api.ts';
import { isRateLimited } from './limits.ts';

/** What GitHub means by its answers. It answers 404 for what a token may not see. */
export const GITHUB: Service = {
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
export interface GitHubRefusal extends GitHubExchange {
  /** What was to be done, as a noun phrase. */
  readonly what: string;
  /** The permission that it takes, as GitHub's settings name it. */
  readonly needs: string;
  readonly token: Secret;
}

/** The failure that a request to GitHub ends with, with the permission that the token lacks where that is why. */
export function githubRefusal({ what, needs, token, request, exchange }: GitHubRefusal, refusals: Refusals): Failure {
  const { outcome } = exchange;
  const accepted = outcome.kind === 'answered' ? outcome.headers['x-accepted-github-permissions'] : undefined;
  const named = accepted ? ` (GitHub names ${accepted})` : '';
  const todo = {
    'github-permission': `The token needs ${needs}${named}, and must be of that repository or organization.${workflowToken(token)}`,
  };
  return refusals.of({ what, request, exchange, todo });
}

/** GitHub gives the GITHUB_TOKEN and the tokens of Apps the same prefix, so this can only be said as a condition. */
function workflowToken(token: Secret): string {
  return token.reveal().startsWith('ghs_')
    ? ' If it is the GITHUB_TOKEN of the workflow: that one can never write secrets. Use a token of a GitHub App, made in a step before, or a personal access token.'
    : '';
}

function codeOf(answer: Answer): ErrorCode {
  if (isRateLimited(answer)) {
    return 'rate-limited';
  }
  switch (answer.status) {
    case 401:
    case 403:
    case 404:
      return 'github-permission';
    case 400:
    case 413:
    case 422:
      return 'invalid-input';
    case 409:
      return 'conflict';
    case 408:
      return 'github-unavailable';
    default:
      return answer.status >= 500 ? 'github-unavailable' : 'unexpected-response';
  }
}
