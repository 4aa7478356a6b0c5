import sodium from 'libsodium-wrappers';
import { empty } from '../http/answer.ts';
import type { Clock } from '../http/clock.ts';
import { startClock } from '../http/clock.ts';
import type { Faults as HttpFaults, RouteFault as HttpRouteFault } from '../http/faults.ts';
import { openFaults } from '../http/faults.ts';
import type { RecordedRequest as HttpRecord, Listening, ServerOptions, Watch } from '../http/server.ts';
import { listen } from '../http/server.ts';
import { githubApi } from './api.ts';
import { openContract } from './contract.ts';
import { describeBelow } from './describe.ts';
import type { Limits } from './limits.ts';
import { openLimiter } from './limits.ts';
import type { App, SecretScope } from './place.ts';
import type { PullRequests } from './pull-requests.ts';
import { pullRequestsOf } from './pull-requests.ts';
import { Refusal } from './refusal.ts';
import type { RepositoryDeeds } from './repositories.ts';
import { repositoryDeedsOf } from './repositories.ts';
import type { Route, RouteName } from './routes.ts';
import { findRoute } from './routes.ts';
import type { ProtectionRules, Seed } from './seed.ts';
import { type Holding, openStore, type StoredEnvironment, type StoredItem, UNPROTECTED } from './store.ts';
import type { TokenKind } from './tokens.ts';
import { newToken } from './tokens.ts';

export type { Clock } from '../http/clock.ts';
export type { Mishap } from '../http/faults.ts';
export type { Moment } from '../http/server.ts';
export type { Limits } from './limits.ts';
export { primaryRateLimit, secondaryRateLimit } from './limits.ts';
export type { App, SecretScope } from './place.ts';
export type { PullRequests } from './pull-requests.ts';
export type { NamedRepository, RepositoryDeeds } from './repositories.ts';
export type { RouteName } from './routes.ts';
export type {
  OrganizationRules,
  ProtectionRules,
  Seed,
  SeedEnvironment,
  SeedItem,
  SeedOrganization,
  SeedOrganizationItem,
  SeedRepository,
  Visibility,
} from './seed.ts';
export type { StoredEnvironment } from './store.ts';
export type { Permission, Permissions, Repositories, TokenKind } from './tokens.ts';

/**
 * A mishap for the requests that it is `on` (default: all), after `skip` of them (default 0), for a number of `times`.
 */
export type RouteFault = HttpRouteFault<RouteName>;

/** The active faults. If several match a request, the first one that was added applies. */
export type Faults = HttpFaults<RouteFault>;

/** A request as it was received. */
export interface RecordedRequest extends HttpRecord<RouteName> {
  /** How it violates GitHub's own description of the API, or that the API has no such operation. */
  contractViolation?: string;
}

export interface GitHubOptions extends Listening {
  /** Called at every moment of every request. */
  watch?: Watch<RouteName>;
  /** The base path: '' (default) on github.com, `/api/v3` on GitHub Enterprise Server. */
  basePath?: '' | '/api/v3';
  /** The time of GitHub's clock at the start, in milliseconds since 1970. Default: the real time. */
  clock?: number;
  limits?: Limits;
  /** An older GitHub Enterprise Server has no variables: it answers 404 to all their routes. Default: `offered`. */
  variables?: 'offered' | 'absent';
  /** The apps whose secrets this GitHub does not support, like an older Enterprise Server. */
  lacks?: readonly App[];
  seed?: Seed;
}

/** A secret or variable as a test sees it. Repositories by their full names. */
export interface HeldItem extends Omit<StoredItem, 'repositoryIds'> {
  repositories?: string[];
}

export interface GitHub {
  /** With the base path, and without a slash at the end, like `github.api_url` in a workflow. */
  readonly apiUrl: string;
  /** Every request so far, in order of arrival. */
  readonly requests: RecordedRequest[];
  readonly faults: Faults;
  readonly clock: Clock;
  /** Returns a new token, with the prefix of its kind. */
  issueToken(kind: TokenKind): string;
  /** Revokes a token: it gets 401 from now on. */
  revokeToken(token: string): void;
  /** Every token that was issued, including revoked ones. */
  readonly tokens: readonly string[];
  /** A secret in GitHub, with its decrypted value, or undefined if it does not exist. */
  secret(scope: SecretScope, name: string): HeldItem | undefined;
  /** A variable in GitHub, or undefined if it does not exist. */
  variable(scope: SecretScope, name: string): HeldItem | undefined;
  /** The names of a repository's environments, oldest first. */
  environments(owner: string, repo: string): string[];
  /** A copy of one environment, with its protection rules. */
  environment(owner: string, repo: string, name: string): StoredEnvironment | undefined;
  /** The pull requests of a repository, to open and close them. */
  pullRequests(owner: string, repo: string): PullRequests;
  /** What people do with whole repositories. */
  readonly repositories: RepositoryDeeds;
  /** Writes a secret or a variable as somebody else. Throws if the place does not exist. */
  put(scope: SecretScope, kind: 'secret' | 'variable', name: string, value: string): void;
  /** Deletes a secret or a variable as somebody else. Throws if it does not exist. */
  remove(scope: SecretScope, kind: 'secret' | 'variable', name: string): void;
  /** Creates an environment as somebody else. */
  addEnvironment(owner: string, repo: string, name: string, rules?: Partial<ProtectionRules>): void;
  /**
   * Gives a place a new key pair. Its secrets are kept. A value that was encrypted with the old key is refused with
   * 422.
   */
  rotateKey(scope: SecretScope): void;
  /** Ends every connection and every wait. */
  close(): Promise<void>;
}

