import type { Schema } from './contract.ts';

/**
 * The least value that fits a schema: required members alone, null where it may be. Most of what GitHub tells of a
 * repository concerns nobody here, but has to be there.
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
