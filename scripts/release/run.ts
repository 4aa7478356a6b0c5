import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Sbom, subjectsOf, sumsFile } from './assets.ts';
import { checkTagged, checkUntagged, type Findings } from './checks.ts';
import { buildDist, checksumsOf, differences } from './dist.ts';
import { git } from './git.ts';

/** What a release is made of, and how it reports. */
export interface ReleaseContext {
  readonly folder: string;
  readonly remote: string;
  /** How `dist` differs from what `src` builds to. */
  readonly verifyDist: (folder: string) => Promise<readonly string[]>;
  /** The packages that the action depends on. */
  readonly readSbom: (folder: string) => Promise<Sbom>;
  readonly print: (text: string) => void;
}

/** A release that must not happen, and why. */
export class ReleaseError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.map(problem => `- ${problem}`).join('\n'));
    this.problems = problems;
  }
}

/** Builds `dist` again, and compares it with the one in the repository. */
export async function verifyDistByBuild(folder: string): Promise<readonly string[]> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'release-'));
  try {
    const out = path.join(scratch, 'dist');
    await buildDist(folder, out);
    return differences(await checksumsOf(path.join(folder, 'dist')), await checksumsOf(out));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/**
 * Checks a release and shows it. Unless it is a dry run, creates the tag and pushes it, which starts the workflow that
 * publishes the release.
 * @throws ReleaseError
 */
export async function startRelease(context: ReleaseContext, dryRun: boolean): Promise<void> {
  const { folder, remote, print } = context;
  const findings = await requireSound(context, await checkUntagged(folder, remote));
  print(await describe(context, findings));
  if (dryRun) {
    print('\nDry run: nothing was changed.');
    return;
  }
  const { tag } = findings.release;
  await git(folder, 'tag', '--annotate', '--message', tag, tag);
  try {
    await git(folder, 'push', remote, `refs/tags/${tag}`);
  } catch (error) {
    await git(folder, 'tag', '--delete', tag);
    throw error;
  }
  print(`\nPushed ${tag} to ${remote}. The workflow "Release" waits for the approval of its environment there.`);
}

/**
 * Checks a release whose tag is checked out, and writes what the workflow attests and publishes: `dist` and `action.yml`,
 * `SHA256SUMS`, the SBOM, and the release notes.
 * @throws ReleaseError
 */
export async function writeAssets(context: ReleaseContext, tag: string, out: string): Promise<void> {
  const { folder, remote, readSbom, print } = context;
  const { release } = await requireSound(context, await checkTagged(folder, remote, tag));
  await mkdir(out, { recursive: true });
  await cp(path.join(folder, 'dist'), path.join(out, 'dist'), { recursive: true });
  await cp(path.join(folder, 'action.yml'), path.join(out, 'action.yml'));
  await writeFile(path.join(out, 'SHA256SUMS'), sumsFile(await subjectsOf(out)));
  await writeFile(path.join(out, 'sbom.spdx.json'), `${JSON.stringify(await readSbom(folder), null, 2)}\n`);
  await writeFile(path.join(out, 'notes.md'), `${release.notes}\n`);
  print(`The files of ${release.tag} are in ${out}.`);
}

/** The build comes last, because it takes the longest. */
async function requireSound({ folder, verifyDist }: ReleaseContext, findings: Findings): Promise<Findings> {
  const problems = findings.problems.length > 0 ? findings.problems : await verifyDist(folder);
  if (problems.length > 0) throw new ReleaseError(problems);
  return findings;
}

/** What a release tags, attests and publishes. */
async function describe(
  { folder, remote, readSbom }: ReleaseContext,
  { release, majorTagAt }: Findings,
): Promise<string> {
  const { version, tag, majorTag, commit, notes } = release;
  const { spdxVersion, packages } = await readSbom(folder);
  const indent = (text: string) => text.replaceAll(/^(?=.)/gm, '    ');
  return [
    `Release ${version}`,
    '',
    `Tag, by this command\n    ${tag} → ${commit}, at ${remote}`,
    '',
    `Attest, by the workflow: build provenance, and the SBOM, of\n${indent(sumsFile(await subjectsOf(folder)).trimEnd())}`,
    '',
    `Publish, by the workflow: the immutable release ${tag}`,
    '  with the files',
    `    SHA256SUMS\n    sbom.spdx.json (${spdxVersion}, ${packages.length} packages)`,
    `  and the notes\n${indent(notes)}`,
    '',
    `Move, by the workflow\n    ${majorTag} from ${majorTagAt ?? 'nowhere'} to ${commit}`,
  ].join('\n');
}
