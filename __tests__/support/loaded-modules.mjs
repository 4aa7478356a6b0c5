/** Preloaded into a step. When it ends, it writes to its TMPDIR what it has loaded: Node's own modules, and its own files. */
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const { cache } = createRequire(import.meta.url);

process.once('exit', () => {
  const modules = process.moduleLoadList.filter(name => name.startsWith('NativeModule ')).map(name => name.slice(13));
  const files = Object.keys(cache).map(file => basename(file));
  writeFileSync(join(tmpdir(), 'loaded.json'), JSON.stringify({ modules, files }));
});
