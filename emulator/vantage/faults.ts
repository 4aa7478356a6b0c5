import * as http from '../http/faults.ts';
import type { RouteName } from './routes.ts';
import type { Lateness } from './secret-cache.ts';

/** Which requests a fault is for: those of a route, or those that fit every member given. Left out: all. */
export type Target = http.Target<RouteName>;

/** A mishap to the requests it is `on` (default: all), after `skip` of them passed (default 0), so many `times`. */
export type RouteFault = http.RouteFault<RouteName>;

/** The token endpoint hears late of secrets that are minted from now on. */
export type LateTokenStore = { kind: 'late-token-store' } & Lateness;

export type Fault = RouteFault | LateTokenStore;

/** The faults that are set. Of several that fit a request, the one added first has it. */
export type Faults = http.Faults<Fault>;

/** Opens a list of faults; `take` gives the mishap that a request meets, and counts it. */
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
