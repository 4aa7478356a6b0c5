import type { ApiVersion } from './shapes.ts';

/** What a request is for, by method and path. `unknown` is everything that Vantage has no route for. */
export type RouteName =
  | 'token'
  | 'createClient'
  | 'listClients'
  | 'readClient'
  | 'updateClient'
  | 'deleteClient'
  | 'createSecret'
  | 'readSecrets'
  | 'deleteSecret'
  | 'listSkills'
  | 'unknown';

/** The route of a request, with the decoded parts of its path. */
export type Route =
  | { name: 'unknown' }
  | { name: 'listSkills' }
  | { name: 'token'; tenantId: string | undefined }
  | AdminRoute;

/** A route of the admin API. `clientId` and `secretId` are '' if the path has none. */
export interface AdminRoute {
  name: Exclude<RouteName, 'listSkills' | 'token' | 'unknown'>;
  version: ApiVersion;
  tenantId: string;
  clientId: string;
  secretId: string;
}

const TOKEN = /^\/auth2\/(?:([^/]+)\/)?connect\/token\/?$/;
/** Of the public API, which the action itself never uses: what a job can ask with an access token. */
const SKILLS = /^\/api\/publicapi\/v1\/skills\/?$/;
const ADMIN = /^\/api\/adminapi2\/(v1|v2)\/tenants\/([^/]+)\/clients(?:\/([^/]+)(\/secrets(?:\/([^/]+))?)?)?\/?$/;

/** The methods of the three kinds of path: all clients, one client, all secrets, one secret. */
const CLIENTS = { POST: 'createClient', GET: 'listClients' } as const;
const CLIENT = { GET: 'readClient', PUT: 'updateClient', DELETE: 'deleteClient' } as const;
const SECRETS = { POST: 'createSecret', GET: 'readSecrets' } as const;
const SECRET = { DELETE: 'deleteSecret' } as const;

/** The route of a request. As in ASP.NET, a slash at the end makes no difference. */
export function findRoute(method: string, pathname: string): Route {
  try {
    const token = TOKEN.exec(pathname);
    if (token) return { name: 'token', tenantId: token[1] && decodeURIComponent(token[1]) };

    if (SKILLS.test(pathname)) return { name: method === 'GET' ? 'listSkills' : 'unknown' };

    const admin = ADMIN.exec(pathname);
    if (!admin) return { name: 'unknown' };
    const [, version, tenantId = '', clientId = '', secrets, secretId = ''] = admin;
    const methods: Record<string, AdminRoute['name']> = secretId
      ? SECRET
      : secrets
        ? SECRETS
        : clientId
          ? CLIENT
          : CLIENTS;
    const name = methods[method];
    if (!name) return { name: 'unknown' };
    return {
      name,
      version: version as ApiVersion,
      tenantId: decodeURIComponent(tenantId),
      clientId: decodeURIComponent(clientId),
      secretId: decodeURIComponent(secretId),
    };
  } catch (error) {
    // A percent sign without an escape: a path that cannot be decoded has no route.
    if (error instanceof URIError) return { name: 'unknown' };
    throw error;
  }
}

/** Whether two IDs are the same GUID. Hyphens and case make no difference. */
export function isSameTenant(one: string, other: string): boolean {
  const plain = (id: string) => id.replaceAll('-', '').toLowerCase();
  return plain(one) === plain(other);
}
