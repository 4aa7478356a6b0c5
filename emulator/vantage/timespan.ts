const TIMESPAN = /^(-?)(?:(\d{1,8})\.)?([01]?\d|2[0-3]):([0-5]?\d):([0-5]?\d)(?:\.0{1,7})?$/;

/** The seconds of a .NET time span such as `1.00:00:00` or `08:30:00`, or undefined if it is invalid. */
export function parseTimespan(text: string): number | undefined {
  const match = TIMESPAN.exec(text);
  if (!match) return undefined;
  const [, sign, days, hours, minutes, seconds] = match;
  const total = Number(days ?? 0) * 86_400 + Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return sign ? -total : total;
}

/** Seconds as a .NET time span: `1.00:00:00`, or `08:30:00` if it is less than a day. */
export function formatTimespan(seconds: number): string {
  const days = Math.floor(seconds / 86_400);
  const clock = [(seconds % 86_400) / 3600, (seconds % 3600) / 60, seconds % 60]
    .map(part => String(Math.floor(part)).padStart(2, '0'))
    .join(':');
  return days ? `${days}.${clock}` : clock;
}

/** The seconds of an ISO 8601 duration in days, hours, minutes and seconds, or undefined if it is invalid. */
export function parseIsoDuration(text: string): number | undefined {
  const match = /^P(?=.)(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(text);
  if (!match) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map(part => Number(part ?? 0));
  return days * 86_400 + hours * 3600 + minutes * 60 + seconds;
}

/** Seconds as an ISO 8601 duration: in hours if they are whole, otherwise in seconds. */
export function formatIsoDuration(seconds: number): string {
  return seconds % 3600 === 0 ? `PT${seconds / 3600}H` : `PT${seconds}S`;
}
