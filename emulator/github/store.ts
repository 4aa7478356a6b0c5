import { randomInt } from 'node:crypto';
import type { Clock } from '../http/clock.ts';
import { createKeyPair, type KeyPair } from './key-pair.ts';
import { readName } from './names.ts';
import { keyOf, type SecretScope } from './place.ts';
import { notFound } from './refusal.ts';
import type {
  OrganizationRules,
  ProtectionRules,
  Seed,
  SeedOrganizationItem,
  SeedRepository,
  StoredPullRequest,
  Visibility,
} from './seed.ts';

/** A secret or variable as GitHub stores it. Times are RFC 3339 in UTC with whole seconds. */
export interface StoredItem {
  /** In uppercase. */
  name: string;
  /** The decrypted value of a secret. */
  value: string;
  createdAt: string;
  updatedAt: string;
  /** Only for an item of an organization. */
  visibility?: Visibility;
  /** Only with the visibility `selected`: IDs of repositories. */
  repositoryIds?: number[];
}

export interface StoredEnvironment {
  id: number;
  name: string;
  createdAt: string;
  updatedAt: string;
  protectionRules: ProtectionRules;
}

export interface StoredRepository {
  id: number;
  owner: string;
  repo: string;
  private: boolean;
  /** Read-only. */
  archived: boolean;
  environments: StoredEnvironment[];
  pullRequests: StoredPullRequest[];
  /** Its former names as `owner/repo` in lowercase. They redirect to it until another repository has them. */
  formerNames: string[];
}

/** What is stored at one place. */
export interface Holding {
  keyPair: KeyPair;
  secrets: Map<string, StoredItem>;
  variables: Map<string, StoredItem>;
}

/** What GitHub stores. A thing that does not exist is refused with 404. */
export interface Store {
  /** Now, as GitHub writes times. */
  now(): string;
  repositories(): StoredRepository[];
  findRepository(owner: string, repo: string): StoredRepository | undefined;
  repository(owner: string, repo: string): StoredRepository;
  /** The repository with this former name, if no repository has the name now. */
  movedRepository(owner: string, repo: string): StoredRepository | undefined;
  addRepository(seed: SeedRepository): void;
  hasOrganization(login: string): boolean;
  /** The rules of an organization. A user has none. */
  rules(login: string): OrganizationRules;
  findEnvironment(repository: StoredRepository, name: string): StoredEnvironment | undefined;
  addEnvironment(repository: StoredRepository, name: string, rules: ProtectionRules): StoredEnvironment;
  /** What is stored at an existing place. */
  holding(scope: SecretScope): Holding;
}

export const UNPROTECTED: ProtectionRules = {
  waitTimer: 0,
  preventSelfReview: false,
  reviewers: [],
  branchPolicy: null,
};

/** Creates a store. Wait for `sodium.ready` before. */
export function openStore(clock: Clock, { repositories: seeds = [], organizations = [] }: Seed): Store {
  const repositories: StoredRepository[] = [];
  const logins = new Set(organizations.map(({ login }) => login.toLowerCase()));
  const holdings = new Map<string, Holding>();

  const store: Store = {
    now: () => formatTime(clock.now()),
    repositories: () => repositories,
    findRepository: (owner, repo) => repositories.find(found => isSame(found.owner, owner) && isSame(found.repo, repo)),
    repository: (owner, repo) => {
      const found = store.findRepository(owner, repo);
      if (!found) throw notFound();
      return found;
    },
    movedRepository: (owner, repo) => {
      if (store.findRepository(owner, repo)) return undefined;
      return repositories.find(({ formerNames }) => formerNames.includes(`${owner}/${repo}`.toLowerCase()));
    },
    addRepository,
    hasOrganization: login => logins.has(login.toLowerCase()),
    rules: login => organizations.find(found => isSame(found.login, login))?.rules ?? {},
    findEnvironment: ({ environments }, name) => environments.find(found => isSame(found.name, name)),
    addEnvironment: (repository, name, protectionRules) => {
      const [createdAt, updatedAt] = [store.now(), store.now()];
      const environment = { id: newId(), name, createdAt, updatedAt, protectionRules };
      repository.environments.push(environment);
      return environment;
    },
    holding: scope => {
      const key = keyOf(stable(scope));
      const holding = holdings.get(key) ?? { keyPair: createKeyPair(), secrets: new Map(), variables: new Map() };
      holdings.set(key, holding);
      return holding;
    },
  };

  for (const seed of seeds) addRepository(seed);
  for (const { login, secrets = [], variables } of organizations) {
    for (const { app = 'actions', ...item } of secrets) fill({ org: login, app }, 'secrets', [item]);
    fill({ org: login }, 'variables', variables);
  }
  return store;

  function addRepository(seed: SeedRepository): void {
    const { owner, repo, id = newId(), private: isPrivate = true, archived = false, ...rest } = seed;
    const pullRequests = (rest.pullRequests ?? []).map(one => ({ state: 'open' as const, merged: false, ...one }));
    const repository: StoredRepository = {
      id,
      owner,
      repo,
      private: isPrivate,
      archived,
      environments: [],
      pullRequests,
      formerNames: [],
    };
    repositories.push(repository);
    for (const { app = 'actions', ...item } of rest.secrets ?? []) fill({ owner, repo, app }, 'secrets', [item]);
    fill({ owner, repo }, 'variables', rest.variables);
    for (const seed of rest.environments ?? []) {
      const { name, protectionRules, secrets, variables } = typeof seed === 'string' ? ({ name: seed } as const) : seed;
      store.addEnvironment(repository, name, structuredClone({ ...UNPROTECTED, ...protectionRules }));
      fill({ owner, repo, environment: name }, 'secrets', secrets);
      fill({ owner, repo, environment: name }, 'variables', variables);
    }
  }

  /** The same for all names of a repository. Throws if the place does not exist. */
  function stable(scope: SecretScope): SecretScope {
    if ('org' in scope) {
      if (!store.hasOrganization(scope.org)) throw notFound();
      return scope;
    }
    const repository = store.repository(scope.owner, scope.repo);
    if ('environment' in scope && !store.findEnvironment(repository, scope.environment)) throw notFound();
    return { ...scope, owner: '', repo: String(repository.id) };
  }

  function fill(scope: SecretScope, kind: 'secrets' | 'variables', items: readonly SeedOrganizationItem[] = []): void {
    for (const { name: givenName, value = '', updatedAt, visibility = 'private', repositories = [] } of items) {
      const name = readName(kind === 'secrets' ? 'Secret' : 'Variable', givenName);
      const at = updatedAt === undefined ? store.now() : formatTime(Date.parse(updatedAt));
      const item: StoredItem = { name, value, createdAt: at, updatedAt: at };
      if ('org' in scope) {
        item.visibility = visibility;
        if (visibility === 'selected') item.repositoryIds = repositories.map(idOf);
      }
      store.holding(scope)[kind].set(name, item);
    }
  }

  function idOf(fullName: string): number {
    const [owner = '', repo = ''] = fullName.split('/');
    return store.repository(owner, repo).id;
  }
}

/** GitHub's names keep their case, and are case-insensitive. */
function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** Milliseconds since 1970 as GitHub writes times. */
function formatTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}

function newId(): number {
  return randomInt(100_000_000, 999_999_999);
}
