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

/** A fine-grained permission of a token, as GitHub's settings name it. */
export interface Permission {
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

/** The routes of the secrets and variables in one scope, as GitHub's documentation writes them, and what a write needs. */
interface Routes {
  readonly parameters: Readonly<Record<string, string>>;
  /** `/public-key` and `/{secret_name}` follow. */
  readonly secrets: string;
  readonly secretPermission: Permission;
  /** `/{name}` follows. Only Actions has variables. */
  readonly variables: string;
  readonly variablePermission: Permission;
}

/** Where GitHub stores the secrets and variables of a scope. */
export function routesOf(scope: SecretScope): Routes {
  if (scope.kind === 'organization') {
    const { app, org } = scope;
    const secretPermission = SECRET_PERMISSIONS.organization[app];
    return routesBelow(`/orgs/{org}/${app}`, { org }, { level: 'organization', on: org }, secretPermission);
  }
  const { app, owner, repo } = scope;
  const on = `${owner}/${repo}`;
  if (scope.kind === 'environment') {
    const parameters = { owner, repo, environment_name: scope.environment };
    const place = '/repos/{owner}/{repo}/environments/{environment_name}';
    return routesBelow(place, parameters, { on }, 'Environments', 'Environments');
  }
  return routesBelow(`/repos/{owner}/{repo}/${app}`, { owner, repo }, { on }, SECRET_PERMISSIONS.repository[app]);
}

function routesBelow(
  place: string,
  parameters: Routes['parameters'],
  on: Pick<Permission, 'level' | 'on'>,
  secretPermission: Permission['name'],
  variablePermission: Permission['name'] = 'Variables',
): Routes {
  return {
    parameters,
    secrets: `${place}/secrets`,
    secretPermission: { name: secretPermission, access: 'write', ...on },
    variables: `${place}/variables`,
    variablePermission: { name: variablePermission, access: 'write', ...on },
  };
}
