import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The questions that a server in its own process answers, by name. */
export type Answers = Readonly<Record<string, () => unknown>>;

/** A server in its own process, so that its work does not count as work of the action. */
export class ServerProcess {
  readonly #child: ChildProcess;

  /**
   * @param script a file in this directory that calls `answerParent`.
   * @param options the options of the server. They are passed as JSON.
   */
  constructor(script: string, options: unknown) {
    // In a file, because a thousand clients are too long for an argument.
    const file = join(mkdtempSync(join(tmpdir(), 'bench-')), 'options.json');
    writeFileSync(file, JSON.stringify(options));
    this.#child = fork(join(import.meta.dirname, script), [file]);
  }

  /** One question at a time, because answers do not say which question they belong to. */
  async ask<Answer>(question: string): Promise<Answer> {
    const answered = new AbortController();
    const answer = once(this.#child, 'message', { signal: answered.signal });
    const exited = once(this.#child, 'exit', { signal: answered.signal }).then(() => {
      throw new Error('The server stopped.');
    });
    this.#child.send(question);
    try {
      const [value] = (await Promise.race([answer, exited])) as [Answer];
      return value;
    } finally {
      answered.abort();
    }
  }

  stop(): void {
    this.#child.disconnect();
  }
}

/** The server side: answers the parent's questions until the parent disconnects. */
export function answerParent(answers: Answers, close: () => Promise<void>): void {
  process.on('message', async (question: string) => process.send?.(await answers[question]?.()));
  process.on('disconnect', close);
}

/** The options from the parent. */
export function optionsOfParent<Options>(): Options {
  const file = process.argv[2] ?? '';
  const options = JSON.parse(readFileSync(file, 'utf8'));
  rmSync(dirname(file), { recursive: true });
  return options;
}

/** The processor time of this process so far, in milliseconds. */
export function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
