import { auditMode } from './audit/index.ts';
import { deleteMode } from './delete/index.ts';
import { ensureMode } from './ensure/index.ts';
import type { Mode } from './mode.ts';
import { sweepMode } from './sweep/index.ts';

/** Every value of the `mode` input. */
export const MODES = {
  ensure: ensureMode,
  delete: deleteMode,
  sweep: sweepMode,
  audit: auditMode,
} as const satisfies Record<string, Mode>;
