import { AsyncLocalStorage } from 'node:async_hooks';
import type { Log, WarningTopic } from '../model/log.ts';
import type { Secret } from '../model/secret.ts';

/**
 * A log that can lend its lines to another log. Code that several pieces of work share, such as a connection, gets this log
 * once, and what it logs during one piece of work still goes to the log of that piece.
 */
export class ScopedLog implements Log {
  readonly #outer: Log;
  readonly #scope = new AsyncLocalStorage<Log>();

  /** @param outer gets everything that is logged outside of `within`. */
  constructor(outer: Log) {
    this.#outer = outer;
  }

  /**
   * Does work whose lines go to another log, however deep in the work they come from.
   *
   * @param open makes that log. It gets the log below this one.
   */
  within<Inner extends Log, Result>(
    open: (outer: Log) => Inner,
    work: (inner: Inner) => Promise<Result>,
  ): Promise<Result> {
    const inner = open(this.#outer);
    return this.#scope.run(inner, () => work(inner));
  }

  info(line: string): void {
    this.#log.info(line);
  }

  infoAtOnce(line: string): void {
    this.#log.infoAtOnce(line);
  }

  warning(line: string, topic?: WarningTopic): void {
    this.#log.warning(line, topic);
  }

  debug(line: string): void {
    this.#log.debug(line);
  }

  group(title: string, print: () => void): void {
    this.#log.group(title, print);
  }

  redact(text: string): string {
    return this.#log.redact(text);
  }

  redactValue(value: string): string {
    return this.#log.redactValue(value);
  }

  maskSecret(secret: Secret): void {
    this.#log.maskSecret(secret);
  }

  retireSecret(secret: Secret): void {
    this.#log.retireSecret(secret);
  }

  get #log(): Log {
    return this.#scope.getStore() ?? this.#outer;
  }
}
