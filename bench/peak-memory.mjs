/**
 * Preloaded into a measured process. When the process ends, it writes its peak memory in KiB and its processor time in
 * milliseconds to a file in its TMPDIR.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

process.once('exit', () => {
  const { user, system } = process.cpuUsage();
  const peak = highWaterMark() ?? process.resourceUsage().maxRSS;
  writeFileSync(join(tmpdir(), 'peak-memory'), `${peak} ${(user + system) / 1000}`);
});

/** Only for Linux, where maxRSS starts with the memory of the parent when it forked. */
function highWaterMark() {
  if (process.platform !== 'linux') return undefined;
  return /^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
}
