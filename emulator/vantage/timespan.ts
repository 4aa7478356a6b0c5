const TIMESPAN = /^(-?)(?:(\d{1,8})\.)?([01]?\d|2[0-3]):([0-5]?\d):([0-5]?\d)$/;

/** The seconds of a .NET time span such as `1.00:00:00` or `08:30:00`, or undefined where it is none. */
export function parseTimespan(text: string): number | undefined {
  const match = TIMESPAN.exec(text);
  if (!match) return undefined;
  const [, sign, days, hours, minutes, seconds] = match;
  const total = Number(days ?? 0) * 86_400 + Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return sign ? -total : total;
}

/** So many seconds as .NET writes a time span: `1.00:00:00`, or `08:30:00` where it is less than a day. */
export function formatTimespan(seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  const clock = [(seconds % 86_400) / 3600, (seconds % 3600) / 60, seconds % 60]
    .map(part => String(Math.floor(part)).padStart(2, '0'))
    .join(':');
  return days ? `${days}.${clock}` : clock;
}
