import type { Secret } from '../secret.ts';
import { isLoopback } from './client.ts';
import type { InputReader } from './reader.ts';
import { readTargets, type Target, wrongName } from './targets.ts';

/** Where the workflow wants its secret. */
export interface HandOffRequest {
  readonly outputSecret: boolean;
  /** Absent where nothing is written to GitHub. */
  readonly github?: GitHubRequest;
}

/** What to write to GitHub. */
export interface GitHubRequest {
  readonly targets: readonly Target[];
  readonly token: Secret;
  /** Without a slash at the end. GitHub Enterprise Server's has a path. */
  readonly apiUrl: string;
  /** The variable that gets the client id beside each Actions target. */
  readonly clientIdVariable?: string;
  readonly createEnvironments: boolean;
}

const TAKES_A_TOKEN =
  'writing secrets takes a token of a GitHub App or a personal access token; the GITHUB_TOKEN of the workflow can never do it';

/** Reads where the secret goes, and refuses what no run could write. */
export function readHandOff(input: InputReader, env: NodeJS.ProcessEnv): HandOffRequest {
  const targets = readTargets(input, env.GITHUB_REPOSITORY ?? '', readSecretName(input));
  const token = input.secret('github-token');
  const apiUrl = readApiUrl(input, env);
  const clientIdVariable = readVariable(input, targets);
  const createEnvironments = input.flag('create-environments');
  const outputSecret = input.boolean('output-secret') ?? !input.given('write-to');
  if (targets.length === 0) {
    return { outputSecret };
  }
  if (!token) {
    input.refuse('github-token', TAKES_A_TOKEN);
  } else if (!/^[\x21-\x7e]+$/u.test(token.reveal())) {
    input.refuse('github-token', 'it takes the token alone, without spaces or line breaks');
  } else if (apiUrl) {
    const variable = clientIdVariable === undefined ? {} : { clientIdVariable };
    return { outputSecret, github: { targets, token, apiUrl, createEnvironments, ...variable } };
  }
  return { outputSecret };
}

function readSecretName(input: InputReader): string {
  const name = input.text('secret-name') ?? '';
  const wrong = wrongName(name);
  if (wrong === undefined) {
    return name;
  }
  input.refuse('secret-name', wrong);
  return 'REFUSED';
}

function readVariable(input: InputReader, targets: readonly Target[]): string | undefined {
  const name = input.text('client-id-variable');
  if (name === undefined) {
    return undefined;
  }
  const wrong = wrongName(name);
  if (wrong !== undefined) {
    return input.refuse('client-id-variable', wrong);
  }
  return targets.some(({ place }) => place.app === 'actions')
    ? name.toUpperCase()
    : input.refuse('client-id-variable', 'a variable goes beside an actions target, and write-to names none');
}

/** The runner passes the API of the GitHub that it belongs to, by the input or else by its own variable. */
function readApiUrl(input: InputReader, env: NodeJS.ProcessEnv): string | undefined {
  const text = input.text('github-api-url') ?? env.GITHUB_API_URL ?? 'https://api.github.com';
  const url = URL.parse(text);
  const secure = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
  return url && secure && !url.username && !url.password && !/[?#]/u.test(text)
    ? url.href.replace(/\/+$/u, '')
    : input.refuse('github-api-url', 'it takes an https URL such as https://api.github.com');
}
