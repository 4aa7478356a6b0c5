/**
 * `node scripts/extract-github-openapi.ts [FILE]`: writes emulator/github/openapi.json, the part of GitHub's own
 * description of its REST API for the few routes of the embedded GitHub, without the prose. FILE is
 * `api.github.com.json` of the npm package @octokit/openapi. Without it, npm downloads the version named here (the
 * whole package is some 400 MB).
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';

type Json = null | boolean | number | string | Json[] | { [member: string]: Json };
type JsonObject = { [member: string]: Json };

const PACKAGE = '@octokit/openapi@23.0.2';
const FILE_IN_PACKAGE = 'package/generated/api.github.com.json';

const root = resolve(import.meta.dirname, '..');
const target = join(root, 'emulator', 'github', 'openapi.json');
const run = promisify(execFile);

/** The methods of every route of the embedded GitHub. */
function routes(): Record<string, readonly string[]> {
  const secret = ['get', 'put', 'delete'];
  const variable = ['get', 'patch', 'delete'];
  const repositories = ['get', 'put'];
  const one = ['put'];
  const repository = '/repos/{owner}/{repo}';
  const environment = `${repository}/environments/{environment_name}`;
  const wanted: Record<string, readonly string[]> = {
    [repository]: ['get'],
    [`${repository}/pulls/{pull_number}`]: ['get'],
    [environment]: ['get', 'put'],
    '/orgs/{org}': ['get'],
    '/orgs/{org}/actions/variables/{name}/repositories': repositories,
    '/orgs/{org}/actions/variables/{name}/repositories/{repository_id}': one,
  };
  const apps = ['actions', 'agents', 'codespaces', 'dependabot'];
  for (const app of apps) {
    const readers = `/orgs/{org}/${app}/secrets/{secret_name}/repositories`;
    wanted[readers] = repositories;
    wanted[`${readers}/{repository_id}`] = one;
  }
  const holders = apps.flatMap(app => [`${repository}/${app}`, `/orgs/{org}/${app}`]);
  for (const holder of [environment, ...holders]) {
    wanted[`${holder}/secrets`] = ['get'];
    wanted[`${holder}/secrets/public-key`] = ['get'];
    wanted[`${holder}/secrets/{secret_name}`] = secret;
  }
  for (const holder of [environment, `${repository}/actions`, '/orgs/{org}/actions']) {
    wanted[`${holder}/variables`] = ['get', 'post'];
    wanted[`${holder}/variables/{name}`] = variable;
  }
  return wanted;
}

/** The keywords of a schema that restrict a value. Those of the first kind contain no further schema. */
const PLAIN = [
  'type',
  'enum',
  'format',
  'pattern',
  'required',
  'nullable',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
];
const LISTS = ['allOf', 'anyOf', 'oneOf'];
const SINGLE = ['items', 'additionalProperties', 'not'];

/** GitHub refuses requests the same way everywhere, but its description names the refusals on few routes. */
const REFUSAL: Json = { $ref: '#/components/responses/not_found' };

/** Visits a description, keeps what the routes need, and collects the components that they refer to. */
class Extract {
  readonly #source: JsonObject;
  readonly components: JsonObject = {};

  constructor(source: JsonObject) {
    this.#source = source;
  }

