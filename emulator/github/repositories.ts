import type { SeedRepository } from './seed.ts';
import type { Store } from './store.ts';

/** A repository, by its ID and its current name. */
export interface NamedRepository {
  id: number;
  owner: string;
  repo: string;
}

/** What people do with whole repositories. Each throws if there is none with that name. */
export interface RepositoryDeeds {
  all(): NamedRepository[];
  add(repository: SeedRepository): void;
  /** Renames or transfers one. It keeps its ID and its content, and its old name redirects to it. */
  rename(owner: string, repo: string, to: { owner?: string; repo?: string }): void;
  /** Archives one: it becomes read-only. */
  archive(owner: string, repo: string): void;
  /** Deletes one with its content. A later one with its name is a different repository. */
  remove(owner: string, repo: string): void;
}

export function repositoryDeedsOf(store: Store): RepositoryDeeds {
  return {
    all: () => store.repositories().map(({ id, owner, repo }) => ({ id, owner, repo })),
    add: seed => {
      if (store.findRepository(seed.owner, seed.repo)) throw new Error(`There is ${seed.owner}/${seed.repo} already`);
      store.addRepository(seed);
    },
    rename: (owner, repo, to) => {
      const repository = store.repository(owner, repo);
      repository.formerNames.push(`${repository.owner}/${repository.repo}`.toLowerCase());
      Object.assign(repository, to);
    },
    archive: (owner, repo) => {
      store.repository(owner, repo).archived = true;
    },
    remove: (owner, repo) => {
      const all = store.repositories();
      all.splice(all.indexOf(store.repository(owner, repo)), 1);
    },
  };
}
