/** The option that makes the clock of a Node process show this time, and run on from there. */
export const clockAt = (now: number): string => clockAhead(now - Date.now());

/** The option that makes the clock of a Node process show a time that is ahead of what it really is. */
export function clockAhead(milliseconds: number): string {
  const script = `
    const offset = ${milliseconds};
    const { now } = Date;
    globalThis.Date = class Date extends globalThis.Date {
      constructor(...given) { given.length > 0 ? super(...given) : super(now() + offset); }
      static now() { return now() + offset; }
    };`;
  return `--import data:text/javascript,${encodeURIComponent(script)}`;
}
