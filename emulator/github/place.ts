/** What a secret is for: Actions, Dependabot, Codespaces, or agents. Each has its own secrets. */
export type App = 'actions' | 'agents' | 'codespaces' | 'dependabot';

/**
 * Where secrets and variables are stored. Names of owners, repositories, organizations and environments are
 * case-insensitive.
 */
export type SecretScope =
  | { owner: string; repo: string; app?: App }
  | { owner: string; repo: string; environment: string }
  | { org: string; app?: App };

/** A text that is the same for all spellings of a place. */
export function keyOf(scope: SecretScope): string {
  const parts =
    'org' in scope
      ? ['organization', scope.org, scope.app ?? 'actions']
      : 'environment' in scope
        ? ['environment', scope.owner, scope.repo, scope.environment]
        : ['repository', scope.owner, scope.repo, scope.app ?? 'actions'];
  // The name of an environment can contain a slash.
  return JSON.stringify(parts).toLowerCase();
}
