/** Preloaded into a measured process: at its end, notes the most memory that it ever held, in KiB, in its TMPDIR. */
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

process.once('exit', () => {
  writeFileSync(join(tmpdir(), 'peak-memory'), String(highWaterMark() ?? process.resourceUsage().maxRSS));
});

/** Linux alone: there, maxRSS starts from what the parent held when it forked. */
function highWaterMark() {
  if (process.platform !== 'linux') return undefined;
  return /^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
}
