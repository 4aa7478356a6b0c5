import type * as z from 'zod/mini';
import type { Answer } from './answer.ts';

/** The JSON in a text, or undefined where it is none. A byte order mark is no reason to refuse it. */
export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body.replace(/^\ufeff/u, ''));
  } catch {
    return undefined;
  }
}

/** What a body holds, or undefined where it is no JSON of that shape. */
export function readBody<Schema extends z.ZodMiniType>({ body }: Answer, schema: Schema): z.infer<Schema> | undefined {
  const parsed = schema.safeParse(parseJson(body));
  return parsed.success ? parsed.data : undefined;
}
