import type { DeliveryRequest, GitHubAccess, TargetsRequest, WorkflowContext } from '../model/request.ts';
import type { Target } from '../model/target.ts';
import { githubHost, isLoopback } from '../model/url.ts';
import type { InputName } from './names.ts';
import type { InputReader } from './reader.ts';
import { readTargets, wrongName } from './targets.ts';

const TOKEN_TO_WRITE =
  'expected the token of a GitHub App or a personal access token, because GITHUB_TOKEN cannot write secrets';

/** Reads the destinations of the secret, and rejects those that cannot be written. */
export function readDelivery(input: InputReader, runner: WorkflowContext): DeliveryRequest {
  const named = readNamedTargets(input, runner);
  const createEnvironments = input.flag('create-environments');
  const outputSecret = input.boolean('output-secret') ?? !input.isSet('write-to');
  const outputAccessToken = input.flag('output-access-token');
  return { outputSecret, outputAccessToken, github: named && { ...named, createEnvironments } };
}

/** Reads only the targets, or returns `undefined` if there are none. */
export function readNamedTargets(input: InputReader, runner: WorkflowContext): TargetsRequest | undefined {
  const targets = readTargets(input, ownRepository(input, runner), readName(input, 'secret-name') ?? 'REFUSED');
  const clientIdVariable = readVariable(input, 'client-id-variable', targets);
  const expirationVariable = readVariable(input, 'expiration-variable', targets);
  if (clientIdVariable !== undefined && clientIdVariable === expirationVariable) {
    input.reject('expiration-variable', `expected a name other than that of ${input.nameOf('client-id-variable')}`);
  }
  const access = readGitHubAccess(input, runner, targets.length > 0 ? TOKEN_TO_WRITE : undefined);
  return access && targets.length > 0 ? { ...access, targets, clientIdVariable, expirationVariable } : undefined;
}

/** @param needed the reason to reject a missing token; `undefined` if the step needs no token. */
export function readGitHubAccess(
  input: InputReader,
  runner: WorkflowContext,
  needed: string | undefined,
): GitHubAccess | undefined {
  const token = input.secret('github-token');
  const apiUrl = readApiUrl(input, runner);
  if (needed === undefined) {
    return undefined;
  }
  if (!token) {
    return input.reject('github-token', needed);
  }
  if (!/^[\x21-\x7e]+$/u.test(token.reveal())) {
    return input.reject('github-token', 'expected only the token, without spaces or line breaks');
  }
  return apiUrl === undefined ? undefined : { token, apiUrl, isOwn: isOwnGitHub(apiUrl, runner) };
}

/** Whether this is the GitHub of the workflow. If the runner passes no valid URL, only the same text is. */
function isOwnGitHub(apiUrl: string, runner: WorkflowContext): boolean {
  return apiUrl === runner.apiUrl || (URL.canParse(runner.apiUrl) && githubHost(apiUrl) === githubHost(runner.apiUrl));
}

/** The repository of the workflow, if it is in the GitHub of the targets. `readApiUrl` rejects an invalid URL. */
function ownRepository(input: InputReader, runner: WorkflowContext): string | undefined {
  const apiUrl = input.text('github-api-url') ?? runner.apiUrl;
  return !URL.canParse(apiUrl) || isOwnGitHub(apiUrl, runner) ? runner.repository : undefined;
}

function readName(input: InputReader, name: InputName): string | undefined {
  const value = input.text(name);
  const wrong = value === undefined ? undefined : wrongName(value);
  return wrong === undefined ? value : input.reject(name, wrong);
}

function readVariable(input: InputReader, name: InputName, targets: readonly Target[]): string | undefined {
  const variable = readName(input, name);
  // A line that is wrong may be meant as an actions target.
  const hasPlace = targets.some(({ scope }) => scope.app === 'actions') || input.isRejected('write-to');
  if (variable === undefined || hasPlace) {
    return variable?.toUpperCase();
  }
  const target = `${input.nameOf('write-to')} with an actions target`;
  return input.reject(name, `expected ${target}, because the variable is stored next to it`);
}

/** The URL without a trailing slash. The default is that of the runner: of the input, or of GITHUB_API_URL. */
function readApiUrl(input: InputReader, runner: WorkflowContext): string | undefined {
  const text = input.text('github-api-url') ?? runner.apiUrl;
  const url = URL.parse(text);
  const secure = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
  return url && secure && !url.username && !url.password && !/[?#]/u.test(text)
    ? url.href.replace(/\/+$/u, '')
    : input.reject('github-api-url', 'expected an https URL such as https://api.github.com');
}
