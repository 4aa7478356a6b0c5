import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** What a server in a process of its own answers to, by the name of the question. */
export type Answers = Readonly<Record<string, () => unknown>>;

/** A server in a process of its own, so that its work does not count as the action's. */
export class ServerProcess {
  readonly #child: ChildProcess;

  /** @param script in this directory, with `answerParent` in it. @param options for it, as JSON can hold them. */
  constructor(script: string, options: unknown) {
    this.#child = fork(join(import.meta.dirname, script), [JSON.stringify(options)]);
  }

  /** One question at a time: the answers carry nothing that tells them apart. */
  async ask<Answer>(question: string): Promise<Answer> {
    const answered = new AbortController();
    const answer = once(this.#child, 'message', { signal: answered.signal });
    const gone = once(this.#child, 'exit', { signal: answered.signal }).then(() => {
      throw new Error('The server stopped.');
    });
    this.#child.send(question);
    try {
      const [value] = (await Promise.race([answer, gone])) as [Answer];
      return value;
    } finally {
      answered.abort();
    }
  }

  stop(): void {
    this.#child.disconnect();
  }
}

/** The other half: answers the parent's questions until it lets go. */
export function answerParent(answers: Answers, close: () => Promise<void>): void {
  process.on('message', async (question: string) => process.send?.(await answers[question]?.()));
  process.on('disconnect', close);
}

/** The options that the parent gave. */
export function optionsOfParent<Options>(): Options {
  return JSON.parse(process.argv[2] ?? '{}');
}
