import type { Place } from '../request/targets.ts';

/** The routes of one place's secrets and variables, as GitHub's documentation writes them, and their parameters. */
export interface Routes {
  readonly parameters: Record<string, string>;
  /** Where its secrets are: `/public-key` and `/{secret_name}` follow. */
  readonly secrets: string;
  /** Where its variables are; only Actions has variables that the action writes. */
  readonly variables: string | undefined;
  /** The fine-grained permission that writing its secrets takes, as GitHub's settings name it. */
  readonly secretPermission: string;
  /** The same for its variables. */
  readonly variablePermission: string;
}

const APP_PERMISSIONS = {
  actions: 'secrets',
  dependabot: 'Dependabot secrets',
  codespaces: 'Codespaces secrets',
  agents: 'agent secrets',
} as const;

/** Where GitHub keeps the secrets and variables of a place. */
export function routesOf(place: Place): Routes {
  switch (place.kind) {
    case 'repository': {
      const { app, owner, repo } = place;
      const base = `/repos/{owner}/{repo}/${app}`;
      return {
        parameters: { owner, repo },
        secrets: `${base}/secrets`,
        variables: app === 'actions' ? `${base}/variables` : undefined,
        secretPermission: `${capitalised(APP_PERMISSIONS[app])}: write on ${owner}/${repo}`,
        variablePermission: `Variables: write on ${owner}/${repo}`,
      };
    }
    case 'environment': {
      const { owner, repo, environment } = place;
      const base = '/repos/{owner}/{repo}/environments/{environment_name}';
      return {
        parameters: { owner, repo, environment_name: environment },
        secrets: `${base}/secrets`,
        variables: `${base}/variables`,
        secretPermission: `Environments: write on ${owner}/${repo}`,
        variablePermission: `Environments: write on ${owner}/${repo}`,
      };
    }
    case 'organization': {
      const { app, org } = place;
      const base = `/orgs/{org}/${app}`;
      return {
        parameters: { org },
        secrets: `${base}/secrets`,
        variables: app === 'actions' ? `${base}/variables` : undefined,
        secretPermission: `Organization ${APP_PERMISSIONS[app]}: write on ${org}`,
        variablePermission: `Organization variables: write on ${org}`,
      };
    }
  }
}

function capitalised(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
