import type { ErrorCode } from './failure.ts';
import type { Secret } from './secret.ts';

/** What a warning is about: the code of an error that does not fail the step, or a word of its own. */
export type WarningTopic =
  | ErrorCode
  | 'inputs'
  | 'outputs'
  | 'settings differ'
  | 'targets'
  | 'expiration'
  | 'secret to delete'
  | 'superseded secrets'
  | 'clients kept'
  | 'audit';

/** What the working parts of the action may say, and the one thing that they must: that a value is a secret. */
export interface Log {
  info(line: string): void;
  /** A line that must be in the log before anything else happens, even if the step is killed right after it. */
  infoAtOnce(line: string): void;
  /** A line that a user should act on. @param topic what it is about, for the title of its annotation. */
  warning(line: string, topic?: WarningTopic): void;
  debug(line: string): void;
  /** Prints what `print` logs as one group, which the page of a run shows folded. A group cannot contain another one. */
  group(title: string, print: () => void): void;
  /**
   * Hides every known secret in a text. To be called on what others wrote before it is cut, folded or escaped: what is
   * left of a secret after that is not found again.
   */
  redact(text: string): string;
  /** Hides every known secret in a value that other programs read: an id that holds a short one by chance stays right. */
  redactValue(value: string): string;
  /** Masks a secret in the log of the whole job, from the next line on. To be called before anything awaits. */
  maskSecret(secret: Secret): void;
  /** Notes that nothing uses a masked secret any more, so that it takes less memory and time to hide it. */
  retireSecret(secret: Secret): void;
}
