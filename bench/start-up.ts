import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runAction } from '../emulator/runner.ts';
import { median, ms, section } from './print.ts';
import { outcome } from './step.ts';

const ROUNDS = 25;

/** Compares a step that fails because it has no inputs with an empty script, to measure the start-up time. */
export async function startUp(): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'bench-'));
  try {
    const empty = join(scratch, 'empty.cjs');
    await writeFile(empty, '');
    const bare: number[] = [];
    const refused: number[] = [];
    let refusal = '';
    // Alternates between both, so that other work on the machine affects both. The first round only warms up the disk
    // cache.
    for (let round = 0; round <= ROUNDS; round += 1) {
      const nothing = await runAction({ inputs: {}, entry: empty });
      const action = await runAction({ inputs: {} });
      refusal = outcome(action);
      if (round === 0) continue;
      bare.push(nothing.durationMs);
      refused.push(action.durationMs);
    }
    section(`Start-up without inputs (ends in ${refusal}), median of ${ROUNDS}`, [
      ['an empty script', ms(median(bare)), '1.00'],
      ['dist/index.js', ms(median(refused)), (median(refused) / median(bare)).toFixed(2)],
    ]);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
