import type { Answer } from './answer.ts';
import { html, json } from './answer.ts';

/** Which requests a fault is for: those of a route, or those that fit every member given. Left out: all. */
export type Target<RouteName extends string> =
  | RouteName
  | { method?: string; path?: RouteName | RegExp; body?: RegExp };

/**
 * What goes wrong. `apply` says whether the request is carried out all the same, as a proxy may fail after the server
 * behind it has done its work; what is sent in place of the true answer then loses it.
 */
export type Mishap =
  /** This answer in place of the true one. A body that is no text is sent as JSON. `apply`: default false. */
  | { kind: 'answer'; status: number; headers?: Record<string, string>; body?: unknown; apply?: boolean }
  /** The true answer, late. `when` it waits: after carrying the request out (default) or before. */
  | { kind: 'delay'; ms: number; when?: 'before' | 'after' }
  /** No answer, and the connection left open. `apply`: default false. */
  | { kind: 'stall'; apply?: boolean }
  /** The head of the true answer, and never its body. */
  | { kind: 'stall-after-head' }
  /** The connection is reset in place of an answer. `apply`: default false. */
  | { kind: 'reset'; apply?: boolean }
  /** The head and so many bytes of the true answer's body (default: half of it), then the connection is cut. */
  | { kind: 'truncate'; bytes?: number }
  /** The true answer, so many bytes (default 1) at a time. */
  | { kind: 'trickle'; bytes?: number; everyMs: number }
  /** A page of HTML with this status (default 200). `apply`: default false. */
  | { kind: 'html'; status?: number; apply?: boolean }
  /** 429, or 503. `retryAfter`: a number of seconds, a Date as an HTTP date, or any text; left out, no header. */
  | { kind: 'throttle'; retryAfter?: number | Date | string; status?: 429 | 503 }
  /** A redirect, by default 307: that one re-sends the body. */
  | { kind: 'redirect'; location: string; status?: number }
  /** JSON of so many bytes (default: 1 MiB and one). `declared`: with its length (default), or in chunks. */
  | { kind: 'oversize'; bytes?: number; declared?: boolean; status?: number; apply?: boolean }
  /** An answer without a body, by default 200. `apply`: default true. */
  | { kind: 'empty'; status?: number; apply?: boolean }
  /** JSON that is not what was asked for, by default 200. `apply`: default true. */
  | { kind: 'wrong-shape'; body?: unknown; status?: number; apply?: boolean }
  /** The true answer, and then nobody listens any more: all further connections are refused, for good or `forMs`. */
  | { kind: 'close'; forMs?: number };

/** A mishap to the requests it is `on` (default: all), after `skip` of them passed (default 0), so many `times`. */
export interface RouteFault<RouteName extends string> {
  on?: Target<RouteName>;
  skip?: number;
  times?: number;
  mishap: Mishap;
}

/** What a target is compared with. */
export interface FaultySubject<RouteName extends string> {
  route: RouteName;
  method: string;
  path: string;
  body: string;
}

/** The faults that are set. Of several that fit a request, the one added first has it. */
export interface Faults<Fault> {
  add(fault: Fault): void;
  clear(): void;
}

/** Opens a list of faults; `take` gives the mishap that a request meets, and counts it. */
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

/** Whether the request is carried out. */
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

/** The answer that is sent in place of the true one, or undefined where the true one is sent, if any. */
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
