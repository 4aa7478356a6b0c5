/** A latency for servers, in milliseconds, that is long enough for requests sent together to overlap on a busy machine. */
export const OVERLAPPING_MS = 100;

/** A timer may fire early by less than this, and times are noted in whole milliseconds. */
const GRAIN_MS = 2;

/**
 * The round trips on the critical path: the longest chain of requests of which each came after the one before it was
 * answered. Requests under way together count once.
 *
 * @param received when each request was received, in milliseconds, by whichever server.
 * @param latencyMs how long every answer takes: so long that requests sent together surely overlap.
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
