import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { readEntry } from './changelog.ts';
import { git, remoteRefs } from './git.ts';

/** The branch that releases come from. */
const BRANCH = 'main';

/** What a release tags, and what it says of itself. */
export interface Release {
  /** As `1.2.3`. */
  readonly version: string;
  /** As `v1.2.3`. */
  readonly tag: string;
  /** The tag that moves to the newest release of the major version: `v1`. */
  readonly majorTag: string;
  readonly commit: string;
  /** The entry of CHANGELOG.md. */
  readonly notes: string;
}

/** A release, what stops it, and where its major tag is now. */
export interface Findings {
  readonly release: Release;
  /** Empty if nothing does. */
  readonly problems: readonly string[];
  readonly majorTagAt: string | undefined;
}

/** Reads what a folder would release. */
export async function readRelease(folder: string): Promise<Findings> {
  const textOf = (file: string) => readFile(path.join(folder, file), 'utf8');
  const { version }: { version: string } = JSON.parse(await textOf('package.json'));
  const locked: { version: string } = JSON.parse(await textOf('package-lock.json'));
  const entry = readEntry(await textOf('CHANGELOG.md').catch(() => ''), version);
  const problems: string[] = [];
  if (!/^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/.test(version)) {
    problems.push(`The version in package.json is ${version}, and must be three numbers, as 1.2.3.`);
  }
  if (locked.version !== version) {
    problems.push(`package.json has version ${version}, and package-lock.json ${locked.version}. Run \`npm install\`.`);
  }
  if (!entry) problems.push(`CHANGELOG.md has no entry with a text, \`## [${version}] - YYYY-MM-DD\`.`);
  const changed = await git(folder, 'status', '--porcelain');
  if (changed !== '') problems.push(`The working tree has changes. Commit or remove them:\n${changed}`);
  const release = {
    version,
    tag: `v${version}`,
    majorTag: `v${version.split('.')[0]}`,
    commit: await git(folder, 'rev-parse', 'HEAD'),
    notes: entry?.notes ?? '',
  };
  return { release, problems, majorTagAt: undefined };
}

/** Reads what a folder would release, before its tag exists. */
export async function checkUntagged(folder: string, remote: string): Promise<Findings> {
  const { release, problems } = await readRelease(folder);
  const { tag, commit, majorTag } = release;
  const refs = await remoteRefs(folder, remote);
  const found = [...problems];
  if (refs.get(`refs/heads/${BRANCH}`) !== commit) {
    found.push(`The commit is not what ${BRANCH} is at ${remote}. Push it, or check out ${BRANCH} as it is there.`);
  }
  if (refs.has(`refs/tags/${tag}`)) found.push(`The tag ${tag} exists at ${remote}. A release never changes.`);
  if ((await git(folder, 'tag', '--list', tag)) !== '') found.push(`The tag ${tag} exists in this repository.`);
  const newer = [...refs.keys()]
    .map(ref => ref.replace('refs/tags/', ''))
    .filter(other => other.startsWith(`${majorTag}.`) && compare(other, tag) > 0);
  if (newer.length > 0) found.push(`${newer.join(', ')} exists: ${majorTag} would move back.`);
  return { release, problems: found, majorTagAt: refs.get(`refs/tags/${majorTag}`) };
}

/** Reads what a folder releases whose tag is checked out, as in the workflow that publishes it. */
export async function checkTagged(folder: string, remote: string, tag: string): Promise<Findings> {
  const { release, problems, majorTagAt } = await readRelease(folder);
  const found = [...problems];
  if (release.tag !== tag) found.push(`The tag is ${tag}, and the version in package.json is ${release.version}.`);
  const tagged = await git(folder, 'rev-list', '--max-count=1', `refs/tags/${tag}`).catch(() => undefined);
  if (tagged !== release.commit) found.push(`The tag ${tag} is not at the commit that is checked out.`);
  const contained = git(folder, 'merge-base', '--is-ancestor', release.commit, `refs/remotes/${remote}/${BRANCH}`);
  if (!(await contained.then(() => true).catch(() => false))) {
    found.push(`The commit is not in ${BRANCH} of ${remote}.`);
  }
  return { release, problems: found, majorTagAt };
}

/** Less than, equal to, or greater than 0, as the first of two versions is older, equal or newer. */
function compare(one: string, other: string): number {
  const [left = [], right = []] = [one, other].map(tag => tag.slice(1).split('.').map(Number));
  const at = left.findIndex((number, index) => number !== right[index]);
  return at < 0 ? 0 : (left[at] ?? 0) - (right[at] ?? 0);
}
