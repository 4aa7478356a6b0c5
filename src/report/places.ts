import type { TargetsRequest } from '../model/request.ts';
import type { SecretScope } from '../model/target.ts';
import { githubHost } from '../model/url.ts';
import { Fragment, fragment, type Markdown } from './markdown.ts';

const APPS = { actions: '', dependabot: 'Dependabot of ', codespaces: 'Codespaces of ', agents: 'Agents of ' };

/** A place in GitHub, with links to the page of its secrets. */
export function placeOf(scope: SecretScope, { apiUrl }: Pick<TargetsRequest, 'apiUrl'>, markdown: Markdown): Fragment {
  const page = (path: string) => new URL(path, `${new URL(apiUrl).protocol}//${githubHost(apiUrl)}`);
  const app = new Fragment(APPS[scope.app]);
  if (scope.kind === 'organization') {
    const address = page(`/organizations/${encodeURIComponent(scope.org)}/settings/secrets/${scope.app}`);
    return fragment`${app}organization ${markdown.link(scope.org, address)}`;
  }
  const repository = `${scope.owner}/${scope.repo}`;
  const settings = `/${encodeURIComponent(scope.owner)}/${encodeURIComponent(scope.repo)}/settings`;
  return scope.kind === 'environment'
    ? fragment`environment ${markdown.link(scope.environment, page(`${settings}/environments`))} of ${markdown.code(repository)}`
    : fragment`${app}${markdown.link(repository, page(`${settings}/secrets/${scope.app}`))}`;
}
