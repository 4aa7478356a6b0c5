const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const HOUR = 60 * 60_000;

/** A nearer time than this is told in hours, in milliseconds. */
const NEAR = 48 * HOUR;

/** A date for people, in UTC: `23 May 2027`. */
export function dateText(time: Date): string {
  return `${time.getUTCDate()} ${MONTHS[time.getUTCMonth()]} ${time.getUTCFullYear()}`;
}

/** A date and a time of day for people: `23 May 2027, 09:05 UTC`. */
export function minuteText(time: Date): string {
  const [hours, minutes] = [time.getUTCHours(), time.getUTCMinutes()].map(part => String(part).padStart(2, '0'));
  return `${dateText(time)}, ${hours}:${minutes} UTC`;
}

/** How far away a time is: `180 days`, `5 hours`, `less than 1 hour`. */
export function distanceText(time: Date, now: Date): string {
  const distance = Math.abs(time.getTime() - now.getTime());
  if (distance < HOUR) {
    return 'less than 1 hour';
  }
  return distance < NEAR
    ? countText(Math.round(distance / HOUR), 'hour')
    : countText(Math.round(distance / (24 * HOUR)), 'day');
}

/** The same with its direction: `in 180 days`, `5 hours ago`. */
export function directionText(time: Date, now: Date): string {
  const distance = distanceText(time, now);
  return time > now ? `in ${distance}` : `${distance} ago`;
}

/** A time for people: `23 May 2027 (in 180 days)`. A relative time alone goes stale. A near one has its time of day. */
export function timeText(time: Date, now: Date): string {
  return `${isNear(time, now) ? minuteText(time) : dateText(time)} (${directionText(time, now)})`;
}

function isNear(time: Date, now: Date): boolean {
  return Math.abs(time.getTime() - now.getTime()) < NEAR;
}

/** A time as servers and this action write it, with the word before it. */
const ISO_TIME =
  /(?<![\w+-])(at )?[+-]?\d{4,6}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)(?!\w)/gu;

/** The text with each time in it as `timeText` writes it. */
export function withTimeTexts(text: string, now: Date): string {
  return text.replace(ISO_TIME, (found, at = '') => {
    const time = new Date(found.slice(at.length));
    if (Number.isNaN(time.getTime())) {
      return found;
    }
    return `${at && (isNear(time, now) ? 'at ' : 'on ')}${timeText(time, now)}`;
  });
}

/** A number of things in words: `1 secret`, `2 secrets`. */
export function countText(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
