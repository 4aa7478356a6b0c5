import * as z from 'zod';

/**
 * The text of a JSON Schema file. Objects may have further members, so that a later version of the action can add some
 * without breaking readers.
 */
export function schemaFile(schema: z.ZodType): string {
  return `${JSON.stringify(z.toJSONSchema(schema, { io: 'input' }), undefined, 2)}\n`;
}
