import { type ErrorMapping, type FailureMapper, isHtml, readProblem } from '../http/failures.ts';
import { RETRY_IDEMPOTENT, type RetryPolicy } from '../http/http.ts';
import { dateOf, type HttpRequest, type HttpResponse, type RequestResult, retryAfter } from '../http/message.ts';
import type { ErrorCode, Failure } from '../model/failure.ts';
import type { Secret } from '../model/secret.ts';
import type { Permission } from './routes.ts';

/** "If the retry-after header is not present … wait for at least one minute" (GitHub, rate limits for the REST API). */
const DEFAULT_WAIT = 60_000;

/** Whether GitHub refused a request for a primary or a secondary rate limit. */
export function isRateLimited({ status, headers, body }: HttpResponse): boolean {
  return (
    status === 429 ||
    (status === 403 &&
      ('retry-after' in headers || headers['x-ratelimit-remaining'] === '0' || /secondary rate limit/iu.test(body)))
  );
}

/**
 * Every request of the action to GitHub has the same effect twice as once. "Continuing to make requests while you are rate
 * limited may result in the banning of your integration" (GitHub, best practices for using the REST API), so a rate limit
 * of one request holds back all.
 */
export const RETRY_ON_GITHUB: RetryPolicy = {
  isTransient: response => RETRY_IDEMPOTENT.isTransient(response) || isRateLimited(response),
  retryAmbiguous: true,
  pausesServer: isRateLimited,
  slowsServer: () => false,
  wait: response => retryAfter(response) ?? (isRateLimited(response) ? untilReset(response) : undefined),
};

function untilReset(response: HttpResponse): number {
  const { headers } = response;
  const reset = Number(headers['x-ratelimit-reset']) * 1000;
  return headers['x-ratelimit-remaining'] === '0' && reset > 0 ? Math.max(0, reset - dateOf(response)) : DEFAULT_WAIT;
}

/** What GitHub's responses mean. GitHub answers 404 for what a token cannot see. */
export const GITHUB: ErrorMapping = {
  name: 'GitHub',
  codeOf,
  unavailable: 'github-unavailable',
  address: '`github-api-url`',
  advice: {
    'rate-limited': 'Run the step later, or raise `timeout`.',
    'github-unavailable': 'Run the step again when GitHub is available.',
    'unexpected-response': 'Check `github-api-url`. If a repository was renamed, use its new name.',
    'invalid-input': 'Change the target that the error names.',
  },
};

/** A request to GitHub that failed. */
interface FailedGitHubCall {
  readonly operation: string;
  /** What the token needs. */
  readonly permissions: readonly [Permission, ...Permission[]];
  readonly request: HttpRequest;
  readonly result: RequestResult;
  readonly token: Secret;
  /** Completes the advice about the token if the caller knows more of a 404: at least, that the name is right. */
  readonly completeAdvice?: ((onToken: string) => string) | undefined;
}

/** The failure of a request, with advice on the reason that GitHub names, or else on what the token may lack. */
export function githubFailure(failed: FailedGitHubCall, failures: FailureMapper): Failure {
  const { operation, request, result, completeAdvice = onToken => onToken } = failed;
  const response = result.outcome.kind === 'answered' ? result.outcome : undefined;
  const onReason = response && !isRateLimited(response) ? reasonAdvice(response, request.url) : undefined;
  const advice = {
    'github-permission': completeAdvice(tokenAdvice(failed, response)),
    ...(response && onReason && { [failures.codeOf(response)]: onReason }),
  };
  return failures.of({ operation, request, result, advice });
}

function codeOf(response: HttpResponse): ErrorCode | undefined {
  if (isRateLimited(response)) {
    return 'rate-limited';
  }
  if ([401, 403, 404].includes(response.status)) {
    // The API answers in JSON. A page comes from something else, which knows nothing of the token.
    return isWebPage(response) ? 'unexpected-response' : 'github-permission';
  }
  return response.status === 413 ? 'invalid-input' : undefined;
}

/** GitHub names what it accepts: permissions for the tokens that have them, scopes for classic tokens. */
function tokenAdvice(
  { permissions, token, completeAdvice }: FailedGitHubCall,
  response: HttpResponse | undefined,
): string {
  if (response?.status === 401) {
    return 'The token is not valid, is revoked, or has expired. The token of a GitHub App expires after one hour.';
  }
  const scopes = response?.headers['x-accepted-oauth-scopes'];
  if (scopes) {
    return `The token needs the scope ${scopes}, and its owner needs admin rights there.`;
  }
  const accepted = response?.headers['x-accepted-github-permissions'];
  const named = accepted ? ` (for this request, GitHub names ${accepted})` : '';
  return `The token needs ${permissionsText(permissions)}${named}, and access to that repository or organization.${response?.status === 404 && !completeAdvice ? UNSEEN : ''}${kindAdvice(token, permissions)}`;
}

/** Permissions as GitHub's settings name them. All of them are on the same repository or organization. */
function permissionsText(permissions: FailedGitHubCall['permissions']): string {
  const [{ level, on }] = permissions;
  const names = permissions.map(({ name, access }) => `${name}: ${access}`).join(' and ');
  return `${level === 'organization' ? 'the organization permission ' : ''}${names} on ${on}`;
}

