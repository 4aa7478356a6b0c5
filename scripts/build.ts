/**
 * `npm run build [-- --out DIR]`: bundles `src/` into `dist/index.js` and its chunks. `dist/post.js`, for the end of the
 * job, is the same bundle under another name. The same sources give the same bytes in any directory, so CI can compare
 * `dist` with `src`.
 */
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type RolldownOutput, rolldown } from 'rolldown';

const root = resolve(import.meta.dirname, '..');

/**
 * @actions/core imports @actions/http-client, and with it all of undici, for a helper for OIDC tokens that this action
 * never calls. @actions/github imports it as well, and all of Octokit, although the action only uses its `context`. None of
 * them has side effects when it is imported, but no package.json says so, so the bundler would have to keep everything:
 * every start would take more than twice as long.
 */
const FREE_OF_SIDE_EFFECTS = /[\\/]node_modules[\\/](@actions[\\/](core|github|http-client)|undici|tunnel)[\\/]/;

/**
 * The chunks: `index.js` has what a step needs to read its inputs, and to say what is wrong with them, `work.js` what
 * almost every step needs after that, and each other mode has its own. Each further file would make a run slower.
 */
const GROUPS = [
  { name: 'index', tags: ['$initial' as const], priority: 2 },
  { name: 'work', test: /[\\/]src[\\/](step\.|report[\\/]|modes[\\/]ensure[\\/])/, priority: 1 },
  { debugName: 'modes', name: (id: string) => /[\\/]src[\\/]modes[\\/](\w+)[\\/.]/.exec(id)?.[1] ?? null },
];

/** Keeps the names of functions and classes, so that stack traces are readable. */
const KEPT = { keepNames: { function: true, class: true } };

/** CommonJS, because Node loads it faster. Node's own modules, above all: as an ES module, each would be loaded whole. */
async function bundle(): Promise<RolldownOutput> {
  const build = await rolldown({
    cwd: root,
    input: { index: join(root, 'src/index.ts') },
    platform: 'node',
    transform: { target: 'node24' },
    treeshake: { moduleSideEffects: [{ test: FREE_OF_SIDE_EFFECTS, sideEffects: false }] },
    onLog: (_level, { message }) => {
      throw new Error(message);
    },
  });
  try {
    return await build.generate({
      format: 'cjs',
      entryFileNames: '[name].js',
      chunkFileNames: '[name].js',
      codeSplitting: { groups: GROUPS },
      minify: { compress: KEPT, mangle: KEPT },
      comments: false,
    });
  } finally {
    await build.close();
  }
}

/**
 * Escapes what is not ASCII. Node reads and compiles a file with a single other character noticeably slower, from twice the
 * memory. The `charset` of Rolldown leaves tagged templates alone, because a tag can read their source. No tag here does.
 */
function toAscii(code: string): string {
  return code.replaceAll(/[^\0-\x7f]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The folders of the packages that the bundle contains code of. */
function packagesIn({ output }: RolldownOutput): readonly string[] {
  const files = output.flatMap(chunk => (chunk.type === 'chunk' ? Object.entries(chunk.modules) : []));
  const folders = files.flatMap(([file, { renderedLength }]) =>
    renderedLength > 0 ? (file.match(/^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/) ?? []) : [],
  );
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

const built = await bundle();
const files = new Map<string, string>();
for (const chunk of built.output) {
  if (chunk.type !== 'chunk') throw new Error(`Only code is bundled, not ${chunk.fileName}`);
  files.set(chunk.fileName, toAscii(chunk.code));
}
files.set('post.js', "require('./index.js');\n");
files.set('package.json', '{"type":"commonjs"}\n');
files.set('licenses.txt', await licensesOf(packagesIn(built)));

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
for (const [file, content] of files) {
  await writeFile(join(out, file), content);
}

for (const file of (await readdir(out)).sort()) {
  console.log(`${String((await stat(join(out, file))).size).padStart(9)}  ${file}`);
}
