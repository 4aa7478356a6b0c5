/**
 * `npm run verify-dist [-- --out DIR]`: builds `src` in another folder, compares the result with `dist` byte by byte, and
 * prints the checksum of each file. Fails if a file differs, is missing, or does not come from `src`.
 * With `--out`, the result stays in that folder.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildDist, checksumsOf, differences } from './release/dist.ts';

const root = path.resolve(import.meta.dirname, '..');
const { values } = parseArgs({ options: { out: { type: 'string' } } });
const scratch = await mkdtemp(path.join(tmpdir(), 'verify-dist-'));
const out = path.resolve(values.out ?? path.join(scratch, 'dist'));

try {
  await buildDist(root, out);
  const committed = await checksumsOf(path.join(root, 'dist'));
  const found = differences(committed, await checksumsOf(out));
  if (found.length > 0) {
    console.error([...found, 'Run `npm run build`, and commit dist.'].join('\n'));
    process.exitCode = 1;
  } else {
    for (const [file, sum] of committed) console.log(`${sum}  dist/${file}`);
    console.log(`dist is what src builds to, byte for byte: ${committed.size} files.`);
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}
