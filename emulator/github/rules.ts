import { Refusal } from './refusal.ts';
import type { KnownRoute } from './routes.ts';
import type { OrganizationRules } from './seed.ts';
import type { Store } from './store.ts';
import type { TokenKind } from './tokens.ts';

/**
 * Throws the refusal of an organization that does not accept a token, whatever the token may do. GitHub documents the
 * refusals (https://docs.github.com/rest/authentication/authenticating-to-the-rest-api for single sign-on), but few of
 * their texts. These texts are those that users quote.
 */
export function checkRules(token: TokenKind, { scope }: KnownRoute, store: Store): void {
  if (token.kind === 'app' && token.suspended) throw new Refusal(403, 'This installation has been suspended');
  const login = 'org' in scope ? scope.org : scope.owner;
  const rules = store.rules(login);
  if (rules.ipAllowList)
    throw new Refusal(
      403,
      `Although you appear to have the correct authorization credentials, the \`${login}\` organization has an IP ` +
        'allow list enabled, and your IP address is not permitted to access this resource.',
    );
  if (token.kind === 'classic') checkClassic(login, rules);
  if (token.kind === 'fine-grained') checkFineGrained(login, rules);
}

function checkClassic(login: string, { forbids, singleSignOn }: OrganizationRules): void {
  if (forbids === 'classic')
    throw new Refusal(
      403,
      `\`${login}\` forbids access via a personal access token (classic). Please use a GitHub App, OAuth App, or a ` +
        'personal access token with fine-grained permissions.',
    );
  if (singleSignOn)
    throw new Refusal(
      403,
      'Resource protected by organization SAML enforcement. You must grant your Personal Access token access to this ' +
        'organization.',
      { 'x-github-sso': `required; url=${singleSignOn}` },
    );
}

function checkFineGrained(login: string, { forbids }: OrganizationRules): void {
  if (forbids === 'fine-grained')
    throw new Refusal(403, `\`${login}\` forbids access via a fine-grained personal access token.`);
  if (forbids === 'long-lived')
    throw new Refusal(
      403,
      `The '${login}' organization forbids access via a fine-grained personal access tokens if the token's lifetime is ` +
        "greater than 90 days. Please adjust your token's lifetime at the following URL: " +
        'https://github.com/settings/personal-access-tokens/1',
    );
}

/**
 * Throws the redirect from a former name of a repository
 * (https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api#follow-redirects).
 */
export function checkMoved({ scope, operation }: KnownRoute, store: Store, apiUrl: string): void {
  const moved = 'org' in scope ? undefined : store.movedRepository(scope.owner, scope.repo);
  if (moved) {
    const rest = operation.path.split('/').slice(4);
    const location = [apiUrl, 'repositories', moved.id, ...rest].join('/');
    throw new Refusal(operation.method === 'GET' ? 301 : 307, 'Moved Permanently', { location });
  }
}

/** Throws the refusal of a write to an archived repository. */
export function checkArchived({ scope, operation }: KnownRoute, store: Store): void {
  if (operation.method === 'GET' || 'org' in scope) return;
  if (store.repository(scope.owner, scope.repo).archived)
    throw new Refusal(403, 'Repository was archived so is read-only.');
}

/**
 * The places with a documented maximum number of secrets (https://docs.github.com/actions/reference/secrets-reference).
 */
const MOST_SECRETS = { repository: 100, environment: 100, organization: 1000 } as const;

/** Throws the refusal of a new secret in a full place. Its text is not documented. */
export function checkRoom({ scope }: KnownRoute, count: number): void {
  if (!('environment' in scope) && (scope.app ?? 'actions') !== 'actions') return;
  const kind = 'org' in scope ? 'organization' : 'environment' in scope ? 'environment' : 'repository';
  if (count >= MOST_SECRETS[kind])
    throw new Refusal(422, 'Validation Failed', {}, [
      { resource: 'Secret', code: 'custom', message: `${kind} has reached the limit of ${MOST_SECRETS[kind]} secrets` },
    ]);
}
