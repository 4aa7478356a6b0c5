import { AsyncLocalStorage } from 'node:async_hooks';
import type { Log } from '../model/log.ts';

/**
 * Opens a log that can lend its lines to another log. Code that several pieces of work share, such as a connection, gets this
 * log once, and what it logs during one piece of work still goes to the log of that piece.
 *
 * @param outer gets everything that is logged outside of `within`.
 */
export function openScopedLog(outer: Log) {
  const scope = new AsyncLocalStorage<Log>();
  const current = () => scope.getStore() ?? outer;
  const log: Log = {
    info: line => current().info(line),
    infoAtOnce: line => current().infoAtOnce(line),
    warning: (line, topic) => current().warning(line, topic),
    debug: line => current().debug(line),
    group: (title, print) => current().group(title, print),
    redact: text => current().redact(text),
    redactValue: value => current().redactValue(value),
    maskSecret: secret => current().maskSecret(secret),
    retireSecret: secret => current().retireSecret(secret),
  };
  /** Does work whose lines go to the log that `open` makes, however deep in the work they come from. */
  const within = <Inner extends Log, Result>(
    open: (outer: Log) => Inner,
    work: (inner: Inner) => Promise<Result>,
  ): Promise<Result> => {
    const inner = open(outer);
    return scope.run(inner, () => work(inner));
  };
  return { log, within };
}
