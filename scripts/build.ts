/**
 * `npm run build [-- --out DIR]`: compiles `src/` to `build/` and bundles that into `dist/index.js` and its chunks.
 * `dist/post.js`, for the end of the job, is the same bundle under another name. The same sources give the same bytes
 * in any directory, so CI can compare `dist` with `src`.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { minify } from '@swc/core';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '..');
const build = join(root, 'build');
const bundle = join(build, 'dist');
const stats = join(build, 'stats.json');

/**
 * @actions/core imports @actions/http-client, and with it all of undici, for a helper for OIDC tokens that this action
 * never calls. @actions/github imports it as well, and all of Octokit, although the action only uses its `context`.
 * None of them has side effects when it is imported, but no package.json says so, so the bundler has to keep
 * everything: every start would take more than twice as long. So copies that say so are placed next to the compiled
 * files, where they are found first. node_modules itself is not changed.
 */
const FREE_OF_SIDE_EFFECTS = ['@actions/core', '@actions/github', '@actions/http-client'];

/** A copy of a package beside the compiled files, where it is found before the one in node_modules. */
async function copyOf(name: string): Promise<string> {
  const copy = join(build, 'node_modules', name);
  await cp(join(root, 'node_modules', name), copy, { recursive: true });
  return copy;
}

async function markFreeOfSideEffects(name: string): Promise<void> {
  const copy = await copyOf(name);
  const manifest = join(copy, 'package.json');
  const parsed: Record<string, unknown> = JSON.parse(await readFile(manifest, 'utf8'));
  await writeFile(manifest, JSON.stringify({ ...parsed, sideEffects: false }));
}

/** A command-line tool of node_modules, run by the same Node as this script, whatever PATH is. */
async function tool(script: string, ...args: string[]): Promise<void> {
  await run(process.execPath, [join(root, 'node_modules', script), ...args], { cwd: root }).catch(error => {
    process.stderr.write(`${error.stdout ?? ''}${error.stderr ?? ''}`);
    throw error;
  });
}

/**
 * ncc minifies only the entry, but most of the code is in the chunks. Names are kept, so that stack traces are
 * readable.
 */
async function minifyFile(path: string): Promise<void> {
  const names = { keep_classnames: true, keep_fnames: true };
  const { code } = await minify(await readFile(path, 'utf8'), {
    module: true,
    compress: names,
    mangle: names,
    format: { comments: false },
  });
  await writeFile(path, code);
}

/** A module as webpack reports it: the bundled file, or the files that it joined into one. */
interface Module {
  readonly nameForCondition?: string | null;
  /** True if nothing of it is in the bundle. */
  readonly orphan?: boolean;
  readonly modules?: readonly Module[];
}

/** The folders of the packages that the bundle contains code of. */
async function bundledPackages(stats: string): Promise<readonly string[]> {
  const report: Module = JSON.parse(await readFile(stats, 'utf8'));
  const files = ({ nameForCondition, orphan, modules = [] }: Module): readonly string[] =>
    orphan ? [] : [...(nameForCondition ? [nameForCondition] : []), ...modules.flatMap(files)];
  const folders = files(report).flatMap(file => file.match(/^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/) ?? []);
  return [...new Set(folders)];
}

/**
 * The name, version and license of each bundled package. Fails if a package has no license file, and if the bundle
 * contains two versions of one package.
 */
async function licensesOf(folders: readonly string[]): Promise<string> {
  const notices = new Map<string, string>();
  for (const folder of folders) {
    const manifest = await readFile(join(folder, 'package.json'), 'utf8');
    const { name, version, license }: Record<string, string> = JSON.parse(manifest);
    const file = (await readdir(folder)).find(entry => /^licen[cs]e(\.(md|txt))?$/i.test(entry));
    if (!name || !file) throw new Error(`${folder} has no license file`);
    if (notices.has(name)) throw new Error(`The bundle contains ${name} twice`);
    const text = (await readFile(join(folder, file), 'utf8')).replaceAll('\r\n', '\n').trim();
    notices.set(name, `${name} ${version}\n${license}\n\n${text}\n`);
  }
  return [...notices.keys()]
    .sort()
    .map(name => notices.get(name))
    .join(`\n${'-'.repeat(80)}\n\n`);
}

const { values } = parseArgs({ options: { out: { type: 'string', default: join(root, 'dist') } } });
const out = resolve(values.out);

await rm(build, { recursive: true, force: true });
try {
  await tool('typescript/bin/tsc', '-p', 'tsconfig.build.json');
  await Promise.all(FREE_OF_SIDE_EFFECTS.map(markFreeOfSideEffects));
  await tool(
    '@vercel/ncc/dist/ncc/cli.js',
    ...['build', join(build, 'index.js'), '--out', bundle, '--target', 'es2024'],
    ...['--stats-out', stats, '--no-cache', '--quiet'],
  );
  await writeFile(join(bundle, 'post.js'), "import './index.js';\n");
  const scripts = (await readdir(bundle)).filter(file => file.endsWith('.js'));
  await Promise.all(scripts.map(file => minifyFile(join(bundle, file))));
  await writeFile(join(bundle, 'licenses.txt'), await licensesOf(await bundledPackages(stats)));

  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  await cp(bundle, out, { recursive: true });
} finally {
  // Otherwise, tools that search the checkout for packages would find the copies, Jest among them.
  await rm(build, { recursive: true, force: true });
}

for (const file of (await readdir(out)).sort()) {
  console.log(`${String((await stat(join(out, file))).size).padStart(9)}  ${file}`);
}
