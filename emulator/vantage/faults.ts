import * as http from '../http/faults.ts';
import type { RouteName } from './routes.ts';
import type { Lateness } from './secret-cache.ts';

/** The requests that a fault is for: those of a route, or those that match every given member. Default: all. */
export type Target = http.Target<RouteName>;

/**
 * A mishap for the requests that it is `on` (default: all), after `skip` of them (default 0), for a number of `times`.
 */
export type RouteFault = http.RouteFault<RouteName>;

/** The token endpoint learns late of secrets that are created from now on. */
export type LateTokenStore = { kind: 'late-token-store' } & Lateness;

export type Fault = RouteFault | LateTokenStore;

/** The active faults. If several match a request, the first one that was added applies. */
export type Faults = http.Faults<Fault>;

/** Creates a list of faults. `take` returns the mishap of a request, and counts it. */
export function openFaults(setLateness: (lateness: Lateness | undefined) => void): Faults & {
  take(subject: http.FaultySubject<RouteName>): http.Mishap | undefined;
} {
  const { add, clear, take } = http.openFaults<RouteName>();
  return {
    take,
    add: fault => {
      if ('kind' in fault) setLateness(fault);
      else add(fault);
    },
    clear: () => {
      clear();
      setLateness(undefined);
    },
  };
}
