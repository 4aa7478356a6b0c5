import type * as Module from '../../../emulator/vantage/identity-server.ts';
import { loadOnce } from './load-once.ts';

export const { tokenEndpoint } = loadOnce<typeof Module>('emulator/vantage/identity-server.ts');
