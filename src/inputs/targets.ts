import { APPS, type App, type SecretScope, type Target, targetKey, targetLine } from '../model/target.ts';
import type { InputReader } from './reader.ts';

/** The limit of targets in one step, as the ownership mark of a secret has room for no more. */
const MAX_TARGETS = 64;

// Not with the flag u: together with i, it matches two non-ASCII letters as k and s. Managed users have a _.
const OWNER = '[a-z\\d][a-z\\d_-]{0,38}';

const REPOSITORY = new RegExp(`^(${OWNER})/((?!\\.{1,2}$)[\\w.-]{1,100})$`, 'i');

const ORGANIZATION = new RegExp(`^${OWNER}$`, 'i');

const GRAMMAR =
  'expected "[actions|dependabot|codespaces|agents] repository [owner/repo]", "environment [owner/repo] NAME", or "[app] organization NAME [all|private|selected]", each with an optional " as SECRET_NAME"';

/** What documentation writes for an account, in capital letters. */
const PLACEHOLDER = 'OWNER';

const NO_PLACEHOLDER = `expected the account on GitHub in place of ${PLACEHOLDER}`;

/** Returns the reason to reject the name of a GitHub secret or variable, if there is one. */
export function wrongName(name: string): string | undefined {
  if (!/^[a-z_][a-z\d_]*$/i.test(name)) {
    return 'expected a name of letters, digits, and _ that does not start with a digit';
  }
  return /^GITHUB_/iu.test(name) ? 'expected a name that does not start with GITHUB_' : undefined;
}

/**
 * Reads `write-to`.
 *
 * @param own `owner/repo` of the workflow; `undefined` if the targets are in another GitHub.
 * @param secretName the name for targets that do not name their secret.
 */
export function readTargets(input: InputReader, own: string | undefined, secretName: string): readonly Target[] {
  const lines = input.list('write-to') ?? [];
  if (lines.length > MAX_TARGETS) {
    const reason = `expected at most ${MAX_TARGETS} in one step, because the ownership mark of the secret names each target`;
    input.reject('write-to', reason, { found: `contains ${lines.length} targets` });
  }
  const targets: Target[] = [];
  for (const line of lines) {
    const target = parseTarget(line, own, secretName);
    if (typeof target === 'string') {
      input.rejectItem('write-to', target, line);
    } else if (targets.some(other => targetKey(other) === targetKey(target))) {
      input.rejectItem('write-to', `another line also names ${targetLine(target)}`, line);
    } else {
      targets.push(target);
    }
  }
  return targets;
}

/** Parses one line of `write-to`. Returns the reason to reject it if it is not a target. */
export function parseTarget(line: string, own: string | undefined, defaultName: string): Target | string {
  const [, words = '', named] = /^(.*?)(?:\s+as\s+(\S+))?$/u.exec(line.trim()) ?? [];
  const secretName = (named ?? defaultName).toUpperCase();
  const wrong = wrongName(secretName);
  if (wrong !== undefined) {
    return wrong;
  }
  const scope = parseScope(words.split(/\s+/u), own);
  return typeof scope === 'string' ? scope : { scope, secretName };
}

function parseScope(words: readonly string[], own: string | undefined): SecretScope | string {
  const app = APPS.find(known => known === words[0]);
  const [kind, ...rest] = app ? words.slice(1) : words;
  switch (kind) {
    case 'repository':
      return parseRepository(app ?? 'actions', rest, own);
    case 'environment':
      return app === undefined || app === 'actions'
        ? parseEnvironment(rest, own)
        : `an environment stores only actions secrets, not ${app} secrets`;
    case 'organization':
      return parseOrganization(app ?? 'actions', rest);
    default:
      return GRAMMAR;
  }
}

function parseRepository(app: App, words: readonly string[], own: string | undefined): SecretScope | string {
  if (words.length === 0 && own === undefined) {
    return repositoryNeeded('repository OWNER/REPO');
  }
  const [, owner, repo] = REPOSITORY.exec(words[0] ?? own ?? '') ?? [];
  if (owner === PLACEHOLDER) {
    return NO_PLACEHOLDER;
  }
  return owner && repo && words.length <= 1 ? { kind: 'repository', app, owner, repo } : GRAMMAR;
}

/** The name of an environment may contain spaces and slashes, so `a/b` is a repository only if a name follows. */
function parseEnvironment(words: readonly string[], own: string | undefined): SecretScope | string {
  const elsewhere = words.length > 1 && REPOSITORY.test(words[0] ?? '');
  if (!elsewhere && words.length > 0 && own === undefined) {
    return repositoryNeeded('environment OWNER/REPO NAME');
  }
  const [, owner, repo] = REPOSITORY.exec(elsewhere ? (words[0] ?? '') : (own ?? '')) ?? [];
  const environment = words.slice(elsewhere ? 1 : 0).join(' ');
  if (!owner || !repo || /^\.{0,2}$/u.test(environment)) {
    return GRAMMAR;
  }
  if (owner === PLACEHOLDER) {
    return NO_PLACEHOLDER;
  }
  return environment.length <= 255
    ? { kind: 'environment', app: 'actions', owner, repo, environment }
    : 'expected an environment name of at most 255 characters';
}

/** In another GitHub, the repository with the name of the workflow's may belong to somebody else. */
function repositoryNeeded(expected: string): string {
  return `expected "${expected}", because github-api-url is not the GitHub of the workflow`;
}

function parseOrganization(app: App, [org = '', visibility, ...more]: readonly string[]): SecretScope | string {
  if (!ORGANIZATION.test(org) || more.length > 0) {
    return GRAMMAR;
  }
  if (org === PLACEHOLDER) {
    return NO_PLACEHOLDER;
  }
  if (visibility === undefined) {
    return { kind: 'organization', app, org };
  }
  const known = (['all', 'private', 'selected'] as const).find(one => one === visibility);
  return known ? { kind: 'organization', app, org, visibility: known } : GRAMMAR;
}
