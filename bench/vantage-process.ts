import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Vantage, VantageOptions } from '../emulator/vantage/index.ts';

export type Question = 'facts' | 'accessToken' | 'requests';
export type Facts = Pick<Vantage, 'baseUrl' | 'tenantId' | 'administrator'>;

/** An embedded Vantage in a process of its own, so that its work does not count as the action's. */
export class VantageProcess {
  readonly #child: ChildProcess;
  readonly facts: Facts;

  private constructor(child: ChildProcess, facts: Facts) {
    this.#child = child;
    this.facts = facts;
  }

  static async start(options: VantageOptions): Promise<VantageProcess> {
    const child = fork(join(import.meta.dirname, 'vantage-server.ts'), [JSON.stringify(options)]);
    return new VantageProcess(child, await ask<Facts>(child, 'facts'));
  }

  /** A token of the administrator's, new each time. */
  accessToken(): Promise<string> {
    return ask(this.#child, 'accessToken');
  }

  /** When each request since the last call of this came, in milliseconds. */
  requests(): Promise<number[]> {
    return ask(this.#child, 'requests');
  }

  stop(): void {
    this.#child.disconnect();
  }
}

/** One question at a time: the answers carry nothing that tells them apart. */
async function ask<Answer>(child: ChildProcess, question: Question): Promise<Answer> {
  const answered = new AbortController();
  const answer = once(child, 'message', { signal: answered.signal });
  const gone = once(child, 'exit', { signal: answered.signal }).then(() => {
    throw new Error('The embedded Vantage stopped.');
  });
  child.send(question);
  try {
    const [value] = (await Promise.race([answer, gone])) as [Answer];
    return value;
  } finally {
    answered.abort();
  }
}
