import { notFound, Refusal } from './refusal.ts';
import type { KnownRoute } from './routes.ts';
import type { Store } from './store.ts';
import type { TokenKind } from './tokens.ts';
import { hasAccessTo, isAllowed, needsOf, scopeOf } from './tokens.ts';

/** Every token may do this in a public repository. */
const OPEN: readonly KnownRoute['name'][] = ['readRepository', 'readPullRequest', 'readEnvironment'];

/** The headers about a token and a route in every response. */
export function accessHeaders(token: TokenKind, route: KnownRoute): Record<string, string> {
  if (token.kind === 'classic')
    return { 'x-oauth-scopes': token.scopes.join(', '), 'x-accepted-oauth-scopes': scopeOf(route) };
  const accepted = needsOf(route).map(({ permission, access }) => `${permission}=${access}`);
  return { 'x-accepted-github-permissions': accepted.join('; ') };
}

/**
 * Checks that a token may use a route. Throws GitHub's refusal: 404 if the token must not know of it, 403 if the token
 * may see it but not use it.
 */
export function authorize(token: TokenKind, route: KnownRoute, store: Store): void {
  const { scope } = route;
  if ('org' in scope) {
    if (!store.hasOrganization(scope.org)) throw notFound();
    if (route.name === 'readOrganization') return;
    if (token.kind === 'classic') {
      if (!token.scopes.includes(scopeOf(route))) throw new Refusal(403, 'Must have admin rights to Repository.');
    } else if (!isAllowed(token, needsOf(route))) throw notAccessible(token);
    return;
  }

  const repository = store.repository(scope.owner, scope.repo);
  const isPublic = !repository.private;
  if (isPublic && OPEN.includes(route.name)) return;
  if (token.kind === 'classic') {
    if (token.scopes.includes(scopeOf(route))) return;
    throw isPublic ? new Refusal(403, 'Must have admin rights to Repository.') : notFound();
  }
  if (!hasAccessTo(token, repository, store.repositories()[0])) throw isPublic ? notAccessible(token) : notFound();
  if (!isAllowed(token, needsOf(route))) throw notAccessible(token);
}

function notAccessible({ kind }: TokenKind): Refusal {
  const by = kind === 'fine-grained' ? 'personal access token' : 'integration';
  return new Refusal(403, `Resource not accessible by ${by}`);
}
