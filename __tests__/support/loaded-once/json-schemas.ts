import type * as Module from '../json-schemas.ts';
import { loadOnce } from './load-once.ts';

export const { schemaText, violationsOf } = loadOnce<typeof Module>('__tests__/support/json-schemas.ts');
