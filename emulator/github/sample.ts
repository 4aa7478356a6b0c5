import type { Schema } from './contract.ts';

/**
 * The minimal value that matches a schema: only required members, null if allowed. Most of what GitHub reports about a
 * repository does not matter here, but must be present.
 */
export function sampleOf(schema: Schema): unknown {
  const { type, nullable, properties = {}, required = [] } = schema;
  const [choice] = schema.anyOf ?? schema.oneOf ?? schema.allOf ?? [];
  if (nullable) return null;
  if (schema.enum) return schema.enum[0];
  if (choice) return sampleOf(choice);
  switch (type) {
    case 'string':
      return SAMPLES[schema.format ?? ''] ?? '';
    case 'integer':
    case 'number':
      return 0;
    case 'boolean':
      return false;
    case 'array':
      return [];
    default:
      return Object.fromEntries(required.map(name => [name, sampleOf(properties[name] ?? {})]));
  }
}

const SAMPLES: Record<string, string> = { 'date-time': '2020-01-01T00:00:00Z', uri: 'https://example.com/' };
