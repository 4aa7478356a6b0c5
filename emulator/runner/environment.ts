/** The variables that a runner sets for every step: a push to main of octo-org/octo-repo. */
export const RUNNER_ENVIRONMENT: Readonly<Record<string, string>> = {
  CI: 'true',
  GITHUB_ACTIONS: 'true',
  GITHUB_ACTION: '__octo-org_vantage-client-action',
  GITHUB_ACTOR: 'octocat',
  GITHUB_API_URL: 'https://api.github.com',
  GITHUB_EVENT_NAME: 'push',
  GITHUB_GRAPHQL_URL: 'https://api.github.com/graphql',
  GITHUB_JOB: 'deploy',
  GITHUB_REF: 'refs/heads/main',
  GITHUB_REF_NAME: 'main',
  GITHUB_REF_TYPE: 'branch',
  GITHUB_REPOSITORY: 'octo-org/octo-repo',
  GITHUB_REPOSITORY_ID: '1001',
  GITHUB_REPOSITORY_OWNER: 'octo-org',
  GITHUB_RUN_ATTEMPT: '1',
  GITHUB_RUN_ID: '1658821493',
  GITHUB_RUN_NUMBER: '3',
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_SHA: 'ffac537e6cbbf934b08745a378932722df287a53',
  GITHUB_TRIGGERING_ACTOR: 'octocat',
  GITHUB_WORKFLOW: 'Deploy',
  GITHUB_WORKFLOW_REF: 'octo-org/octo-repo/.github/workflows/deploy.yml@refs/heads/main',
  RUNNER_ARCH: 'X64',
  RUNNER_ENVIRONMENT: 'github-hosted',
  RUNNER_NAME: 'GitHub Actions 2',
  RUNNER_OS: 'Linux',
};

/** A step that names a GitHub runs on a runner of that GitHub, unless its environment says otherwise. */
export function githubOf({ 'github-api-url': apiUrl = '' }: Readonly<Record<string, string>>): Record<string, string> {
  return URL.canParse(apiUrl) ? { GITHUB_API_URL: apiUrl } : {};
}

/** The `github` context, as far as it follows from an environment: GITHUB_API_URL → `api_url`. */
export function githubContext(environment: Readonly<Record<string, string>>): Record<string, string> {
  const pairs = Object.entries(environment).filter(([name]) => name.startsWith('GITHUB_'));
  return Object.fromEntries(pairs.map(([name, value]) => [name.slice('GITHUB_'.length).toLowerCase(), value]));
}
