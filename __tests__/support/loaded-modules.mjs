/** Preloaded into a step. When it ends, it writes the names of Node's own modules that it has loaded to its TMPDIR. */
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

process.once('exit', () => {
  const modules = process.moduleLoadList.filter(name => name.startsWith('NativeModule ')).map(name => name.slice(13));
  writeFileSync(join(tmpdir(), 'loaded-modules'), modules.join('\n'));
});
