import * as z from 'zod';

/**
 * A JSON Schema as a file. It lets objects have further members: a version of the action that tells more of them is one
 * that no reader has to know.
 */
export function schemaFile(schema: z.ZodType): string {
  return `${JSON.stringify(z.toJSONSchema(schema, { io: 'input' }), undefined, 2)}\n`;
}
