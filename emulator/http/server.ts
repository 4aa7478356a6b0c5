import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from './answer.ts';
import { empty } from './answer.ts';
import type { Clock } from './clock.ts';
import { deliver } from './delivery.ts';
import type { FaultySubject, Mishap } from './faults.ts';
import { isApplied, substitute } from './faults.ts';

/** A complete request. */
export interface HttpRequest {
  method: string;
  /** Without the query, still encoded. */
  path: string;
  headers: NodeJS.Dict<string | string[]>;
  query: URLSearchParams;
  body: string;
}

/** A response, and whether the request changed anything. */
export interface Outcome {
  answer: Answer;
  applied: boolean;
}

/** A request as it was received. */
export interface RecordedRequest<RouteName extends string> {
  method: string;
  /** The path with its query, as sent. */
  path: string;
  route: RouteName;
  /** Names in lowercase. */
  headers: NodeJS.Dict<string | string[]>;
  /** Name, value, name, value …, as sent. */
  rawHeaders: string[];
  body: string;
  /** Real milliseconds since 1970, whatever the server's own clock shows. */
  receivedAt: number;
  /** The status of the response, or undefined until its head was sent. */
  status: number | undefined;
  /** Whether the request changed what the server stores. */
  applied: boolean;
}

/**
 * A moment of a request: it has arrived completely; the head of its response was sent; its whole response was sent;
 * and, always last, nothing more will happen.
 */
export type Moment = 'arrived' | 'head' | 'body' | 'over';

/** Called at every moment. The request continues when the promise resolves. */
export type Watch<RouteName extends string> = (moment: Moment, request: RecordedRequest<RouteName>) => Promise<void>;

/** Where and how fast an emulator listens. */
export interface Listening {
  /** Default: any free port. */
  port?: number;
  /** The host name in its address. It must resolve to 127.0.0.1. Default: that address, or `localhost` with `tls`. */
  host?: string;
  /** PEM texts. With them, the server uses https. */
  tls?: { key: string; cert: string };
  /** Milliseconds before every response. Default: 0. */
  latencyMs?: number;
}

export interface ServerOptions<Route extends { name: string }> {
  /** Every response has its time, in the header `Date`. */
  clock: Clock;
  requests: RecordedRequest<Route['name']>[];
  /** The route of a request, by its method and its path without the query, still encoded. */
  findRoute(method: string, path: string): Route;
  takeFault(subject: FaultySubject<Route['name']>): Mishap | undefined;
  /** Called for every request when its body is complete, before its fault applies. */
  inspect?(route: Route, request: HttpRequest, recorded: RecordedRequest<Route['name']>): void;
  /** Processes a request. */
  perform(route: Route, request: HttpRequest): Outcome | Promise<Outcome>;
  /** A request whose client disconnects while it is watched is processed all the same, because it has arrived. */
  watch?: Watch<Route['name']> | undefined;
}

/** A server that is listening. */
export interface LoopbackServer {
  /** `http://127.0.0.1:12345`, without a slash at the end. */
  baseUrl: string;
  close(): Promise<void>;
}

/** Listens on loopback. Records every request, applies its fault or processes it, and responds. */
export async function listen<Route extends { name: string }>(
  { port: wanted = 0, tls, host = tls ? 'localhost' : '127.0.0.1', latencyMs = 0 }: Listening,
  { clock, requests, findRoute, takeFault, inspect, perform, watch }: ServerOptions<Route>,
): Promise<LoopbackServer> {
  const closing = new AbortController();
  const { signal } = closing;
  const sockets = new Set<Socket>();
  const handler = (incoming: IncomingMessage, response: ServerResponse) => {
    handle(incoming, response).catch((error: unknown) => {
      // A request ends if its client disconnects or the server closes. Anything else is an error of the emulator.
      if (signal.aborted || response.destroyed) return;
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' });
      response.end(`The emulator failed: ${error instanceof Error ? error.stack : String(error)}`);
    });
  };
  const server: Server = tls ? createTlsServer(tls, handler) : createServer(handler);
  server.on('connection', socket => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await start(server, wanted);
  const { port } = server.address() as AddressInfo;

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers, rawHeaders } = incoming;
    const [path = '', query] = url.split('?', 2);
    const route = findRoute(method, path);
    const name: Route['name'] = route.name;
    const request: RecordedRequest<Route['name']> = {
      method,
      path: url,
      route: name,
      headers,
      rawHeaders,
      body: '',
      receivedAt: Date.now(),
      status: undefined,
      applied: false,
    };
    requests.push(request);
    request.body = await text(incoming);
    const { body } = request;
    const content = { method, path, headers, query: new URLSearchParams(query), body };
    inspect?.(route, content, request);
    try {
      await watch?.('arrived', request);
      await carryOut(route, content, request, response);
    } finally {
      await watch?.('over', request);
    }
  }

  async function carryOut(
    route: Route,
    content: HttpRequest,
    request: RecordedRequest<Route['name']>,
    response: ServerResponse,
  ): Promise<void> {
    const { method, body } = content;
    const mishap = takeFault({ method, path: request.path, body, route: request.route });
    if (mishap?.kind === 'delay' && mishap.when === 'before') await sleep(mishap.ms, undefined, { signal });
    if (response.destroyed && !watch) return;
    let answer = empty(200);
    if (!mishap || isApplied(mishap)) {
      const outcome = await perform(route, content);
      request.applied = outcome.applied;
      answer = outcome.answer;
    }
    if (mishap) answer = substitute(mishap) ?? answer;
    if (latencyMs) await sleep(latencyMs, undefined, { signal });
    const onHead = (status: number) => {
      request.status = status;
    };
    const headers = { date: new Date(clock.now()).toUTCString(), ...answer.headers };
    await deliver(response, { ...answer, headers }, mishap, signal, onHead, watch && (() => watch('head', request)));
    if (watch && response.writableEnded) {
      if (!response.closed) await once(response, 'close');
      await watch('body', request);
    }
    if (mishap?.kind === 'close') await shut(response, mishap.forMs);
  }

  /** Stops listening, ends every connection after the response, and listens again after `forMs`, if given. */
  async function shut(response: ServerResponse, forMs: number | undefined): Promise<void> {
    server.close();
    if (!response.writableFinished) await new Promise(resolve => response.once('close', resolve));
    for (const socket of sockets) socket.destroySoon();
    if (forMs === undefined) return;
    await sleep(forMs, undefined, { signal });
    await start(server, port);
  }

  return {
    baseUrl: `${tls ? 'https' : 'http'}://${host}:${port}`,
    close: async () => {
      closing.abort();
      const closed = server.listening ? new Promise(resolve => server.close(resolve)) : undefined;
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function start(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}
