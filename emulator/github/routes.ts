import type { Contract, Operation } from './contract.ts';
import type { App, SecretScope } from './place.ts';

/** What a request is for. `unknown` is everything that this GitHub has no route for. */
export type RouteName =
  | 'publicKey'
  | 'listSecrets'
  | 'readSecret'
  | 'writeSecret'
  | 'deleteSecret'
  | 'readSecretRepositories'
  | 'writeSecretRepositories'
  | 'addSecretRepository'
  | 'listVariables'
  | 'createVariable'
  | 'readVariable'
  | 'updateVariable'
  | 'deleteVariable'
  | 'readVariableRepositories'
  | 'writeVariableRepositories'
  | 'addVariableRepository'
  | 'readEnvironment'
  | 'createEnvironment'
  | 'readRepository'
  | 'readOrganization'
  | 'readPullRequest'
  | 'unknown';

/** The route of a request, with the decoded parts of its path. */
export type Route = UnknownRoute | KnownRoute;

/** `isWeb`: the path is outside of the base path, where an Enterprise Server has its web pages. */
export interface UnknownRoute {
  name: 'unknown';
  isWeb?: true;
}

export interface KnownRoute {
  name: Exclude<RouteName, 'unknown'>;
  operation: Operation;
  /** For a repository itself and its pull requests: the place of its Actions secrets. */
  scope: SecretScope;
  /** The name of the secret or variable, or the number of the pull request. '' if the path has none. */
  item: string;
  /** The ID of the one repository at the end of the path, if there is one. */
  repositoryId?: number;
}

/** The routes by the end of their template. The first match applies. */
const ROUTES: readonly [end: string, methods: Record<string, KnownRoute['name']>][] = [
  ['/secrets', { GET: 'listSecrets' }],
  ['/secrets/public-key', { GET: 'publicKey' }],
  ['/secrets/{secret_name}', { GET: 'readSecret', PUT: 'writeSecret', DELETE: 'deleteSecret' }],
  ['/secrets/{secret_name}/repositories', { GET: 'readSecretRepositories', PUT: 'writeSecretRepositories' }],
  ['/secrets/{secret_name}/repositories/{repository_id}', { PUT: 'addSecretRepository' }],
  ['/variables', { GET: 'listVariables', POST: 'createVariable' }],
  ['/variables/{name}', { GET: 'readVariable', PATCH: 'updateVariable', DELETE: 'deleteVariable' }],
  ['/variables/{name}/repositories', { GET: 'readVariableRepositories', PUT: 'writeVariableRepositories' }],
  ['/variables/{name}/repositories/{repository_id}', { PUT: 'addVariableRepository' }],
  ['/environments/{environment_name}', { GET: 'readEnvironment', PUT: 'createEnvironment' }],
  ['/pulls/{pull_number}', { GET: 'readPullRequest' }],
  ['/{repo}', { GET: 'readRepository' }],
  ['/{org}', { GET: 'readOrganization' }],
];

/**
 * The route of a request. `basePath`: '' on github.com, `/api/v3` on GitHub Enterprise Server. The secrets of the apps
 * that this GitHub `lacks` have no route.
 */
export function findRoute(
  contract: Contract,
  basePath: string,
  method: string,
  path: string,
  lacks: readonly App[] = [],
): Route {
  if (!path.startsWith(`${basePath}/`)) return { name: 'unknown', isWeb: true };
  const rest = path.slice(basePath.length);
  const operation = contract.find(method, rest);
  const name = ROUTES.find(([end]) => operation?.template.endsWith(end))?.[1][method];
  if (!operation || !name) return { name: 'unknown' };
  try {
    const parameters = readParameters(operation.template, rest);
    const scope = placeOf(operation.template, parameters);
    if (!('environment' in scope) && lacks.some(app => operation.template.includes(`/${app}/`)))
      return { name: 'unknown' };
    const item = parameters.secret_name ?? parameters.name ?? parameters.pull_number ?? '';
    const { repository_id: id } = parameters;
    return { name, operation, scope, item, ...(id === undefined ? {} : { repositoryId: Number(id) }) };
  } catch (error) {
    // A percent sign without an escape: a path that cannot be decoded has no route.
    if (error instanceof URIError) return { name: 'unknown' };
    throw error;
  }
}

function readParameters(template: string, path: string): Record<string, string> {
  const parts = path.split('/');
  const parameters: Record<string, string> = {};
  template.split('/').forEach((part, index) => {
    if (part.startsWith('{')) parameters[part.slice(1, -1)] = decodeURIComponent(parts[index] ?? '');
  });
  return parameters;
}

function placeOf(
  template: string,
  { org, owner = '', repo = '', environment_name }: Record<string, string>,
): SecretScope {
  const app = /\/(actions|agents|codespaces|dependabot)\//.exec(template)?.[1] as App | undefined;
  if (org !== undefined) return { org, app: app ?? 'actions' };
  if (environment_name !== undefined) return { owner, repo, environment: environment_name };
  return { owner, repo, app: app ?? 'actions' };
}
