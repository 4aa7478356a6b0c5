import { type GitHub, startGitHub } from '../../emulator/github/index.ts';
import { RUNNER_ENVIRONMENT } from '../../emulator/runner/environment.ts';
import { startVantage, type Vantage } from '../../emulator/vantage/index.ts';
import { type StartOptions, UsageError } from './options.ts';

/** A Vantage to try the action with, and what a repository that uses it would store. */
export interface Setup {
  readonly title: string;
  /** The repository's variables and secrets, with the names that the examples read. */
  readonly vars: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  /** Inputs that the examples do not have: other ways to sign in. */
  readonly inputs: Readonly<Record<string, string>>;
  /** The step's `env:`. */
  readonly env: Readonly<Record<string, string>>;
  /** The embedded servers, whose content can be shown. */
  readonly embedded?: Embedded;
  close(): Promise<void>;
}

/** A Vantage and a GitHub on loopback. */
export interface Embedded {
  readonly vantage: Vantage;
  /** It has that repository, and its organization. */
  readonly github: GitHub;
}

/** The repository of the workflow, as `owner/repo`. */
export const REPOSITORY = RUNNER_ENVIRONMENT.GITHUB_REPOSITORY ?? '';
/** The two parts of its name. */
export const [OWNER = '', REPO = ''] = REPOSITORY.split('/');

/**
 * Starts the embedded servers, or uses the Vantage of the options.
 *
 * @throws UsageError if its credentials are not in the environment
 */
export async function openSetup(options: StartOptions, env: NodeJS.ProcessEnv): Promise<Setup> {
  return options.elsewhere ? elsewhere(options.elsewhere, options.inputs, env) : embedded(options);
}

async function embedded({ tier, port }: StartOptions): Promise<Setup> {
  const vantage = await startVantage({ tier, port });
  const github = await startGitHub({
    seed: { repositories: [{ owner: OWNER, repo: REPO }], organizations: [{ login: OWNER }] },
  });
  return {
    title: `an embedded Vantage (tier ${tier}) at ${vantage.baseUrl}`,
    vars: {
      VANTAGE_BASE_URL: vantage.baseUrl,
      VANTAGE_TENANT_ID: vantage.tenantId,
      VANTAGE_ADMIN_CLIENT_ID: vantage.administrator.clientId,
    },
    secrets: { VANTAGE_ADMIN_CLIENT_SECRET: vantage.administrator.clientSecret },
    inputs: {},
    env: { GITHUB_API_URL: github.apiUrl },
    embedded: { vantage, github },
    close: async () => {
      await Promise.all([vantage.close(), github.close()]);
    },
  };
}

function elsewhere(
  { baseUrl, tenantId }: NonNullable<StartOptions['elsewhere']>,
  inputs: StartOptions['inputs'],
  env: NodeJS.ProcessEnv,
): Setup {
  const {
    VANTAGE_ACCESS_TOKEN = '',
    VANTAGE_ADMIN_CLIENT_ID = '',
    VANTAGE_ADMIN_CLIENT_SECRET = '',
    VANTAGE_ADMIN_USERNAME = '',
    VANTAGE_ADMIN_PASSWORD = '',
  } = env;
  if (!VANTAGE_ACCESS_TOKEN && !(VANTAGE_ADMIN_CLIENT_ID && VANTAGE_ADMIN_CLIENT_SECRET)) {
    throw new UsageError(
      'Set VANTAGE_ADMIN_CLIENT_ID and VANTAGE_ADMIN_CLIENT_SECRET, or VANTAGE_ACCESS_TOKEN, in the environment.',
    );
  }
  // Many shells have such a token for other purposes, so it is passed on only if it is needed.
  const GITHUB_TOKEN = (inputs['write-to'] && env.GITHUB_TOKEN) || '';
  const passedOn = [
    'HTTPS_PROXY',
    'HTTP_PROXY',
    'NO_PROXY',
    'https_proxy',
    'http_proxy',
    'no_proxy',
    'NODE_EXTRA_CA_CERTS',
  ];
  return {
    title: baseUrl,
    vars: { VANTAGE_BASE_URL: baseUrl, VANTAGE_TENANT_ID: tenantId, VANTAGE_ADMIN_CLIENT_ID },
    secrets: {
      VANTAGE_ADMIN_CLIENT_SECRET,
      VANTAGE_ADMIN_USERNAME,
      VANTAGE_ADMIN_PASSWORD,
      VANTAGE_ACCESS_TOKEN,
      GITHUB_TOKEN,
    },
    inputs: {
      'access-token': VANTAGE_ACCESS_TOKEN,
      username: VANTAGE_ADMIN_USERNAME,
      password: VANTAGE_ADMIN_PASSWORD,
      'github-token': GITHUB_TOKEN,
    },
    env: Object.fromEntries(passedOn.flatMap(name => (env[name] ? [[name, env[name]]] : []))),
    close: async () => {},
  };
}
