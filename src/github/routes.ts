import type { App, SecretScope } from '../model/target.ts';

/** The permissions to write secrets, as GitHub's settings name them. */
const SECRET_PERMISSIONS = {
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

/** A fine-grained permission of a token. */
export interface Permission {
  /** As GitHub's settings name it. */
  readonly name:
    | (typeof SECRET_PERMISSIONS)['repository' | 'organization'][App]
    | 'Variables'
    | 'Environments'
    | 'Actions'
    | 'Administration'
    | 'Pull requests';
  readonly access: 'read' | 'write';
  /** `OWNER/REPO`, or an organization. */
  readonly on: string;
  /** Absent for a repository permission. */
  readonly level?: 'organization';
}

/** The routes of the secrets and variables in one scope, as GitHub's documentation writes them. */
interface Routes {
  /** Of the paths. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Its secrets: `/public-key` and `/{secret_name}` follow. */
  readonly secrets: string;
  /** What writing its secrets needs. */
  readonly secretPermission: Permission;
  /** Its variables: `/{name}` follows. Only Actions has variables. */
  readonly variables: string;
  /** What writing its variables needs. */
  readonly variablePermission: Permission;
}

/** Where GitHub stores the secrets and variables of a scope. */
export function routesOf(scope: SecretScope): Routes {
  switch (scope.kind) {
    case 'repository': {
      const { app, owner, repo } = scope;
      const on = `${owner}/${repo}`;
      return {
        parameters: { owner, repo },
        secrets: `/repos/{owner}/{repo}/${app}/secrets`,
        secretPermission: { name: SECRET_PERMISSIONS.repository[app], access: 'write', on },
        variables: `/repos/{owner}/{repo}/${app}/variables`,
        variablePermission: { name: 'Variables', access: 'write', on },
      };
    }
    case 'environment': {
      const { owner, repo, environment } = scope;
      const permission = { name: 'Environments', access: 'write', on: `${owner}/${repo}` } as const;
      return {
        parameters: { owner, repo, environment_name: environment },
        secrets: '/repos/{owner}/{repo}/environments/{environment_name}/secrets',
        secretPermission: permission,
        variables: '/repos/{owner}/{repo}/environments/{environment_name}/variables',
        variablePermission: permission,
      };
    }
    case 'organization': {
      const { app, org } = scope;
      const level = { level: 'organization', access: 'write', on: org } as const;
      return {
        parameters: { org },
        secrets: `/orgs/{org}/${app}/secrets`,
        secretPermission: { name: SECRET_PERMISSIONS.organization[app], ...level },
        variables: `/orgs/{org}/${app}/variables`,
        variablePermission: { name: 'Variables', ...level },
      };
    }
  }
}
