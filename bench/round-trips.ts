/** A latency for servers, in milliseconds. It is long enough for simultaneous requests to overlap on a busy machine. */
export const OVERLAPPING_MS = 100;

/** A timer can fire early by less than this, and times are recorded in whole milliseconds. */
const GRAIN_MS = 2;

/**
 * The round trips on the critical path: the length of the longest chain of requests that each arrived after the one
 * before was answered. Simultaneous requests count once.
 *
 * @param received when each request arrived, in milliseconds, at any server.
 * @param latencyMs the delay of every response, which is long enough for simultaneous requests to overlap.
 */
export function roundTrips(received: readonly number[], latencyMs: number): number {
  let chain = 0;
  let answered = Number.NEGATIVE_INFINITY;
  for (const at of received.toSorted((one, other) => one - other)) {
    if (at < answered) continue;
    chain += 1;
    answered = at + latencyMs - GRAIN_MS;
  }
  return chain;
}
