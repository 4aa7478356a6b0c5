import type { DeliveryRequest, GitHubAccess, TargetsRequest } from '../model/request.ts';
import type { Target } from '../model/target.ts';
import { githubHost, isLoopback } from '../model/url.ts';
import type { WorkflowContext } from '../runner/runner-context.ts';
import type { InputReader } from './reader.ts';
import { readTargets, wrongName } from './targets.ts';

const TO_WRITE =
  'writing secrets takes a token of a GitHub App or a personal access token; the GITHUB_TOKEN of the workflow can never do it';

/** Reads where the secret goes, and refuses what no run could write. */
export function readDelivery(input: InputReader, runner: WorkflowContext): DeliveryRequest {
  const named = readNamedTargets(input, runner);
  const createEnvironments = input.flag('create-environments');
  const outputSecret = input.boolean('output-secret') ?? !input.isSet('write-to');
  return { outputSecret, ...(named ? { github: { ...named, createEnvironments } } : {}) };
}

/** Reads the targets alone; undefined where none is named. */
export function readNamedTargets(input: InputReader, runner: WorkflowContext): TargetsRequest | undefined {
  const targets = readTargets(input, ownRepository(input, runner), readSecretName(input));
  const clientIdVariable = readVariable(input, 'client-id-variable', targets);
  const expirationVariable = readVariable(input, 'expiration-variable', targets);
  if (clientIdVariable !== undefined && clientIdVariable === expirationVariable) {
    input.reject('expiration-variable', 'it takes another name than client-id-variable: a variable holds one of them');
  }
  const access = readGitHubAccess(input, runner, targets.length > 0 ? TO_WRITE : undefined);
  const variables = {
    ...(clientIdVariable === undefined ? {} : { clientIdVariable }),
    ...(expirationVariable === undefined ? {} : { expirationVariable }),
  };
  return access && targets.length > 0 ? { ...access, targets, ...variables } : undefined;
}

/**
 * Reads which GitHub to talk to.
 *
 * @param needed what takes a token, as a sentence; absent where none is needed.
 */
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
    return input.reject('github-token', 'it takes the token alone, without spaces or line breaks');
  }
  return apiUrl === undefined ? undefined : { token, apiUrl, isOwn: isOwnGitHub(apiUrl, runner) };
}

/** Where the runner's own URL is none, it is the GitHub of the workflow only if nobody names another. */
function isOwnGitHub(apiUrl: string, runner: WorkflowContext): boolean {
  return apiUrl === runner.apiUrl || (URL.canParse(runner.apiUrl) && githubHost(apiUrl) === githubHost(runner.apiUrl));
}

/** The workflow's own repository, where the GitHub that is named has it. A URL that is none is refused elsewhere. */
function ownRepository(input: InputReader, runner: WorkflowContext): string | undefined {
  const apiUrl = input.text('github-api-url') ?? runner.apiUrl;
  return !URL.canParse(apiUrl) || isOwnGitHub(apiUrl, runner) ? runner.repository : undefined;
}

function readSecretName(input: InputReader): string {
  const name = input.text('secret-name') ?? '';
  const wrong = wrongName(name);
  if (wrong === undefined) {
    return name;
  }
  input.reject('secret-name', wrong);
  return 'REFUSED';
}

function readVariable(
  input: InputReader,
  isSet: 'client-id-variable' | 'expiration-variable',
  targets: readonly Target[],
): string | undefined {
  const name = input.text(isSet);
  if (name === undefined) {
    return undefined;
  }
  const wrong = wrongName(name);
  if (wrong !== undefined) {
    return input.reject(isSet, wrong);
  }
  return targets.some(({ scope }) => scope.app === 'actions')
    ? name.toUpperCase()
    : input.reject(isSet, 'a variable goes beside an actions target, and write-to names none');
}

/** The runner passes the API of the GitHub that it belongs to, by the input or else by its own variable. */
function readApiUrl(input: InputReader, runner: WorkflowContext): string | undefined {
  const text = input.text('github-api-url') ?? runner.apiUrl;
  const url = URL.parse(text);
  const secure = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
  return url && secure && !url.username && !url.password && !/[?#]/u.test(text)
    ? url.href.replace(/\/+$/u, '')
    : input.reject('github-api-url', 'it takes an https URL such as https://api.github.com');
}
