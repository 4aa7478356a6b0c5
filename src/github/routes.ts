import type { SecretScope } from '../model/target.ts';

/** The routes of one place's secrets and variables, as GitHub's documentation writes them, and their parameters. */
export interface Routes {
  readonly parameters: Record<string, string>;
  /** The repository or the organization itself. */
  readonly root: string;
  /** Where its secrets are: `/public-key` and `/{secret_name}` follow. */
  readonly secrets: string;
  /** Where its variables are; only Actions has variables that the action writes. */
  readonly variables: string | undefined;
  /** The fine-grained permission that writing its secrets takes, as GitHub's settings name it. */
  readonly secretPermission: string;
  /** The same for its variables. */
  readonly variablePermission: string;
}

/** The permissions to write secrets, as GitHub's settings name them. */
const PERMISSIONS = {
  repository: {
    actions: 'Secrets',
    dependabot: 'Dependabot secrets',
    codespaces: 'Codespaces secrets',
    agents: 'Agent secrets',
  },
  organization: {
    actions: 'Secrets',
    dependabot: 'Organization dependabot secrets',
    codespaces: 'Organization codespaces secrets',
    agents: 'Agent secrets',
  },
} as const;

/** Where GitHub keeps the secrets and variables of a place. */
export function routesOf(scope: SecretScope): Routes {
  switch (scope.kind) {
    case 'repository': {
      const { app, owner, repo } = scope;
      const base = `/repos/{owner}/{repo}/${app}`;
      return {
        parameters: { owner, repo },
        root: '/repos/{owner}/{repo}',
        secrets: `${base}/secrets`,
        variables: app === 'actions' ? `${base}/variables` : undefined,
        secretPermission: `${PERMISSIONS.repository[app]}: write on ${owner}/${repo}`,
        variablePermission: `Variables: write on ${owner}/${repo}`,
      };
    }
    case 'environment': {
      const { owner, repo, environment } = scope;
      const base = '/repos/{owner}/{repo}/environments/{environment_name}';
      return {
        parameters: { owner, repo, environment_name: environment },
        root: '/repos/{owner}/{repo}',
        secrets: `${base}/secrets`,
        variables: `${base}/variables`,
        secretPermission: `Environments: write on ${owner}/${repo}`,
        variablePermission: `Environments: write on ${owner}/${repo}`,
      };
    }
    case 'organization': {
      const { app, org } = scope;
      const base = `/orgs/{org}/${app}`;
      return {
        parameters: { org },
        root: '/orgs/{org}',
        secrets: `${base}/secrets`,
        variables: app === 'actions' ? `${base}/variables` : undefined,
        secretPermission: `the organization permission ${PERMISSIONS.organization[app]}: write on ${org}`,
        variablePermission: `the organization permission Variables: write on ${org}`,
      };
    }
  }
}
