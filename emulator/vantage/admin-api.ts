import type { Answer } from '../http/answer.ts';
import { empty, html, json } from '../http/answer.ts';
import type { Clock } from '../http/clock.ts';
import type { HttpRequest, Outcome } from '../http/server.ts';
import type { Role } from './accounts.ts';
import { describeClient, describeListedClient, readClientSettings } from './client-settings.ts';
import { embedSecrets, readEmbeddedSecrets } from './embedded-secrets.ts';
import { invalid, problem, Refusal } from './problem.ts';
import type { AdminRoute } from './routes.ts';
import { isSameTenant } from './routes.ts';
import { describeListedSecret, describeNewSecret, readSecretSettings } from './secret-settings.ts';
import type { Shapes } from './shapes.ts';
import type { Store, StoredClient } from './store.ts';

/**
 * How a Vantage without reads, updates and deletions answers them: a status, or the index of a single page application.
 */
export type Absent = 404 | 405 | 501 | 'spa';

export interface AdminApiOptions {
  tenantId: string;
  tier: 0 | 1;
  absent: Absent;
  shapes: Shapes;
  store: Store;
  clock: Clock;
  /** IDs that are taken in another tenant of the region: they can neither be used nor be read. */
  takenElsewhere: readonly string[];
  /** The owner of an access token, or undefined if it was not issued by this Vantage or has expired. */
  authenticate(accessToken: string): { role: Role | undefined } | undefined;
}

/**
 * The admin API, v1 and v2: the two documented POST requests, and on tier 1 the reads, updates and deletions of the web
 * UI.
 */
export function adminApi(options: AdminApiOptions): (route: AdminRoute, request: HttpRequest) => Outcome {
  const { tenantId, tier, absent, shapes, store, clock, takenElsewhere, authenticate } = options;
  const unchanged = (answer: Answer): Outcome => ({ answer, applied: false });
  const changed = (answer: Answer): Outcome => ({ answer, applied: true });

  return (route, request) => {
    if (tier === 0 && route.name !== 'createClient' && route.name !== 'createSecret') return unchanged(missing(absent));
    const bearer = /^Bearer +(\S+)$/i.exec(String(request.headers.authorization ?? ''))?.[1];
    const caller = bearer === undefined ? undefined : authenticate(bearer);
    if (!caller)
      return unchanged(empty(401, { 'www-authenticate': bearer ? 'Bearer error="invalid_token"' : 'Bearer' }));
    try {
      if (!isSameTenant(route.tenantId, tenantId)) throw new Refusal(404, `Tenant '${route.tenantId}' was not found.`);
      if (caller.role !== 'tenant-administrator') return unchanged(empty(403));
      return perform(route, request);
    } catch (error) {
      if (error instanceof Refusal) return unchanged(problem(error, shapes));
      throw error;
    }
  };

  function perform(route: AdminRoute, request: HttpRequest): Outcome {
    switch (route.name) {
      case 'createClient':
        return createClient(route, request);
      case 'listClients':
        return unchanged(
          list(
            store.all().map(client => describeListedClient(client, route.version, shapes)),
            request.query,
          ),
        );
      case 'readClient':
        return unchanged(json(200, describeWhole(find(route), route)));
      case 'updateClient':
        return updateClient(route, request);
      case 'deleteClient':
        store.remove(find(route));
        return changed(empty(shapes.deleted));
      case 'createSecret':
        return createSecret(route, request);
      case 'readSecrets':
        return unchanged(
          list(
            find(route).secrets.map(secret => describeListedSecret(secret, shapes)),
            request.query,
          ),
        );
      case 'deleteSecret':
        return deleteSecret(route);
    }
  }

  function createClient({ version }: AdminRoute, request: HttpRequest): Outcome {
    const settings = readClientSettings(readJson(request, shapes), version, shapes);
    const { clientId } = settings;
    if (store.find(clientId) || takenElsewhere.includes(clientId)) return unchanged(taken(clientId, shapes));
    const description = describeClient(store.add(settings), version, shapes);
    if (shapes.createdBody === 'empty') return changed(empty(shapes.created));
    return changed(json(shapes.created, shapes.createdBody === 'wrapped' ? { client: description } : description));
  }

  /** A PUT replaces the whole client: a field that its body omits gets its default. */
  function updateClient(route: AdminRoute, request: HttpRequest): Outcome {
    const client = find(route);
    const body = readJson(request, shapes);
    const named = typeof body === 'object' && body !== null ? { clientId: client.clientId, ...body } : body;
    const settings = readClientSettings(named, route.version, shapes);
    if (settings.clientId !== client.clientId) throw invalid({ clientId: ['The clientId cannot be changed.'] });
    store.replace(client, settings);
    if (shapes.clientSecrets === 'embedded') store.replaceSecrets(client, readEmbeddedSecrets(body, client.secrets));
    if (shapes.putAnswer === 204) return changed(empty(204));
    return changed(json(200, describeWhole(client, route)));
  }

  /** A single client as it is read. */
  function describeWhole(client: StoredClient, { version }: AdminRoute): Record<string, unknown> {
    const description = describeClient(client, version, shapes);
    return shapes.clientSecrets === 'embedded' ? { ...description, ...embedSecrets(client.secrets) } : description;
  }

  function createSecret(route: AdminRoute, request: HttpRequest): Outcome {
    const client = find(route);
    const secret = store.createSecret(client, readSecretSettings(readJson(request, shapes), clock.now(), shapes));
    return changed(json(shapes.created, describeNewSecret(secret, shapes)));
  }

  function deleteSecret(route: AdminRoute): Outcome {
    const client = find(route);
    const secret = client.secrets.find(({ id }) => id === route.secretId);
    if (!secret) throw new Refusal(404, `Secret '${route.secretId}' was not found.`);
    store.revoke(client, secret);
    return changed(empty(shapes.deleted));
  }

  function find({ clientId }: AdminRoute): StoredClient {
    const client = store.find(clientId);
    if (!client) throw new Refusal(404, `Client '${clientId}' was not found.`);
    return client;
  }

  function list(items: readonly unknown[], query: URLSearchParams): Answer {
    const honoured = shapes.paging === 'honoured';
    const offset = honoured ? parameter(query, 'Offset', 0, 0) : 0;
    const limit = honoured ? parameter(query, 'Limit', 1, shapes.pageSize) : shapes.pageSize;
    const page = items.slice(offset, offset + Math.min(limit, shapes.pageSize));
    if (shapes.list === 'array') return json(200, page);
    return json(200, { items: page, ...(shapes.list === 'envelope' ? { totalItemCount: items.length } : {}) });
  }
}

