import type * as Module from '../../../emulator/github/contract.ts';
import { loadOnce } from './load-once.ts';

export const { openContract } = loadOnce<typeof Module>('emulator/github/contract.ts');
