import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** The questions that a server in its own process answers, by name. */
export type Answers = Readonly<Record<string, () => unknown>>;

/** A server that runs in its own process, and what it says of itself. */
interface Started<Facts> {
  readonly child: ChildProcess;
  readonly facts: Facts;
}

/**
 * Starts a server in its own process.
 *
 * @param script a file in this directory that calls `answerParent`.
 * @param options the options of the server. They are passed as JSON.
 */
export async function startServer<Facts>(script: string, options: unknown): Promise<Started<Facts>> {
  // In a file, because a thousand clients are too long for an argument.
  const file = join(mkdtempSync(join(tmpdir(), 'bench-')), 'options.json');
  writeFileSync(file, JSON.stringify(options));
  const child = fork(join(import.meta.dirname, script), [file]);
  return { child, facts: await ask<Facts>(child, 'facts') };
}

/** A server in its own process, so that its work does not count as work of the action. */
export abstract class ServerProcess<Facts> {
  readonly facts: Facts;
  readonly #child: ChildProcess;

  constructor({ child, facts }: Started<Facts>) {
    this.#child = child;
    this.facts = facts;
  }

  /** When each request since the last call arrived, in milliseconds. */
  requests(): Promise<number[]> {
    return this.ask('requests');
  }

  /** The processor time that the server has used so far, in milliseconds. */
  processorTime(): Promise<number> {
    return this.ask('processorTime');
  }

  stop(): void {
    this.#child.disconnect();
  }

  protected ask<Answer>(question: string): Promise<Answer> {
    return ask(this.#child, question);
  }
}

/** One question at a time, because answers do not say which question they belong to. */
async function ask<Answer>(child: ChildProcess, question: string): Promise<Answer> {
  const answered = new AbortController();
  const answer = once(child, 'message', { signal: answered.signal });
  const exited = once(child, 'exit', { signal: answered.signal }).then(() => {
    throw new Error('The server stopped.');
  });
  child.send(question);
  try {
    const [value] = (await Promise.race([answer, exited])) as [Answer];
    return value;
  } finally {
    answered.abort();
  }
}

/**
 * The server side: answers the parent's questions until the parent disconnects.
 *
 * @param further the questions that only this server answers.
 */
export function answerParent<Facts>(
  { requests, close }: { readonly requests: { receivedAt: number }[]; readonly close: () => Promise<void> },
  facts: Facts,
  further: Answers = {},
): void {
  const answers: Answers = {
    facts: () => facts,
    requests: () => requests.splice(0).map(({ receivedAt }) => receivedAt),
    processorTime,
    ...further,
  };
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
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
