/** Threads that work on tasks at once, so that all cores are used: the servers of a task take as much time as its runs. */
import { availableParallelism } from 'node:os';
import { parentPort, Worker } from 'node:worker_threads';
import { messageOf } from '../src/model/failure.ts';

interface Request<Task> {
  readonly id: number;
  readonly task: Task;
}

/** What a thread answers. An error arrives without its class. */
type Reply<Result> = { readonly id: number } & ({ readonly result: Result } | { readonly error: string });

interface Waiting<Result> {
  readonly resolve: (result: Result) => void;
  readonly reject: (reason: Error) => void;
}

/** One thread for each core, started with its first task. They load a module that calls {@link serveTasks}. */
export class Threads<Task, Result> implements AsyncDisposable {
  readonly #threads: readonly Thread<Task, Result>[];

  constructor(module: URL, count: number = availableParallelism()) {
    this.#threads = Array.from({ length: count }, () => new Thread<Task, Result>(module));
  }

  /**
   * Works on a task in the thread that has the fewest.
   *
   * @throws Error if the work fails, or if the thread ends.
   */
  run(task: Task): Promise<Result> {
    const [first, ...others] = this.#threads;
    if (!first) {
      throw new Error('there is no thread');
    }
    return others.reduce((least, thread) => (thread.open < least.open ? thread : least), first).run(task);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#threads.map(thread => thread.end()));
  }
}

class Thread<Task, Result> {
  readonly #module: URL;
  #worker: Worker | undefined;
  readonly #waiting = new Map<number, Waiting<Result>>();
  #count = 0;

  constructor(module: URL) {
    this.#module = module;
  }

  /** The number of tasks that it works on. */
  get open(): number {
    return this.#waiting.size;
  }

  run(task: Task): Promise<Result> {
    this.#worker ??= this.#start();
    const worker = this.#worker;
    this.#count += 1;
    const request: Request<Task> = { id: this.#count, task };
    return new Promise((resolve, reject) => {
      this.#waiting.set(request.id, { resolve, reject });
      worker.postMessage(request);
    });
  }

  async end(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(this.#module);
    worker.on('message', (reply: Reply<Result>) => this.#settle(reply));
    worker.on('error', (error: Error) => this.#fail(worker, error));
    worker.on('exit', code => this.#fail(worker, new Error(`A thread of ${this.#module} ended with ${code}`)));
    return worker;
  }

  #settle(reply: Reply<Result>): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if ('error' in reply) {
      waiting?.reject(new Error(reply.error));
    } else {
      waiting?.resolve(reply.result);
    }
  }

  /** The next task starts another worker, because one that has ended would never answer. */
  #fail(worker: Worker, error: Error): void {
    if (worker !== this.#worker) {
      return; // Its exit follows its error.
    }
    this.#worker = undefined;
    for (const { reject } of this.#waiting.values()) {
      reject(error);
    }
    this.#waiting.clear();
  }
}

/** In a thread: does this work for each task that arrives, at once. */
export function serveTasks<Task, Result>(work: (task: Task) => Promise<Result>): void {
  parentPort?.on('message', async ({ id, task }: Request<Task>) => {
    const reply: Reply<Result> = await work(task).then(
      result => ({ id, result }),
      (error: unknown) => ({ id, error: error instanceof Error ? (error.stack ?? error.message) : messageOf(error) }),
    );
    parentPort?.postMessage(reply);
  });
}
