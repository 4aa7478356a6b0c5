import { json } from '../http/answer.ts';
import type { ApiOptions, Handler } from './items-api.ts';
import { changed, unchanged } from './items-api.ts';
import type { Place } from './place.ts';
import { notFound, Refusal } from './refusal.ts';
import type { KnownRoute } from './routes.ts';
import type { ProtectionRules, StoredRepository } from './store.ts';

type RepositoryRoute = Extract<
  KnownRoute['name'],
  'readEnvironment' | 'createEnvironment' | 'readRepository' | 'readOrganization' | 'readPullRequest'
>;

/** The body of the request that creates an environment, or writes its protection rules anew. */
type EnvironmentBody = {
  wait_timer?: number;
  prevent_self_review?: boolean;
  reviewers?: { type: 'User' | 'Team'; id: number }[] | null;
  deployment_branch_policy?: ProtectionRules['branchPolicy'];
} | null;

/** Repositories, their environments and pull requests. The requests fit GitHub's description already. */
export function repositoriesApi({ store, describe }: ApiOptions): Record<RepositoryRoute, Handler> {
  return {
    readRepository: ({ place }) => unchanged(json(200, describe.repository(repositoryOf(place), 'full-repository'))),

    readOrganization: ({ place }) => {
      if (!('org' in place)) throw notFound();
      return unchanged(json(200, describe.organization(place.org)));
    },

    readPullRequest: ({ place, item }) => {
      const repository = repositoryOf(place);
      const pullRequest = repository.pullRequests.find(({ number }) => number === Number(item));
      if (!pullRequest) throw notFound();
      return unchanged(json(200, describe.pullRequest(repository, pullRequest)));
    },

    readEnvironment: ({ place }) => {
      const repository = repositoryOf(place);
      const environment = store.findEnvironment(repository, environmentNameOf(place));
      if (!environment) throw notFound();
      return unchanged(json(200, describe.environment(repository, environment)));
    },

    createEnvironment: ({ place }, { body }) => {
      const repository = repositoryOf(place);
      const name = environmentNameOf(place);
      if (name.length > 255) throw new Refusal(422, 'The environment name is too long (maximum is 255 characters).');
      const rules = readRules(body ? JSON.parse(body) : null);
      const existing = store.findEnvironment(repository, name);
      // What the body leaves out is not kept: an existing environment loses the rules that it had.
      if (existing) Object.assign(existing, { protectionRules: rules, updatedAt: store.now() });
      const environment = existing ?? store.addEnvironment(repository, name, rules);
      return changed(json(200, describe.environment(repository, environment)));
    },
  };

  function repositoryOf(place: Place): StoredRepository {
    if ('org' in place) throw notFound();
    return store.repository(place.owner, place.repo);
  }
}

function environmentNameOf(place: Place): string {
  return 'environment' in place ? place.environment : '';
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
