import { execFile } from 'node:child_process';
import { appendFile, chmod, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readSbom, type Sbom } from '../scripts/release/assets.ts';
import { readEntry } from '../scripts/release/changelog.ts';
import { checksumsOf, differences } from '../scripts/release/dist.ts';
import { git, remoteRefs } from '../scripts/release/git.ts';
import { ReleaseError, startRelease, writeAssets } from '../scripts/release/run.ts';

const run = promisify(execFile);
const ROOT = path.resolve(import.meta.dirname, '..');
/** What a release consists of, as far as it is read. */
const FILES = ['package.json', 'package-lock.json', 'CHANGELOG.md', 'action.yml', '.gitattributes', 'dist'];

let scratch: string;
/** A repository with one commit. Each test has a copy of its own. */
let template: string;
/** npm takes seconds to make it, and it is the same for all. */
let sbom: Promise<Sbom> | undefined;

beforeAll(async () => {
  scratch = await mkdtemp(path.join(tmpdir(), 'release-test-'));
  template = path.join(scratch, 'template');
  await run('git', ['init', '--quiet', '--initial-branch=main', template]);
  await Promise.all(FILES.map(file => cp(path.join(ROOT, file), path.join(template, file), { recursive: true })));
  await configure(template);
  await commit(template);
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

async function configure(folder: string): Promise<void> {
  await git(folder, 'config', 'user.name', 'Test');
  await git(folder, 'config', 'user.email', 'test@example.com');
  await git(folder, 'config', 'tag.gpgSign', 'false');
  await git(folder, 'config', 'commit.gpgSign', 'false');
}

async function commit(folder: string): Promise<void> {
  await git(folder, 'add', '--all');
  await git(folder, 'commit', '--quiet', '--message', 'A change');
}

/** A clone of a remote whose `main` it is at, and what a release of it prints. */
class Clone {
  readonly folder: string;
  readonly remote: string;
  printed = '';

  private constructor(folder: string, remote: string) {
    this.folder = folder;
    this.remote = remote;
  }

  static async create(): Promise<Clone> {
    const parent = await mkdtemp(path.join(scratch, 'clone-'));
    const clone = new Clone(path.join(parent, 'clone'), path.join(parent, 'remote.git'));
    await run('git', ['clone', '--quiet', '--bare', template, clone.remote]);
    await run('git', ['clone', '--quiet', clone.remote, clone.folder]);
    await configure(clone.folder);
    return clone;
  }

  path(file: string): string {
    return path.join(this.folder, file);
  }

  /** Replaces a part of a file. */
  async edit(file: string, part: string | RegExp, replacement: string): Promise<void> {
    const text = await readFile(this.path(file), 'utf8');
    const edited = text.replace(part, replacement);
    expect(edited).not.toBe(text);
    await writeFile(this.path(file), edited);
  }

  async push(): Promise<void> {
    await commit(this.folder);
    await git(this.folder, 'push', '--quiet', 'origin', 'main');
  }

  async release(options: { readonly dryRun: boolean } = { dryRun: true }): Promise<void> {
    await startRelease(this.#context(), options.dryRun);
  }

  async writeAssets(tag: string, out: string): Promise<void> {
    await writeAssets(this.#context(), tag, out);
  }

  /** What stops a release. It changed nothing. */
  async problems(attempt: () => Promise<void> = () => this.release({ dryRun: false })): Promise<readonly string[]> {
    const before = await this.refs();
    const error: unknown = await attempt().catch(thrown => thrown);
    expect(error).toBeInstanceOf(ReleaseError);
    expect(await this.refs()).toEqual(before);
    return error instanceof ReleaseError ? error.problems : [];
  }

  /** The branches and tags here and at the remote. */
  async refs(): Promise<unknown> {
    return {
      here: await git(this.folder, 'show-ref', '--tags', '--heads'),
      there: await remoteRefs(this.folder, 'origin'),
    };
  }

  #context() {
    return {
      folder: this.folder,
      remote: 'origin',
      // `.ci/run` checks that the `dist` of this repository is what `src` builds to.
      verifyDist: async (folder: string) =>
        differences(await checksumsOf(path.join(folder, 'dist')), await checksumsOf(path.join(ROOT, 'dist'))),
      readSbom: (folder: string) => {
        sbom ??= readSbom(folder);
        return sbom;
      },
      print: (text: string) => {
        this.printed += `${text}\n`;
      },
    };
  }
}

const { version }: { version: string } = JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8'));
const TAG = `v${version}`;
const MAJOR_TAG = `v${version.split('.')[0]}`;

describe('a dry run', () => {
  test('shows what would be tagged, attested and published, and changes nothing', async () => {
    const clone = await Clone.create();
    const before = await clone.refs();
    await clone.release({ dryRun: true });
    expect(await clone.refs()).toEqual(before);

    const head = await git(clone.folder, 'rev-parse', 'HEAD');
    const index = (await checksumsOf(path.join(ROOT, 'dist'))).get('index.js');
    const notes = readEntry(await readFile(path.join(ROOT, 'CHANGELOG.md'), 'utf8'), version)?.notes ?? 'none';
    expect(clone.printed).toContain(`\n    ${TAG} → ${head}, at origin\n`);
    expect(clone.printed).toContain(`\n    ${index}  dist/index.js\n`);
    expect(clone.printed).toMatch(/\n {4}[0-9a-f]{64} {2}action\.yml\n/u);
    expect(clone.printed).toMatch(/\n {4}sbom\.spdx\.json \(SPDX-2\.3, [1-9]\d+ packages\)\n/u);
    expect(clone.printed).toContain(notes.split('\n')[0]);
    expect(clone.printed).toContain(`\n    ${MAJOR_TAG} from nowhere to ${head}\n`);
    expect(clone.printed).toMatch(/\nDry run: nothing was changed\.\n$/u);
  });

  test('shows from where the major tag would move', async () => {
    const clone = await Clone.create();
    const earlier = await git(clone.folder, 'rev-parse', 'HEAD');
    await git(clone.folder, 'push', '--quiet', 'origin', `HEAD:refs/tags/${MAJOR_TAG}`);
    await appendFile(clone.path('action.yml'), '# Changed\n');
    await clone.push();
    await clone.release({ dryRun: true });
    const head = await git(clone.folder, 'rev-parse', 'HEAD');
    expect(clone.printed).toContain(`\n    ${MAJOR_TAG} from ${earlier} to ${head}\n`);
  });
});

describe('a release', () => {
  test('pushes one tag, and the same release cannot happen again', async () => {
    const clone = await Clone.create();
    await clone.release({ dryRun: false });
    const head = await git(clone.folder, 'rev-parse', 'HEAD');
    expect([...(await remoteRefs(clone.folder, 'origin'))]).toEqual([
      ['refs/heads/main', head],
      [`refs/tags/${TAG}`, head],
    ]);
    expect(await clone.problems()).toEqual([
      `The tag ${TAG} exists at origin. A release never changes.`,
      `The tag ${TAG} exists in this repository.`,
    ]);
  });

  test('leaves no tag behind if the remote rejects it', async () => {
    const clone = await Clone.create();
    const hook = path.join(clone.remote, 'hooks/pre-receive');
    await writeFile(hook, '#!/bin/sh\nexit 1\n');
    await chmod(hook, 0o755);
    const before = await clone.refs();
    await expect(clone.release({ dryRun: false })).rejects.toThrow('pre-receive hook declined');
    expect(await clone.refs()).toEqual(before);
  });
});

describe('nothing is tagged if', () => {
  test('dist is not what src builds to', async () => {
    const clone = await Clone.create();
    await appendFile(clone.path('dist/index.js'), '\n');
    await rm(clone.path('dist/post.js'));
    await writeFile(clone.path('dist/more.js'), '');
    await clone.push();
    expect(await clone.problems()).toEqual([
      'dist/index.js is not what src builds to.',
      'dist/more.js does not come from src.',
      'dist/post.js is missing.',
    ]);
  });

  test.each([
    ['there is no entry', `## [${version}]`, '## [0.0.1]'],
    ['the entry has no date', /^(## \[\d.*\]) - .+$/mu, '$1'],
    ['the entry has no text', /^(## \[\d.*\] - .+\n)[\s\S]*/mu, '$1'],
  ])('%s in CHANGELOG.md', async (_, part, replacement) => {
    const clone = await Clone.create();
    await clone.edit('CHANGELOG.md', part, replacement);
    await clone.push();
    expect(await clone.problems()).toEqual([
      `CHANGELOG.md has no entry with a text, \`## [${version}] - YYYY-MM-DD\`.`,
    ]);
  });

  test('there is no CHANGELOG.md', async () => {
    const clone = await Clone.create();
    await rm(clone.path('CHANGELOG.md'));
    await clone.push();
    expect(await clone.problems()).toEqual([expect.stringContaining('CHANGELOG.md has no entry')]);
  });

  test.each([
    ['changed', 'action.yml', ' M action.yml'],
    ['new', 'dist/more.js', '?? dist/more.js'],
  ])('the working tree has a %s file', async (_, file, line) => {
    const clone = await Clone.create();
    await appendFile(clone.path(file), '# Changed\n');
    expect(await clone.problems()).toEqual([`The working tree has changes. Commit or remove them:\n${line}`]);
  });

  test('the tag exists at the remote only', async () => {
    const clone = await Clone.create();
    await git(clone.folder, 'push', '--quiet', 'origin', `HEAD:refs/tags/${TAG}`);
    expect(await clone.problems()).toEqual([`The tag ${TAG} exists at origin. A release never changes.`]);
  });

  test('the tag exists here only', async () => {
    const clone = await Clone.create();
    await git(clone.folder, 'tag', TAG);
    expect(await clone.problems()).toEqual([`The tag ${TAG} exists in this repository.`]);
  });

  test('the commit is not what main is at the remote', async () => {
    const clone = await Clone.create();
    await appendFile(clone.path('action.yml'), '# Changed\n');
    await commit(clone.folder);
    expect(await clone.problems()).toEqual([expect.stringMatching(/^The commit is not what main is at origin\./u)]);
  });

  test('a newer release of the same major version exists', async () => {
    const clone = await Clone.create();
    await git(clone.folder, 'push', '--quiet', 'origin', `HEAD:refs/tags/${MAJOR_TAG}.100.0`);
    await git(clone.folder, 'push', '--quiet', 'origin', 'HEAD:refs/tags/v99.0.0');
    expect(await clone.problems()).toEqual([`${MAJOR_TAG}.100.0 exists: ${MAJOR_TAG} would move back.`]);
  });

  test('the version is not three numbers, or not that of the lock file', async () => {
    const clone = await Clone.create();
    await clone.edit('package.json', `"version": "${version}"`, '"version": "9.0.0-beta.1"');
    await clone.edit('CHANGELOG.md', `## [${version}]`, '## [9.0.0-beta.1]');
    await clone.push();
    expect(await clone.problems()).toEqual([
      'The version in package.json is 9.0.0-beta.1, and must be three numbers, as 1.2.3.',
      `package.json has version 9.0.0-beta.1, and package-lock.json ${version}. Run \`npm install\`.`,
    ]);
  });
});

describe('the files of a release', () => {
  test('are the ones that are attested and published', async () => {
    const clone = await Clone.create();
    await clone.release({ dryRun: false });
    const out = path.join(clone.folder, '../assets');
    await clone.writeAssets(TAG, out);
    const written = await checksumsOf(out);
    const sums = (await readFile(path.join(out, 'SHA256SUMS'), 'utf8')).trimEnd().split('\n');
    const published = ['SHA256SUMS', 'notes.md', 'sbom.spdx.json'];
    expect(sums.sort()).toEqual(
      [...written]
        .filter(([file]) => !published.includes(file))
        .map(([file, sum]) => `${sum}  ${file}`)
        .sort(),
    );
    expect(sums.length).toBeGreaterThan(3);
    const sbom = JSON.parse(await readFile(path.join(out, 'sbom.spdx.json'), 'utf8'));
    expect(sbom.packages).toContainEqual(expect.objectContaining({ name: '@noble/ciphers' }));
    expect(sbom.packages).not.toContainEqual(expect.objectContaining({ name: 'jest' }));
    expect(await readFile(path.join(out, 'notes.md'), 'utf8')).toMatch(/\S/u);
  });

  test('are not written for another tag, another commit, or a commit outside main', async () => {
    const clone = await Clone.create();
    const out = path.join(clone.folder, '../assets');
    const problems = (tag: string) => clone.problems(() => clone.writeAssets(tag, out));
    await git(clone.folder, 'tag', 'v99.0.0');
    expect(await problems('v99.0.0')).toEqual([`The tag is v99.0.0, and the version in package.json is ${version}.`]);
    await git(clone.folder, 'tag', TAG);
    await appendFile(clone.path('action.yml'), '# Changed\n');
    await commit(clone.folder);
    expect(await problems(TAG)).toEqual([
      `The tag ${TAG} is not at the commit that is checked out.`,
      'The commit is not in main of origin.',
    ]);
  });
});

test('release notes have one line for each paragraph and list item', () => {
  const changelog =
    '# Changelog\n\n## [1.2.3] - 2026-01-31\n\nOne\ntwo.\n\n### Added\n\n- Three\n  four\n- Five\n\n## [1.2.2] - 2026-01-30\n\nOld\n';
  expect(readEntry(changelog, '1.2.3')).toEqual({
    date: '2026-01-31',
    notes: 'One two.\n\n### Added\n\n- Three four\n- Five',
  });
});

describe('npm run release', () => {
  const start = (...args: string[]) => run(process.execPath, ['scripts/release.ts', ...args], { cwd: ROOT });

  test('explains itself', async () => {
    expect((await start('--help')).stdout).toContain('--dry-run');
    await expect(start('--assets', scratch)).rejects.toMatchObject({ code: 2 });
  });

  test('reports what stops it in the exit code', async () => {
    await expect(start('--dry-run', '--remote', template)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^There is no release:\n- /u),
    });
  });
});
