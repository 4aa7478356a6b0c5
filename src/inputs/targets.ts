import { APPS, type App, type SecretScope, type Target, targetKey, targetLine } from '../model/target.ts';
import type { InputReader } from './reader.ts';

/** The most targets of one step: the mark of a secret has room for no more. */
const MOST_TARGETS = 64;

// Without the flag u: with i it takes two letters beyond ASCII for k and s. Users that an enterprise manages have a _.
const OWNER = '[a-z\\d][a-z\\d_-]{0,38}';

const REPOSITORY = new RegExp(`^(${OWNER})/((?!\\.{1,2}$)[\\w.-]{1,100})$`, 'i');

const ORGANIZATION = new RegExp(`^${OWNER}$`, 'i');

const GRAMMAR =
  'a target is "[actions|dependabot|codespaces|agents] repository [owner/repo]", "environment [owner/repo] NAME" or "[app] organization NAME [all|private|selected]", each with an optional " as SECRET_NAME"';

/** What is wrong with the name of a secret or a variable, if anything: GitHub's rules for both. */
export function wrongName(name: string): string | undefined {
  if (!/^[a-z_][a-z\d_]*$/i.test(name)) {
    return 'a name takes letters, digits and _, and no digit in front';
  }
  return /^GITHUB_/iu.test(name) ? 'a name may not begin with GITHUB_' : undefined;
}

/**
 * Reads `write-to`, and refuses what can never be written: an unknown kind, a name that GitHub does not take, and two
 * targets that are one secret.
 *
 * @param own `owner/repo` of the workflow, where the GitHub of the targets has it.
 * @param secretName for the targets that name none.
 */
export function readTargets(input: InputReader, own: string | undefined, secretName: string): readonly Target[] {
  const lines = input.list('write-to') ?? [];
  if (lines.length > MOST_TARGETS) {
    input.reject(
      'write-to',
      `it names ${lines.length} targets, and a step writes ${MOST_TARGETS} at most, as the mark of its secret names each: spread them over several steps`,
    );
  }
  const targets: Target[] = [];
  for (const line of lines) {
    const target = parseTarget(line, own, secretName);
    if (typeof target === 'string') {
      input.reject('write-to', target, input.quote(line));
    } else if (targets.some(other => targetKey(other) === targetKey(target))) {
      input.reject('write-to', `another line writes ${targetLine(target)} as well`, input.quote(line));
    } else {
      targets.push(target);
    }
  }
  return targets;
}

/** The target that a line names, or what is wrong with it. */
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
        : `an environment holds secrets of actions alone, not of ${app}`;
    case 'organization':
      return parseOrganization(app ?? 'actions', rest);
    default:
      return GRAMMAR;
  }
}

function parseRepository(app: App, words: readonly string[], own: string | undefined): SecretScope | string {
  if (words.length === 0 && own === undefined) {
    return notThere('repository OWNER/REPO');
  }
  const [, owner, repo] = REPOSITORY.exec(words[0] ?? own ?? '') ?? [];
  return owner && repo && words.length <= 1 ? { kind: 'repository', app, owner, repo } : GRAMMAR;
}

/** The name of an environment may hold spaces and slashes, so what looks like a repository is one only before a name. */
function parseEnvironment(words: readonly string[], own: string | undefined): SecretScope | string {
  const elsewhere = words.length > 1 && REPOSITORY.test(words[0] ?? '');
  if (!elsewhere && words.length > 0 && own === undefined) {
    return notThere('environment OWNER/REPO NAME');
  }
  const [, owner, repo] = REPOSITORY.exec(elsewhere ? (words[0] ?? '') : (own ?? '')) ?? [];
  const environment = words.slice(elsewhere ? 1 : 0).join(' ');
  if (!owner || !repo || /^\.{0,2}$/u.test(environment)) {
    return GRAMMAR;
  }
  return environment.length <= 255
    ? { kind: 'environment', app: 'actions', owner, repo, environment }
    : 'the name of an environment has 255 characters at most';
}

/** A repository of the same name there would be somebody else's. */
function notThere(instead: string): string {
  return `it names no repository, and \`github-api-url\` names another GitHub than the workflow’s: write "${instead}"`;
}

function parseOrganization(app: App, [org = '', visibility, ...more]: readonly string[]): SecretScope | string {
  if (!ORGANIZATION.test(org) || more.length > 0) {
    return GRAMMAR;
  }
  if (visibility === undefined) {
    return { kind: 'organization', app, org };
  }
  const known = (['all', 'private', 'selected'] as const).find(one => one === visibility);
  return known ? { kind: 'organization', app, org, visibility: known } : GRAMMAR;
}
