import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import * as z from 'zod';
import { Plan } from '../../scripts/schema/plan.ts';
import { Results } from '../../scripts/schema/results.ts';
import { SCHEMA_VERSION } from '../../src/plan/describe-plan.ts';

const ajv = new Ajv2020({ strict: true });

/** Two validators of an output: the shipped schema, and the same without additional members. */
function validatorsOf(output: string, source: z.ZodType): readonly ValidateFunction[] {
  return [shippedSchema(output), closed(z.toJSONSchema(source))].map(schema => ajv.compile(schema));
}

/** The text of a JSON Schema, as it ships with the action. Default: of the version of the outputs. */
export function schemaText(name: string, version: number = SCHEMA_VERSION): string {
  return readFileSync(resolve(import.meta.dirname, `../../schema/${name}.v${version}.json`), 'utf8');
}

function shippedSchema(output: string): object {
  return JSON.parse(schemaText(output));
}

function closed(schema: object): object {
  if (!JSON.stringify(schema).includes('"additionalProperties":false')) {
    throw new Error('the schema allows additional members everywhere');
  }
  return schema;
}

const SOURCES = { results: Results, plan: Plan };
/** Compiled when they are needed, because that takes long, and many tests need only one or none. */
const compiled = new Map<string, readonly ValidateFunction[]>();

/** How an output, as JSON, differs from its schemas, in words. */
export function violationsOf(output: keyof typeof SOURCES, json: string): readonly string[] {
  const value: unknown = JSON.parse(json);
  const validators = compiled.get(output) ?? validatorsOf(output, SOURCES[output]);
  compiled.set(output, validators);
  return validators.flatMap(validate =>
    validate(value) ? [] : [`${output}: ${ajv.errorsText(validate.errors)} in ${json.slice(0, 2000)}`],
  );
}
