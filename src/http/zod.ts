/**
 * Zod without its generation of code: it takes longer than to check the few responses of a run without it, and the action
 * executes no text as code.
 */
import { config } from 'zod/mini';

config({ jitless: true });

export * from 'zod/mini';
