import { distanceText } from '../../model/dates.ts';
import { type Duration, later } from '../../model/time.ts';

/** How far an audit looks ahead, in words: `30 days`. */
export function withinText(expiringWithin: Duration, now: Date): string {
  return distanceText(later(now, expiringWithin), now);
}
