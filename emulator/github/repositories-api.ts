import { json } from '../http/answer.ts';
import type { ApiOptions, Handler } from './items-api.ts';
import { changed, unchanged } from './items-api.ts';
import type { SecretScope } from './place.ts';
import { notFound, Refusal } from './refusal.ts';
import type { KnownRoute } from './routes.ts';
import type { ProtectionRules } from './seed.ts';
import type { StoredRepository } from './store.ts';

type RepositoryRoute = Extract<
  KnownRoute['name'],
  'readEnvironment' | 'createEnvironment' | 'readRepository' | 'readOrganization' | 'readPullRequest'
>;

/** The body of a request that creates an environment, or replaces its protection rules. */
type EnvironmentBody = {
  wait_timer?: number;
  prevent_self_review?: boolean;
  reviewers?: { type: 'User' | 'Team'; id: number }[] | null;
  deployment_branch_policy?: ProtectionRules['branchPolicy'];
} | null;

/** Repositories, their environments and pull requests. The requests have been checked against GitHub's description. */
export function repositoriesApi({ store, describe }: ApiOptions): Record<RepositoryRoute, Handler> {
  return {
    readRepository: ({ scope }) => unchanged(json(200, describe.repository(repositoryOf(scope), 'full-repository'))),

    readOrganization: ({ scope }) => {
      if (!('org' in scope)) throw notFound();
      return unchanged(json(200, describe.organization(scope.org)));
    },

    readPullRequest: ({ scope, item }) => {
      const repository = repositoryOf(scope);
      const pullRequest = repository.pullRequests.find(({ number }) => number === Number(item));
      if (!pullRequest) throw notFound();
      return unchanged(json(200, describe.pullRequest(repository, pullRequest)));
    },

    readEnvironment: ({ scope }) => {
      const repository = repositoryOf(scope);
      const environment = store.findEnvironment(repository, environmentNameOf(scope));
      if (!environment) throw notFound();
      return unchanged(json(200, describe.environment(repository, environment)));
    },

    createEnvironment: ({ scope }, { body }) => {
      const repository = repositoryOf(scope);
      const name = environmentNameOf(scope);
      if (name.length > 255) throw new Refusal(422, 'The environment name is too long (maximum is 255 characters).');
      const rules = readRules(body ? JSON.parse(body) : null);
      const existing = store.findEnvironment(repository, name);
      // What the body omits is not kept: an existing environment loses its rules.
      if (existing) Object.assign(existing, { protectionRules: rules, updatedAt: store.now() });
      const environment = existing ?? store.addEnvironment(repository, name, rules);
      return changed(json(200, describe.environment(repository, environment)));
    },
  };

  function repositoryOf(scope: SecretScope): StoredRepository {
    if ('org' in scope) throw notFound();
    return store.repository(scope.owner, scope.repo);
  }
}

function environmentNameOf(scope: SecretScope): string {
  return 'environment' in scope ? scope.environment : '';
}

function readRules(body: EnvironmentBody): ProtectionRules {
  const { wait_timer = 0, prevent_self_review = false, reviewers, deployment_branch_policy = null } = body ?? {};
  const policy = deployment_branch_policy;
  if (policy && policy.protected_branches === policy.custom_branch_policies)
    throw new Refusal(422, 'protected_branches and custom_branch_policies cannot be the same.');
  return {
    waitTimer: wait_timer,
    preventSelfReview: prevent_self_review,
    reviewers: reviewers ?? [],
    branchPolicy: policy,
  };
}
