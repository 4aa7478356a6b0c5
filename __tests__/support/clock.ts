/** The option that makes the clock of a Node process show this time, and run on from there. */
export function clockAt(now: number): string {
  const script = `
    const offset = ${now - Date.now()};
    const { now } = Date;
    globalThis.Date = class Date extends globalThis.Date {
      constructor(...given) { given.length > 0 ? super(...given) : super(now() + offset); }
      static now() { return now() + offset; }
    };`;
  return `--import data:text/javascript,${encodeURIComponent(script)}`;
}
