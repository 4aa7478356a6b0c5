/** What a secret is for: Actions, Dependabot's updates, codespaces, or Copilot's agents. Each has secrets of its own. */
export type App = 'actions' | 'agents' | 'codespaces' | 'dependabot';

/** Where secrets and variables are kept. The names of owners, repositories, organizations and environments are read in any case. */
export type SecretScope =
  | { owner: string; repo: string; app?: App }
  | { owner: string; repo: string; environment: string }
  | { org: string; app?: App };

/** A text that is the same for all ways to write a place. */
export function keyOf(scope: SecretScope): string {
  const parts =
    'org' in scope
      ? ['organization', scope.org, scope.app ?? 'actions']
      : 'environment' in scope
        ? ['environment', scope.owner, scope.repo, scope.environment]
        : ['repository', scope.owner, scope.repo, scope.app ?? 'actions'];
  // A name may hold a slash, an environment's at least.
  return JSON.stringify(parts).toLowerCase();
}
