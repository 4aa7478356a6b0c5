import type { Log, WarningTopic } from '../../model/log.ts';
import type { Secret } from '../../model/secret.ts';
import type { EndedClient } from './record.ts';

/** GitHub shows ten warnings of a step: these, one that counts the rest, and one about outputs that are too small. */
const MAX_WARNINGS = 8;

/** Decides which warnings of the clients are annotations. All of them are in the log. */
export class Warnings {
  readonly #left: { ofAny: number; ofFailed: number };
  #further = 0;

  /** @param before how many of them the step has already, about its inputs. */
  constructor(before: number) {
    const left = Math.max(0, MAX_WARNINGS - before);
    this.#left = { ofAny: Math.ceil(left / 2), ofFailed: Math.floor(left / 2) };
  }

  /** Whether a warning gets an annotation. @param hasFailed whether its client failed: then it needs a person sooner. */
  isShown(hasFailed: boolean): boolean {
    const kind = this.#left.ofAny === 0 && hasFailed ? 'ofFailed' : 'ofAny';
    if (this.#left[kind] > 0) {
      this.#left[kind] -= 1;
      return true;
    }
    this.#further += 1;
    return false;
  }

  /** Counts the warnings without an annotation, if there are any. */
  reportRest(log: Log): void {
    if (this.#further > 0) {
      const what = this.#further === 1 ? 'warning is' : 'warnings are';
      log.warning(`${this.#further} more ${what} in the log, each in the group of its client.`);
    }
  }
}

interface Line {
  readonly isWarning: boolean;
  readonly text: string;
  readonly topic?: WarningTopic | undefined;
}

/** The lines of one client of a fleet. They are printed together when the client ends, because clients run at once. */
export class ClientLog implements Log {
  readonly #log: Log;
  readonly #lines: Line[] = [];
  /** The secrets that were masked for this client. */
  readonly #secrets: Secret[] = [];

  constructor(log: Log) {
    this.#log = log;
  }

  info(text: string): void {
    this.#lines.push({ isWarning: false, text });
  }

  infoAtOnce(line: string): void {
    this.#log.info(line);
  }

  warning(text: string, topic?: WarningTopic): void {
    this.#lines.push({ isWarning: true, text, topic });
  }

  debug(line: string): void {
    this.#log.debug(line);
  }

  group(title: string, print: () => void): void {
    this.info(title);
    print();
  }

  redact(text: string): string {
    return this.#log.redact(text);
  }

  redactValue(value: string): string {
    return this.#log.redactValue(value);
  }

  maskSecret(secret: Secret): void {
    this.#log.maskSecret(secret);
    this.#secrets.push(secret);
  }

  retireSecret(secret: Secret): void {
    this.#log.retireSecret(secret);
  }

  /**
   * Retires the secrets of this client, after everything about it is printed.
   *
   * @param isShared whether other clients still use a secret that was masked meanwhile.
   */
  end(isShared: (secret: Secret) => boolean): void {
    for (const secret of this.#secrets.filter(one => !isShared(one))) {
      this.#log.retireSecret(secret);
    }
  }

  /** Prints all lines: as a group, or on one line if nothing happened. */
  print({ clientId, state, failure }: EndedClient, verdict: string, warnings: Warnings): void {
    if (state === 'unchanged' && !this.#lines.some(({ isWarning }) => isWarning)) {
      this.#log.info([`${clientId}: ${verdict}.`, ...this.#lines.map(({ text }) => text)].join(' '));
      return;
    }
    this.#log.group(`${clientId}: ${verdict}`, () => {
      for (const { isWarning, text, topic } of this.#lines) {
        if (isWarning && warnings.isShown(failure !== undefined)) {
          this.#log.warning(text.includes(`"${clientId}"`) ? text : `Client "${clientId}": ${text}`, topic);
        } else {
          this.#log.info(isWarning ? `Warning: ${text}` : text);
        }
      }
    });
  }
}