  operation(source: Json | undefined): JsonObject {
    const { operationId, parameters = [], requestBody, responses } = object(source);
    return {
      operationId: operationId ?? null,
      parameters: list(parameters).map(parameter => this.#parameter(parameter)),
      ...(requestBody !== undefined && { requestBody: this.#body(requestBody) }),
      responses: {
        '4XX': this.#response(REFUSAL),
        ...mapValues(withoutBareRefusals(object(responses)), response => this.#response(response)),
      },
    };
  }

  schema(source: Json | undefined): Json {
    // `additionalProperties` can be a boolean instead of a schema.
    if (typeof source === 'boolean') return source;
    const schema = object(source);
    if (schema.$ref !== undefined) return this.#reference(schema.$ref, found => this.schema(found));
    const kept: JsonObject = {};
    for (const [keyword, value] of Object.entries(schema)) {
      if (PLAIN.includes(keyword)) kept[keyword] = value;
      else if (LISTS.includes(keyword)) kept[keyword] = list(value).map(part => this.schema(part));
      else if (SINGLE.includes(keyword)) kept[keyword] = this.schema(value);
      else if (keyword === 'properties') kept[keyword] = mapValues(object(value), property => this.schema(property));
    }
    return kept;
  }

  /** Copies the target of a reference, once, and returns the reference. */
  #reference(reference: Json, copy: (found: Json) => Json): JsonObject {
    const [, , kind = '', name = ''] = String(reference).split('/');
    this.components[kind] ??= {};
    const copies = object(this.components[kind]);
    if (!(name in copies)) {
      // Set before it is filled, because a schema can refer to itself.
      copies[name] = {};
      copies[name] = copy(object(object(this.#source.components)[kind])[name] ?? null);
    }
    return { $ref: reference };
  }

  #parameter(source: Json): JsonObject {
    const { $ref, name, in: location, required, schema } = object(source);
    if ($ref !== undefined) return this.#reference($ref, found => this.#parameter(found));
    return {
      name: name ?? null,
      in: location ?? null,
      ...(required !== undefined && { required }),
      schema: this.schema(schema),
    };
  }

  #body(source: Json): JsonObject {
    const { required = false, content } = object(source);
    return { required, content: this.#content(content) };
  }

  #response(source: Json): JsonObject {
    const { $ref, content } = object(source);
    if ($ref !== undefined) return this.#reference($ref, found => this.#response(found));
    // OpenAPI requires a description of every response, which may be empty.
    return { description: '', ...(content !== undefined && { content: this.#content(content) }) };
  }

  #content(source: Json | undefined): JsonObject {
    const { 'application/json': json } = object(source);
    return json === undefined ? {} : { 'application/json': { schema: this.schema(object(json).schema) } };
  }
}

/** Removes refusals of which only the status is described: they are like all others. */
function withoutBareRefusals(responses: JsonObject): JsonObject {
  const isBare = ([status, response]: [string, Json]) =>
    status.startsWith('4') && !/content|ref/.test(Object.keys(object(response)).join());
  return Object.fromEntries(Object.entries(responses).filter(response => !isBare(response)));
}

function object(value: Json | undefined): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new TypeError(`Expected an object, found ${JSON.stringify(value)}`);
}

function list(value: Json): Json[] {
  if (Array.isArray(value)) return value;
  throw new TypeError(`Expected a list, found ${JSON.stringify(value)}`);
}

function mapValues(source: JsonObject, change: (value: Json) => Json): JsonObject {
  return Object.fromEntries(Object.entries(source).map(([name, value]) => [name, change(value)]));
}

/** The same object, with the members of every object sorted by name. */
function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return mapValues(Object.fromEntries(members), sorted);
}

function extract(source: JsonObject): Json {
  const { title = null, version = null, license = null } = object(source.info);
  const from = new Extract(source);
  const paths: JsonObject = {};
  for (const [path, methods] of Object.entries(routes())) {
    const operations = object(object(source.paths)[path]);
    paths[path] = Object.fromEntries(methods.map(method => [method, from.operation(operations[method])]));
  }
  return sorted({
    openapi: source.openapi ?? null,
    info: { title, version, license },
    paths,
    components: from.components,
  });
}

/** Downloads the package with npm, and reads one file of it. */
async function download(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'github-openapi-'));
  try {
    const { stdout } = await run('npm', ['pack', PACKAGE, '--json', '--pack-destination', directory]);
    const [{ filename }]: [{ filename: string }] = JSON.parse(stdout);
    await run('tar', ['-xzf', join(directory, filename), '-C', directory, FILE_IN_PACKAGE]);
    return await readFile(join(directory, FILE_IN_PACKAGE), 'utf8');
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const { positionals } = parseArgs({ allowPositionals: true });
const [file] = positionals;
const text = file === undefined ? await download() : await readFile(file, 'utf8');
const description = JSON.stringify(extract(JSON.parse(text)), undefined, 2);
await writeFile(target, `${description}\n`);
// In the style of the formatter, so that the linter accepts this generated file.
await run(
  process.execPath,
  [join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome'), 'format', '--write', target],
  {
    cwd: root,
  },
);
console.log(`${target} written.`);
