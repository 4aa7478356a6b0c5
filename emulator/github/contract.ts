import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Document } from 'openapi-backend';
import { OpenAPIBackend } from 'openapi-backend';
import type { Answer } from '../http/answer.ts';
import type { HttpRequest } from '../http/server.ts';

/** The keywords of JSON Schema in OpenAPI 3.0 that this file uses. */
export interface Schema {
  type?: string;
  format?: string;
  nullable?: boolean;
  enum?: readonly unknown[];
  required?: readonly string[];
  properties?: Record<string, Schema>;
  anyOf?: readonly Schema[];
  oneOf?: readonly Schema[];
  allOf?: readonly Schema[];
}

/** An operation of GitHub's description. */
export interface Operation {
  id: string;
  method: string;
  /** The path with the names of its parameters: `/repos/{owner}/{repo}`. */
  template: string;
  /** The path of the request, encoded: `/repos/acme/invoices`. */
  path: string;
}

/** GitHub's own description of the requests and responses of its API. */
export interface Contract {
  /** The operation of a request, if GitHub has one for it. The path has neither a query nor the base path. */
  find(method: string, path: string): Operation | undefined;
  /**
   * How a request violates its description, or undefined. The texts are those of GitHub's refusals, as far as they are
   * known.
   */
  violation(operation: Operation, request: HttpRequest): string | undefined;
  /** Throws if a response violates its description. That is an error of the emulator, not of its caller. */
  check(operation: Operation, answer: Answer): void;
  /** A schema by its name. */
  schema(name: string): Schema;
}

/** Dates in the form of RFC 3339. */
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

type Described = Document & { components: { schemas: Record<string, Schema> } };

let opened: Promise<Contract> | undefined;

/**
 * Reads openapi.json, which `scripts/extract-github-openapi.ts` extracts from the description that GitHub publishes.
 * Once per process, because it never changes, and each of its schemas takes some milliseconds to compile.
 */
export function openContract(): Promise<Contract> {
  opened ??= readContract();
  return opened;
}

async function readContract(): Promise<Contract> {
  const definition: Described = JSON.parse(readFileSync(join(import.meta.dirname, 'openapi.json'), 'utf8'));
  const backend = new OpenAPIBackend<Described>({
    definition,
    // Resolves references at once, but compiles a schema only when it is needed, because a run needs few of them.
    quick: true,
    ignoreTrailingSlashes: false,
    // GitHub's schemas need no validation, which would take longer than everything else.
    ajvOpts: { allErrors: true, verbose: true, logger: false, meta: false, validateSchema: false },
    customizeAjv: ajv => ajv.addFormat('date-time', DATE_TIME).addFormat('uri', text => URL.canParse(text)),
  });
  await backend.init();
  const { router, validator } = backend;
  // Gathered once, because each of several look-ups per request would gather them again.
  const operations = router.getOperations();
  for (const lookup of [router, validator.router]) lookup.getOperations = () => operations;

  return {
    find: (method, path) => {
      const found = router.matchOperation({ method, path, headers: {} });
      return found?.operationId ? { id: found.operationId, method, template: found.path, path } : undefined;
    },
    violation: ({ id, method, path }, { headers, query, body }) => {
      const type = String(headers['content-type'] ?? '').split(';')[0];
      if (body && type?.toLowerCase() !== 'application/json') return `The body is ${type || 'of no type'}, not JSON.`;
      let parsed: unknown;
      try {
        parsed = body ? JSON.parse(body) : undefined;
      } catch (error) {
        if (error instanceof SyntaxError) return 'Problems parsing JSON';
        throw error;
      }
      // A body has the right type by now, and no operation requires another header.
      const typed = { 'content-type': 'application/json' };
      const request = { method, path, headers: typed, query: Object.fromEntries(query), body: parsed };
      const { errors } = validator.validateRequest(request, id);
      if (!errors?.length) return undefined;
      return `Invalid request.\n\n${errors.map(explain).join('\n')}`;
    },
    check: ({ id }, { status, body }) => {
      const operation = router.getOperation(id);
      const described = status >= 300 || String(status) in (operation?.responses ?? {});
      const { errors } = validator.validateResponse(body ? JSON.parse(body) : null, id, status);
      if (described && !errors?.length) return;
      throw new Error(`GitHub never answers ${status} ${body} to ${id}: ${JSON.stringify(errors)}`);
    },
    schema: name => {
      const schema = backend.definition.components.schemas[name];
      if (!schema) throw new Error(`openapi.json has no schema ${name}`);
      return schema;
    },
  };
}

interface SchemaError {
  keyword: string;
  instancePath: string;
  params: Record<string, unknown>;
  message?: string;
  data?: unknown;
}

/** What is wrong, in GitHub's words if they are known. */
function explain({ keyword, instancePath, params, message, data }: SchemaError): string {
  const member = instancePath.replace(/^\/(requestBody|query|path)\/?/, '');
  const value = JSON.stringify(data) ?? 'nothing';
  switch (keyword) {
    case 'required':
      return `${JSON.stringify(params.missingProperty)} wasn't supplied.`;
    case 'pattern':
      return `${data} does not match /${params.pattern}/.`;
    case 'enum':
      return `${data} is not a member of ${JSON.stringify(params.allowedValues)}.`;
    case 'additionalProperties':
      return `${JSON.stringify(params.additionalProperty)} is not a permitted key.`;
    case 'type':
      return `For '${member}', ${value} is not ${/^[aio]/.test(String(params.type)) ? 'an' : 'a'} ${params.type}.`;
    default:
      return `For '${member}', ${value} ${message}.`;
  }
}
