import type { Contract } from './contract.ts';
import type { SecretScope } from './place.ts';
import { sampleOf } from './sample.ts';
import type { StoredPullRequest } from './seed.ts';
import type { StoredEnvironment, StoredItem, StoredRepository } from './store.ts';

type Description = Record<string, unknown>;

/** How responses describe things. */
export interface Descriptions {
  repository(repository: StoredRepository, schema: 'full-repository' | 'minimal-repository'): Description;
  organization(login: string): Description;
  pullRequest(repository: StoredRepository, pullRequest: StoredPullRequest): Description;
  environment(repository: StoredRepository, environment: StoredEnvironment): Description;
  secret(scope: SecretScope, secret: StoredItem): Description;
  variable(scope: SecretScope, variable: StoredItem): Description;
}

/** Descriptions with URLs below the URL of the API, which has no slash at the end. */
export function describeBelow(apiUrl: string, contract: Contract): Descriptions {
  const sample = (schema: string) => sampleOf(contract.schema(schema)) as Description;

  const repository: Descriptions['repository'] = ({ id, owner, repo, private: isPrivate, archived }, schema) => {
    const url = `${apiUrl}/repos/${owner}/${repo}`;
    const login = { ...sample('simple-user'), login: owner };
    const names = { id, node_id: nodeId('R', id), name: repo, full_name: `${owner}/${repo}`, private: isPrivate };
    return {
      ...sample(schema),
      ...names,
      archived,
      owner: login,
      url,
      html_url: `https://github.com/${owner}/${repo}`,
    };
  };

  const item = (scope: SecretScope, kind: 'secrets' | 'variables', stored: StoredItem): Description => {
    const { name, createdAt, updatedAt, visibility } = stored;
    const times = { name, created_at: createdAt, updated_at: updatedAt };
    if (!('org' in scope)) return times;
    const url = `${apiUrl}/orgs/${scope.org}/${scope.app ?? 'actions'}/${kind}/${name}/repositories`;
    return { ...times, visibility, ...(visibility === 'selected' && { selected_repositories_url: url }) };
  };

  return {
    repository,
    organization: login => ({ ...sample('organization-full'), login, url: `${apiUrl}/orgs/${login}` }),
    pullRequest: (of, { number, state, merged }) => {
      const described = sample('pull-request');
      const base = described.base as { repo: Description };
      return {
        ...described,
        url: `${apiUrl}/repos/${of.owner}/${of.repo}/pulls/${number}`,
        number,
        state,
        merged,
        base: { ...base, repo: { ...base.repo, id: of.id } },
      };
    },
    environment: ({ owner, repo }, { id, name, createdAt, updatedAt, protectionRules }) => ({
      id,
      node_id: nodeId('EN', id),
      name,
      url: `${apiUrl}/repos/${owner}/${repo}/environments/${encodeURIComponent(name)}`,
      html_url: `https://github.com/${owner}/${repo}/deployments/activity_log?environments_filter=${encodeURIComponent(name)}`,
      created_at: createdAt,
      updated_at: updatedAt,
      protection_rules: describeRules(id, protectionRules),
      deployment_branch_policy: protectionRules.branchPolicy,
    }),
    secret: (scope, secret) => item(scope, 'secrets', secret),
    variable: (scope, variable) => ({ ...item(scope, 'variables', variable), value: variable.value }),
  };
}

function describeRules(
  environmentId: number,
  { waitTimer, reviewers, preventSelfReview, branchPolicy }: StoredEnvironment['protectionRules'],
): Description[] {
  const rule = (type: string, index: number) => {
    const id = environmentId * 10 + index;
    return { id, node_id: nodeId('GA', id), type };
  };
  const rules: Description[] = [];
  if (waitTimer) rules.push({ ...rule('wait_timer', 1), wait_timer: waitTimer });
  if (reviewers.length)
    rules.push({
      ...rule('required_reviewers', 2),
      prevent_self_review: preventSelfReview,
      reviewers: reviewers.map(({ type }) => ({ type })),
    });
  if (branchPolicy) rules.push(rule('branch_policy', 3));
  return rules;
}

function nodeId(kind: string, id: number): string {
  return `${kind}_${Buffer.from(String(id)).toString('base64url')}`;
}
