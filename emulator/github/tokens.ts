import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { KnownRoute } from './routes.ts';
import type { StoredRepository } from './store.ts';

/** The permissions of a token, by their names in the API (schema `app-permissions`, header X-Accepted-GitHub-Permissions). */
export type Permission =
  | 'actions'
  | 'actions_variables'
  | 'administration'
  | 'agent_secrets'
  | 'codespaces_secrets'
  | 'contents'
  | 'dependabot_secrets'
  | 'environments'
  | 'metadata'
  | 'organization_actions_variables'
  | 'organization_agent_secrets'
  | 'organization_codespaces_secrets'
  | 'organization_dependabot_secrets'
  | 'organization_secrets'
  | 'pull_requests'
  | 'secrets';

export type Permissions = { readonly [permission in Permission]?: 'read' | 'write' | undefined };

/** `owner/repo` of each, or all repositories. */
export type Repositories = 'all' | readonly string[];

/** The kinds of tokens of GitHub. */
export type TokenKind =
  /** A job's GITHUB_TOKEN: one repository (default: the first), and none of the permissions that secrets and variables need. */
  | { kind: 'workflow'; repository?: string; permissions?: Pick<Permissions, 'actions' | 'contents' | 'pull_requests'> }
  /** A fine-grained personal access token. `repositories`: default all. */
  | { kind: 'fine-grained'; permissions: Permissions; repositories?: Repositories }
  /** A classic personal access token. */
  | { kind: 'classic'; scopes: readonly string[] }
  /** An installation token of a GitHub App. `repositories`: default all. `suspended`: whether its installation is suspended. */
  | { kind: 'app'; permissions: Permissions; repositories?: Repositories; suspended?: boolean };

const PREFIXES = { workflow: 'ghs_', app: 'ghs_', 'fine-grained': 'github_pat_', classic: 'ghp_' } as const;

/** A new value for a token, with the prefix of its kind. */
export function newToken({ kind }: TokenKind): string {
  const letters = randomBytes(64).toString('base64').replace(/[+/=]/g, '');
  if (kind === 'fine-grained')
    return `${PREFIXES[kind]}${letters.slice(0, 22)}_${letters.slice(22, 81).padEnd(59, '0')}`;
  return `${PREFIXES[kind]}${letters.slice(0, 36)}`;
}

/** The token of a request, in either of the two forms that GitHub accepts. */
export function readToken({ authorization = '' }: IncomingHttpHeaders): string | undefined {
  return /^(?:Bearer|token) +(\S+)$/i.exec(authorization)?.[1];
}

/** A permission that allows a request, and the access that the request needs. */
export interface Need {
  permission: Permission;
  access: 'read' | 'write';
}

const REPOSITORY_SECRETS = {
  actions: 'secrets',
  agents: 'agent_secrets',
  codespaces: 'codespaces_secrets',
  dependabot: 'dependabot_secrets',
} as const;

const ORGANIZATION_SECRETS = {
  actions: 'organization_secrets',
  agents: 'organization_agent_secrets',
  codespaces: 'organization_codespaces_secrets',
  dependabot: 'organization_dependabot_secrets',
} as const;

/**
 * The permissions that a route needs. One of them is enough. As documented in
 * https://docs.github.com/rest/authentication/permissions-required-for-github-apps
 */
export function needsOf({ name, operation, scope }: KnownRoute): readonly Need[] {
  const access = operation.method === 'GET' ? 'read' : 'write';
  switch (name) {
    case 'readRepository':
    case 'readOrganization':
      return [{ permission: 'metadata', access }];
    case 'readPullRequest':
      return [
        { permission: 'pull_requests', access },
        { permission: 'contents', access },
      ];
    case 'readEnvironment':
      return [{ permission: 'actions', access }];
    case 'createEnvironment':
      return [{ permission: 'administration', access }];
  }
  // Secrets and variables of an environment need the same permission, unlike those of a repository.
  if ('environment' in scope) return [{ permission: 'environments', access }];
  const { app = 'actions' } = scope;
  const isVariable = name.includes('Variable');
  if ('org' in scope)
    return [{ permission: isVariable ? 'organization_actions_variables' : ORGANIZATION_SECRETS[app], access }];
  if (isVariable) return [{ permission: 'actions_variables', access }];
  // Secrets of Codespaces need `write` even to read them.
  return [{ permission: REPOSITORY_SECRETS[app], access: app === 'codespaces' ? 'write' : access }];
}

/** Whether a token has a permission that a route needs. Classic tokens have scopes instead. */
export function isAllowed(token: Exclude<TokenKind, { kind: 'classic' }>, needs: readonly Need[]): boolean {
  // A token that can see a repository can read its metadata.
  const permissions: Permissions = { metadata: 'read', ...token.permissions };
  return needs.some(({ permission, access }) => {
    const has = permissions[permission];
    return has === 'write' || has === access;
  });
}

/** Whether a token has access to a repository. */
export function hasAccessTo(
  token: Exclude<TokenKind, { kind: 'classic' }>,
  { owner, repo }: StoredRepository,
  first: StoredRepository | undefined,
): boolean {
  const fullName = `${owner}/${repo}`.toLowerCase();
  if (token.kind === 'workflow')
    return (token.repository ?? `${first?.owner}/${first?.repo}`).toLowerCase() === fullName;
  const { repositories = 'all' } = token;
  return repositories === 'all' || repositories.some(name => name.toLowerCase() === fullName);
}

/** The scope of a classic token that a route needs. */
export function scopeOf({ scope }: KnownRoute): 'admin:org' | 'repo' {
  return 'org' in scope ? 'admin:org' : 'repo';
}
