/** The oldest form of an HTTP date, which names no zone and means GMT (RFC 9110, 5.6.7). */
const ASCTIME = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/u;

/**
 * Reads a Retry-After header (RFC 9110, 10.2.3).
 *
 * @param value seconds, or an HTTP date.
 * @param now the time of the answer in milliseconds since 1970, as its `Date` header tells it where it has one.
 * @returns milliseconds to wait, or undefined where the header says nothing usable.
 */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  const text = value?.trim() ?? '';
  if (/^\d+$/u.test(text)) {
    return Number(text) * 1000;
  }
  const date = parseHttpDate(text);
  return date === undefined ? undefined : Math.max(0, date - now);
}

/** Reads an HTTP date (RFC 9110, 5.6.7): milliseconds since 1970, or undefined where it is none. */
export function parseHttpDate(value: string | undefined): number | undefined {
  const text = value?.trim() ?? '';
  const date = Date.parse(ASCTIME.test(text) ? `${text} GMT` : /GMT$/u.test(text) ? text : '');
  return Number.isNaN(date) ? undefined : date;
}
