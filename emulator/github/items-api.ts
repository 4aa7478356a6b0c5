import { empty, json } from '../http/answer.ts';
import type { HttpRequest, Outcome } from '../http/server.ts';
import type { Descriptions } from './describe.ts';
import { MOST_BYTES } from './key-pair.ts';
import { readName } from './names.ts';
import { pageOf } from './page.ts';
import { notFound, Refusal } from './refusal.ts';
import type { KnownRoute } from './routes.ts';
import { checkRoom } from './rules.ts';
import type { Store, StoredItem } from './store.ts';
import type { VisibilityBody } from './visibility.ts';
import { readIds, readVisibility } from './visibility.ts';

/** What every part of the API needs. */
export interface ApiOptions {
  apiUrl: string;
  store: Store;
  describe: Descriptions;
}

/** Handles one route. */
export type Handler = (route: KnownRoute, request: HttpRequest) => Outcome;

type ItemRoute = Exclude<
  KnownRoute['name'],
  'readEnvironment' | 'createEnvironment' | 'readRepository' | 'readOrganization' | 'readPullRequest'
>;

/**
 * Secrets and variables of repositories, environments and organizations. The requests have been checked against
 * GitHub's description.
 */
export function itemsApi({ apiUrl, store, describe }: ApiOptions): Record<ItemRoute, Handler> {
  return {
    publicKey: ({ scope }) => unchanged(json(200, store.holding(scope).keyPair.publicKey())),

    listSecrets: ({ scope, operation }, { query }) => {
      const held = [...secrets(scope).values()].sort((one, other) => (one.name < other.name ? -1 : 1));
      const { items, headers } = pageOf(held, query, `${apiUrl}${operation.path}`);
      const answer = json(200, {
        total_count: held.length,
        secrets: items.map(secret => describe.secret(scope, secret)),
      });
      return unchanged({ ...answer, headers: { ...answer.headers, ...headers } });
    },

    readSecret: ({ scope, item }) => unchanged(json(200, describe.secret(scope, find(secrets(scope), item)))),

    writeSecret: (route, { body }) => {
      const { scope, item } = route;
      const { keyPair, secrets } = store.holding(scope);
      const name = readName('Secret', item);
      const wanted: VisibilityBody & { encrypted_value?: string; key_id?: string } = JSON.parse(body);
      // The description makes them optional on some routes, but GitHub requires them on all.
      const box = given(wanted.encrypted_value, 'encrypted_value');
      const value = keyPair.open(given(wanted.key_id, 'key_id'), box);
      const existing = secrets.get(name);
      if (!existing) checkRoom(route, secrets.size);
      put(secrets, name, value, readVisibility(scope, wanted, existing, store));
      return existing ? changed(empty(204)) : changed(json(201, {}));
    },

    deleteSecret: ({ scope, item }) => remove(secrets(scope), item),

    readSecretRepositories: ({ scope, item, operation }, request) =>
      listRepositories(find(secrets(scope), item), request, operation.path),

    writeSecretRepositories: ({ scope, item }, { body }) => writeRepositories(scope, find(secrets(scope), item), body),

    addSecretRepository: route => addRepository(route, find(secrets(route.scope), route.item)),

    listVariables: ({ scope, operation }, { query }) => {
      const held = [...variables(scope).values()].sort((one, other) => (one.name < other.name ? -1 : 1));
      const { items, headers } = pageOf(held, query, `${apiUrl}${operation.path}`);
      const described = items.map(variable => describe.variable(scope, variable));
      const answer = json(200, { total_count: held.length, variables: described });
      return unchanged({ ...answer, headers: { ...answer.headers, ...headers } });
    },

    createVariable: ({ scope }, { body }) => {
      const { variables } = store.holding(scope);
      const wanted: VisibilityBody & { name: string; value: string } = JSON.parse(body);
      const name = readName('Variable', wanted.name);
      if (variables.has(name)) throw new Refusal(409, 'Already exists - Variable already exists');
      put(variables, name, readValue(wanted.value), readVisibility(scope, wanted, undefined, store));
      return changed(json(201, {}));
    },

    readVariable: ({ scope, item }) => unchanged(json(200, describe.variable(scope, find(variables(scope), item)))),

    updateVariable: ({ scope, item }, { body }) => {
      const held = variables(scope);
      const existing = find(held, item);
      const wanted: VisibilityBody & { name?: string; value?: string } = JSON.parse(body);
      const name = wanted.name === undefined ? existing.name : readName('Variable', wanted.name);
      if (name !== existing.name && held.has(name)) throw new Refusal(409, 'Already exists - Variable already exists');
      const access = readVisibility(scope, wanted, existing, store);
      const value = wanted.value === undefined ? existing.value : readValue(wanted.value);
      held.delete(existing.name);
      held.set(name, { name, value, createdAt: existing.createdAt, updatedAt: store.now(), ...access });
      return changed(empty(204));
    },

    deleteVariable: ({ scope, item }) => remove(variables(scope), item),

    readVariableRepositories: ({ scope, item, operation }, request) => {
      const variable = find(variables(scope), item);
      if (variable.visibility !== 'selected') throw notSelected();
      return listRepositories(variable, request, operation.path);
    },

    writeVariableRepositories: ({ scope, item }, { body }) =>
      writeRepositories(scope, find(variables(scope), item), body),

    addVariableRepository: route => addRepository(route, find(variables(route.scope), route.item)),
  };

  function secrets(scope: KnownRoute['scope']): Map<string, StoredItem> {
    return store.holding(scope).secrets;
  }

  function variables(scope: KnownRoute['scope']): Map<string, StoredItem> {
    return store.holding(scope).variables;
  }

  function put(
    items: Map<string, StoredItem>,
    name: string,
    value: string,
    access: Pick<StoredItem, 'visibility' | 'repositoryIds'>,
  ): void {
    const now = store.now();
    items.set(name, { name, value, createdAt: items.get(name)?.createdAt ?? now, updatedAt: now, ...access });
  }

  function listRepositories({ repositoryIds = [] }: StoredItem, { query }: HttpRequest, path: string): Outcome {
    const selected = store.repositories().filter(({ id }) => repositoryIds.includes(id));
    const { items, headers } = pageOf(selected, query, `${apiUrl}${path}`);
    const repositories = items.map(repository => describe.repository(repository, 'minimal-repository'));
    const answer = json(200, { total_count: selected.length, repositories });
    return unchanged({ ...answer, headers: { ...answer.headers, ...headers } });
  }

  function writeRepositories(scope: KnownRoute['scope'], item: StoredItem, body: string): Outcome {
    if (item.visibility !== 'selected') throw notSelected();
    const wanted: { selected_repository_ids: number[] } = JSON.parse(body);
    item.repositoryIds = readIds(scope, wanted.selected_repository_ids, store);
    return changed(empty(204));
  }

  function addRepository({ scope, repositoryId = 0 }: KnownRoute, item: StoredItem): Outcome {
    if (item.visibility !== 'selected') throw notSelected();
    const { repositoryIds: readers = [] } = item;
    if (readers.includes(repositoryId)) return unchanged(empty(204));
    if (!store.repositories().some(({ id }) => id === repositoryId)) throw notFound();
    item.repositoryIds = [...readers, ...readIds(scope, [repositoryId], store)];
    return changed(empty(204));
  }
}

/** A response to a request that changed nothing. */
export function unchanged(answer: Outcome['answer']): Outcome {
  return { answer, applied: false };
}

/** A response to a request that changed what GitHub stores. */
export function changed(answer: Outcome['answer']): Outcome {
  return { answer, applied: true };
}

function find(items: ReadonlyMap<string, StoredItem>, name: string): StoredItem {
  const found = items.get(name.toUpperCase());
  if (!found) throw notFound();
  return found;
}

function remove(items: Map<string, StoredItem>, name: string): Outcome {
  items.delete(find(items, name).name);
  return changed(empty(204));
}

function given(value: string | undefined, member: string): string {
  if (value !== undefined) return value;
  throw new Refusal(422, `Invalid request.\n\n"${member}" wasn't supplied.`);
}

function readValue(value: string): string {
  if (Buffer.byteLength(value) <= MOST_BYTES) return value;
  throw new Refusal(422, 'Variable value is too large: the limit is 48 KB.');
}

function notSelected(): Refusal {
  return new Refusal(409, 'The visibility is not set to selected.');
}