/** Starts a GitHub on loopback, with the routes for secrets, variables and environments. */
export async function startGitHub(options: GitHubOptions = {}): Promise<GitHub> {
  const { basePath = '', seed = {}, limits = {}, lacks = [] } = options;
  const [contract] = await Promise.all([openContract(), sodium.ready]);
  const clock = startClock(options.clock);
  const store = openStore(clock, seed);
  const { take, add, clear } = openFaults<RouteName>();
  const requests: RecordedRequest[] = [];
  const tokens: string[] = [];
  const valid = new Map<string, TokenKind>();

  // Responses contain the port, which is known only after the server listens. No request can arrive before.
  let perform: ServerOptions<Route>['perform'] = () => ({ answer: empty(503), applied: false });
  const server = await listen<Route>(options, {
    clock,
    requests,
    findRoute: (method, path) => {
      const isAbsent = options.variables === 'absent' && /\/variables(?:\/|$)/u.test(path);
      return isAbsent ? { name: 'unknown' } : findRoute(contract, basePath, method, path, lacks);
    },
    takeFault: take,
    inspect: (route, request, recorded: RecordedRequest) => {
      const violation =
        route.name === 'unknown'
          ? `There is no operation ${request.method} ${request.path}`
          : contract.violation(route.operation, request);
      if (violation !== undefined) recorded.contractViolation = violation;
    },
    perform: (route, request) => perform(route, request),
    watch: options.watch,
  });
  const apiUrl = `${server.baseUrl}${basePath}`;
  const describe = describeBelow(apiUrl, contract);
  const limiter = openLimiter(clock, limits);
  const findToken = (token: string) => valid.get(token);
  perform = githubApi({ apiUrl, store, describe, contract, limiter, clock, findToken });

  /** The content of a place, or undefined if the place does not exist. */
  const holdingAt = (scope: SecretScope): Holding | undefined => {
    try {
      return store.holding(scope);
    } catch (error) {
      if (error instanceof Refusal) return undefined;
      throw error;
    }
  };
  const held = (item: StoredItem | undefined): HeldItem | undefined => {
    if (!item) return undefined;
    const { repositoryIds, ...rest } = item;
    const selected = store.repositories().filter(({ id }) => repositoryIds?.includes(id));
    return { ...rest, ...(repositoryIds && { repositories: selected.map(({ owner, repo }) => `${owner}/${repo}`) }) };
  };

  return {
    apiUrl,
    requests,
    faults: { add, clear },
    clock,
    tokens,
    issueToken: kind => {
      const token = newToken(kind);
      tokens.push(token);
      valid.set(token, kind);
      return token;
    },
    revokeToken: token => void valid.delete(token),
    secret: (scope, name) => held(holdingAt(scope)?.secrets.get(name.toUpperCase())),
    variable: (scope, name) => held(holdingAt(scope)?.variables.get(name.toUpperCase())),
    environments: (owner, repo) => (store.findRepository(owner, repo)?.environments ?? []).map(({ name }) => name),
    environment: (owner, repo, name) => {
      const repository = store.findRepository(owner, repo);
      return repository && structuredClone(store.findEnvironment(repository, name));
    },
    pullRequests: (owner, repo) => pullRequestsOf(store, owner, repo),
    repositories: repositoryDeedsOf(store),
    put: (scope, kind, name, value) => {
      const items = store.holding(scope)[`${kind}s`];
      const known = items.get(name.toUpperCase());
      const [now, of] = [store.now(), name.toUpperCase()];
      items.set(of, { ...known, name: of, value, createdAt: known?.createdAt ?? now, updatedAt: now });
    },
    remove: (scope, kind, name) => {
      if (!store.holding(scope)[`${kind}s`].delete(name.toUpperCase())) throw new Error(`There is no ${kind} ${name}`);
    },
    addEnvironment: (owner, repo, name, rules = {}) =>
      void store.addEnvironment(store.repository(owner, repo), name, structuredClone({ ...UNPROTECTED, ...rules })),
    rotateKey: scope => store.holding(scope).keyPair.rotate(),
    close: server.close,
  };
}