function missing(absent: Absent): Answer {
  if (absent === 'spa') return html(200, 'ABBYY Vantage');
  return empty(absent, absent === 405 ? { allow: 'POST' } : {});
}

function taken(clientId: string, shapes: Shapes): Answer {
  const text = `Client with id '${clientId}' already exists.`;
  switch (shapes.taken) {
    case 'text':
      return { status: 400, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: text };
    case 400:
      return problem(invalid({ clientId: [text] }), shapes);
    default:
      return problem(new Refusal(shapes.taken, text), shapes);
  }
}

const MEDIA_TYPES = {
  json: ['application/json'],
  'json-patch': ['application/json-patch+json'],
  both: ['application/json', 'application/json-patch+json'],
} as const satisfies Record<Shapes['contentTypes'], readonly string[]>;

function readJson({ headers, body }: HttpRequest, shapes: Shapes): unknown {
  const type = headers['content-type'];
  const mediaType = String(type ?? '')
    .split(';')[0]
    ?.trim()
    .toLowerCase();
  if (!MEDIA_TYPES[shapes.contentTypes].some(taken => taken === mediaType))
    throw new Refusal(415, `The media type '${type ?? ''}' is not supported.`);
  if (!body) throw invalid({ '': ['A non-empty request body is required.'] });
  try {
    return JSON.parse(body);
  } catch (error) {
    if (error instanceof SyntaxError) throw invalid({ $: [`The body is not valid JSON: ${error.message}. Path: $.`] });
    throw error;
  }
}

/** A paging parameter: a whole number of at least `least`. Names of parameters are case-insensitive in ASP.NET. */
function parameter(query: URLSearchParams, name: 'Offset' | 'Limit', least: number, byDefault: number): number {
  const text = [...query].find(([given]) => given.toLowerCase() === name.toLowerCase())?.[1];
  if (text === undefined) return byDefault;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || (name === 'Limit' && value > 1000))
    throw invalid({ [name]: [`The value '${text}' is not valid for ${name}.`] });
  return value;
}
