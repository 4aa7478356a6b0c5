import { isHtml, readProblem } from '../http/failures.ts';
import type { HttpResponse } from '../http/message.ts';

/** What to do about a repository that is archived. */
export const UNARCHIVE = 'Unarchive the repository, or take its lines out of `write-to`.';

/** What only GitHub's words tell apart, as all of it comes as 403. */
interface Reason {
  readonly words: RegExp;
  readonly advice: string;
}

/**
 * GitHub documents these refusals (SAML single sign-on, allowed IP addresses, policies for personal access tokens,
 * suspended installations, archived repositories), but not their words. They are matched loosely: where GitHub comes to say it otherwise,
 * its words are still printed, with the advice about the token.
 */
const REASONS: readonly Reason[] = [
  {
    // "Resource protected by organization SAML enforcement."
    words: /\bSAML\b/iu,
    advice:
      'Authorize the token for the organization: GitHub, Settings, Developer settings, Personal access tokens, Configure SSO. The token of a GitHub App needs no such thing.',
  },
  {
    // "… the `acme` organization has an IP allow list enabled, and your IP address is not permitted …"
    words: /\bIP allow list\b/iu,
    advice:
      'No other token helps: run the job on a runner whose address is in it, or have an owner of the organization add the address.',
  },
  {
    // "`acme` forbids access via a personal access token (classic)." It may also name a lifetime that is too long.
    words: /\bforbids access via\b/iu,
    advice: 'Use a token that its policy allows, or one of a GitHub App, which such a policy does not concern.',
  },
  {
    // "This installation has been suspended"
    words: /\binstallation\b.*\bsuspended\b/iu,
    advice:
      'Have an owner of the organization unsuspend the installation of the GitHub App (Settings, GitHub Apps), or the owner of the App, if it was that one who suspended it.',
  },
  {
    // "Repository was archived so is read-only."
    words: /\barchived\b/iu,
    advice: UNARCHIVE,
  },
];

/** "Secrets are limited to 48 KB in size" (GitHub, secrets reference, which names the numbers as well). */
const LIMITS =
  'GitHub takes 100 in a repository or an environment, 1,000 in an organization, each of 48 KB: delete what nobody uses, or name another place in `write-to`.';

/**
 * What to do about an answer that says why it refuses, or undefined where it does not, so that only its status tells.
 *
 * @param url what was asked.
 */
export function reasonOf(response: HttpResponse, url: URL): string | undefined {
  if (isWebPage(response)) {
    return isBelowApi(url) || response.status >= 500 ? undefined : withoutApiPath(url);
  }
  const said = readProblem(response);
  switch (response.status) {
    case 403:
      return authorizeAt(response) ?? REASONS.find(({ words }) => words.test(said))?.advice;
    case 413:
      return LIMITS;
    case 422:
      return /\b(?:limit|maximum|too (?:large|long|many)|exceed)/iu.test(said) ? LIMITS : undefined;
    default:
      return undefined;
  }
}

/** Whether an answer is not of the API, but of pages for people: those of an Enterprise Server that has its API elsewhere. */
export function isWebPage(response: HttpResponse): boolean {
  return isHtml(response) || response.status === 406;
}

/** Whether a URL is of an Enterprise Server's API: "http(s)://HOSTNAME/api/v3" (GitHub, REST API quickstart). */
export function isEnterpriseApi({ pathname }: URL): boolean {
  return /^\/api\/v3(?:\/|$)/u.test(pathname);
}

/** The APIs of github.com and of GHE.com have a host of their own: `api.github.com`, `api.SUBDOMAIN.ghe.com`. */
function isBelowApi(url: URL): boolean {
  return isEnterpriseApi(url) || url.hostname.startsWith('api.');
}

function withoutApiPath({ origin }: URL): string {
  return `This is no API: that of an Enterprise Server is at ${origin}/api/v3. Leave \`github-api-url\` out for the GitHub of the workflow, or give it that URL.`;
}

/**
 * Where a token is authorized for the single sign-on of an organization: a 403 then has the header `X-GitHub-SSO` with
 * `required; url=…` (GitHub, authenticating to the REST API). The URL works for an hour.
 */
function authorizeAt({ headers }: HttpResponse): string | undefined {
  const url = /\burl=(https?:\/\/[^\s;,]+)/iu.exec(headers['x-github-sso'] ?? '')?.[1];
  return url && `Authorize the token for the organization's single sign-on, and run the step again: ${url}`;
}
