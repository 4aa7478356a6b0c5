import type * as z from 'zod/mini';
import type { Answer } from './answer.ts';

/** What JSON.parse tells a reviver of a value that is no object: its text. Node 24 does; TypeScript does not know of it yet. */
type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

/** An id may be a number that no JavaScript number holds. Its text is the id, to the digit. */
const keepDigits: Reviver = (_key, value, { source = '' }) =>
  typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/u.test(source) ? source : value;

/**
 * The JSON in a text, or undefined where it is none. A byte order mark is no reason to refuse it. An integer beyond
 * those that a number holds exactly is given as text.
 */
export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body.replace(/^\ufeff/u, ''), keepDigits as Parameters<typeof JSON.parse>[1]);
  } catch {
    return undefined;
  }
}

/** What a body holds, or undefined where it is no JSON of that shape. */
export function readBody<Schema extends z.ZodMiniType>({ body }: Answer, schema: Schema): z.infer<Schema> | undefined {
  const parsed = schema.safeParse(parseJson(body));
  return parsed.success ? parsed.data : undefined;
}