const UNSEEN = ' GitHub answers 404 also for what does not exist: check that name.';

/** What to do with each kind of token. GITHUB_TOKEN and the tokens of GitHub Apps have the same prefix. */
function kindAdvice(token: Secret, permissions: readonly Permission[]): string {
  const value = token.reveal();
  if (value.startsWith('github_pat_')) {
    return ' Edit the token on GitHub: Settings, Developer settings, Personal access tokens.';
  }
  if (!value.startsWith('ghs_')) {
    return '';
  }
  return permissions.some(({ access }) => access === 'write')
    ? ' If it is the GITHUB_TOKEN of the workflow: that token can never write secrets. Use the token of a GitHub App, created in an earlier step, or a personal access token. If it is the token of a GitHub App: give the App that permission, have an owner approve it, and install the App there.'
    : ' If it is the GITHUB_TOKEN of the workflow, give its job `permissions: pull-requests: read`.';
}

export const UNARCHIVE = 'Unarchive the repository, or remove its lines from `write-to`.';

/**
 * Refusals that only GitHub's words tell apart, as all of them have the status 403. GitHub documents the refusals (SAML
 * single sign-on, allowed IP addresses, policies for personal access tokens, suspended installations, archived
 * repositories), but not the words, so the patterns are loose. If none matches, the error has GitHub's words and the
 * advice about the token.
 */
const REASONS: readonly { readonly words: RegExp; readonly advice: string }[] = [
  {
    // "Resource protected by organization SAML enforcement."
    words: /\bSAML\b/iu,
    advice:
      'Authorize the token for the organization: GitHub, Settings, Developer settings, Personal access tokens, Configure SSO. The token of a GitHub App does not need this.',
  },
  {
    // "… the `acme` organization has an IP allow list enabled, and your IP address is not permitted …"
    words: /\bIP allow list\b/iu,
    advice:
      'No other token helps: run the job on a runner whose address is in the list, or ask an owner of the organization to add the address.',
  },
  {
    // "`acme` forbids access via a personal access token (classic)." It may also name a lifetime that is too long.
    words: /\bforbids access via\b/iu,
    advice: 'Use a token that its policy allows, or the token of a GitHub App: such a policy does not apply to it.',
  },
  {
    // "This installation has been suspended"
    words: /\binstallation\b.*\bsuspended\b/iu,
    advice:
      'Ask an owner of the organization to unsuspend the installation of the GitHub App (Settings, GitHub Apps), or the owner of the App, if the owner of the App suspended it.',
  },
  {
    // "Repository was archived so is read-only."
    words: /\barchived\b/iu,
    advice: UNARCHIVE,
  },
];

/** "Secrets are limited to 48 KB in size" (GitHub, secrets reference, which names the numbers as well). */
const LIMITS =
  'GitHub stores up to 100 secrets in a repository or an environment and 1,000 in an organization, each of up to 48 KB: delete secrets that nobody uses, or name another place in `write-to`.';

/** What to do about a response that names its reason, or undefined if it does not, so that only its status counts. */
function reasonAdvice(response: HttpResponse, url: URL): string | undefined {
  const { status } = response;
  if (isWebPage(response)) {
    // The APIs of github.com and GHE.com have a host of their own: `api.github.com`, `api.SUBDOMAIN.ghe.com`.
    const isApi = isEnterpriseApi(url) || url.hostname.startsWith('api.');
    return isApi || status >= 500
      ? undefined
      : `This is not an API. The API of an Enterprise Server is at ${url.origin}/api/v3. Leave out \`github-api-url\` for the GitHub of the workflow, or set it to that URL.`;
  }
  const problem = readProblem(response);
  if (status === 403) {
    return singleSignOnAdvice(response) ?? REASONS.find(({ words }) => words.test(problem))?.advice;
  }
  const isLimit = status === 422 && /\b(?:limit|maximum|too (?:large|long|many)|exceed)/iu.test(problem);
  return status === 413 || isLimit ? LIMITS : undefined;
}

/** Whether a response is a page for people: an Enterprise Server serves them next to its API. */
function isWebPage(response: HttpResponse): boolean {
  return isHtml(response) || response.status === 406;
}

/** Whether a URL belongs to the API of an Enterprise Server: "http(s)://HOSTNAME/api/v3" (GitHub, REST API quickstart). */
export function isEnterpriseApi({ pathname }: URL): boolean {
  return /^\/api\/v3(?:\/|$)/u.test(pathname);
}

/**
 * A 403 that asks for single sign-on has the header `X-GitHub-SSO` with `required; url=…`, where the token is authorized
 * (GitHub, authenticating to the REST API). The URL works for an hour.
 */
function singleSignOnAdvice({ headers }: HttpResponse): string | undefined {
  const url = /\burl=(https?:\/\/[^\s;,]+)/iu.exec(headers['x-github-sso'] ?? '')?.[1];
  return url && `Authorize the token for the organization's single sign-on, and run the step again: ${url}`;
}
