/** The clock of a server. A test can set it, and it continues at the speed of the real one. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Sets the time, in milliseconds since 1970. */
  set(ms: number): void;
  /** Moves the time by so many milliseconds. */
  advance(ms: number): void;
}

/** A clock that starts at `start` (milliseconds since 1970, default: the real time). */
export function startClock(start: number = Date.now()): Clock {
  let offset = start - Date.now();
  return {
    now: () => Date.now() + offset,
    set: ms => {
      offset = ms - Date.now();
    },
    advance: ms => {
      offset += ms;
    },
  };
}
