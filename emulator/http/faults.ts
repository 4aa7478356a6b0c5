import type { Answer } from './answer.ts';
import { html, json } from './answer.ts';

/** The requests that a fault is for: those of a route, or those that match every given member. Default: all. */
export type Target<RouteName extends string> =
  | RouteName
  | { method?: string; path?: RouteName | RegExp; body?: RegExp };

/**
 * What goes wrong. `apply`: whether the request takes effect, because a proxy can fail after the server behind it has
 * done its work. The real response is then lost.
 */
export type Mishap =
  /** This response instead of the real one. A body that is not text is sent as JSON. `apply`: default false. */
  | { kind: 'answer'; status: number; headers?: Record<string, string>; body?: unknown; apply?: boolean }
  /** The real response, late. `when` it waits: after the request took effect (default) or before. */
  | { kind: 'delay'; ms: number; when?: 'before' | 'after' }
  /** No response, and the connection stays open. `apply`: default false. */
  | { kind: 'stall'; apply?: boolean }
  /** The head of the real response, and never its body. */
  | { kind: 'stall-after-head' }
  /** The connection is reset instead of a response. `apply`: default false. */
  | { kind: 'reset'; apply?: boolean }
  /** The head and a number of bytes of the real response's body (default: half of it), then the connection is reset. */
  | { kind: 'truncate'; bytes?: number }
  /** The real response, a number of bytes (default 1) at a time. */
  | { kind: 'trickle'; bytes?: number; everyMs: number }
  /** An HTML page with this status (default 200). `apply`: default false. */
  | { kind: 'html'; status?: number; apply?: boolean }
  /** 429 or 503. `retryAfter`: a number of seconds, a Date for an HTTP date, or any text. Default: no header. */
  | { kind: 'throttle'; retryAfter?: number | Date | string; status?: 429 | 503 }
  /** A redirect, by default 307, which repeats the body. */
  | { kind: 'redirect'; location: string; status?: number }
  /** JSON with a number of bytes (default: 1 MiB and one). `declared`: with its length (default), or in chunks. */
  | { kind: 'oversize'; bytes?: number; declared?: boolean; status?: number; apply?: boolean }
  /** A response without a body, by default 200. `apply`: default true. */
  | { kind: 'empty'; status?: number; apply?: boolean }
  /** JSON with other content than requested, by default 200. `apply`: default true. */
  | { kind: 'wrong-shape'; body?: unknown; status?: number; apply?: boolean }
  /**
   * The real response, and then the server stops listening: all further connections are refused, for good or for
   * `forMs`.
   */
  | { kind: 'close'; forMs?: number };

/**
 * A mishap for the requests that it is `on` (default: all), after `skip` of them (default 0), for a number of `times`.
 */
export interface RouteFault<RouteName extends string> {
  on?: Target<RouteName>;
  skip?: number;
  times?: number;
  mishap: Mishap;
}

/** The properties of a request that faults are matched with. */
export interface FaultySubject<RouteName extends string> {
  route: RouteName;
  method: string;
  path: string;
  body: string;
}

/** The active faults. If several match a request, the first one that was added applies. */
export interface Faults<Fault> {
  add(fault: Fault): void;
  clear(): void;
}

/** Creates a list of faults. `take` returns the mishap of a request, and counts it. */
export function openFaults<RouteName extends string>(): Faults<RouteFault<RouteName>> & {
  take(subject: FaultySubject<RouteName>): Mishap | undefined;
} {
  let set: { fault: RouteFault<RouteName>; skip: number; times: number }[] = [];
  return {
    add: fault => void set.push({ fault, skip: fault.skip ?? 0, times: fault.times ?? Number.POSITIVE_INFINITY }),
    clear: () => {
      set = [];
    },
    take: subject => {
      for (const entry of set) {
        if (entry.times <= 0 || !fits(entry.fault.on, subject)) continue;
        if (entry.skip > 0) {
          entry.skip -= 1;
          continue;
        }
        entry.times -= 1;
        return entry.fault.mishap;
      }
      return undefined;
    },
  };
}

function fits<RouteName extends string>(
  target: Target<RouteName> | undefined,
  { route, method, path, body }: FaultySubject<RouteName>,
): boolean {
  if (target === undefined) return true;
  if (typeof target === 'string') return target === route;
  if (target.method !== undefined && target.method !== method) return false;
  if (target.body && !target.body.test(body)) return false;
  if (target.path === undefined) return true;
  return typeof target.path === 'string' ? target.path === route : target.path.test(path);
}

/** Whether the request takes effect. */
export function isApplied(mishap: Mishap): boolean {
  switch (mishap.kind) {
    case 'answer':
    case 'stall':
    case 'reset':
    case 'html':
      return mishap.apply ?? false;
    case 'oversize':
    case 'empty':
    case 'wrong-shape':
      return mishap.apply ?? true;
    case 'throttle':
    case 'redirect':
      return false;
    case 'delay':
    case 'stall-after-head':
    case 'truncate':
    case 'trickle':
    case 'close':
      return true;
  }
}

/** The response that is sent instead of the real one, or undefined if the real one is sent, if any. */
export function substitute(mishap: Mishap): Answer | undefined {
  switch (mishap.kind) {
    case 'answer': {
      const { status, headers = {}, body = '' } = mishap;
      if (typeof body === 'string') return { status, headers, body };
      const answer = json(status, body);
      return { ...answer, headers: { ...answer.headers, ...headers } };
    }
    case 'html':
      return html(mishap.status ?? 200, 'Please sign in to the proxy');
    case 'throttle': {
      const { retryAfter, status = 429 } = mishap;
      const value = retryAfter instanceof Date ? retryAfter.toUTCString() : retryAfter;
      return { status, headers: value === undefined ? {} : { 'retry-after': String(value) }, body: '' };
    }
    case 'redirect':
      return { status: mishap.status ?? 307, headers: { location: mishap.location }, body: '' };
    case 'oversize': {
      const { bytes = 1024 * 1024 + 1, status = 200 } = mishap;
      return json(status, { padding: 'x'.repeat(bytes - '{"padding":""}'.length) });
    }
    case 'empty':
      return { status: mishap.status ?? 200, headers: {}, body: '' };
    case 'wrong-shape':
      return json(mishap.status ?? 200, mishap.body ?? { unexpected: ['shape'] });
    default:
      return undefined;
  }
}
