import { eachOf } from '../each-of.ts';
import { Threads } from '../threads.ts';
import { secondsSince } from './verdict.ts';

/** What a part tries, and what it prints meanwhile. */
export interface Trying<Task, Trial> {
  readonly tasks: readonly Task[];
  /** The module that tries a task in a thread. */
  readonly thread: URL;
  /** The number of tasks to try at the same time. */
  readonly atOnce: number;
  /** The lines to print of a task that was tried. */
  readonly report: (trial: Trial) => readonly string[];
  /** Prints the number of tasks that were tried, each time that this many more were. Default: never. */
  readonly progress?: {
    readonly every: number;
    /** What the tasks are, in the plural. */
    readonly unit: string;
    /** When the part started, as a time of `performance.now()`. */
    readonly started: number;
  };
}

/** Tries all tasks on all cores, and prints what the part reports of each as it ends. */
export async function tryAll<Task, Trial>({
  tasks,
  thread,
  atOnce,
  report,
  progress,
}: Trying<Task, Trial>): Promise<readonly Trial[]> {
  await using threads = new Threads<Task, Trial>(thread);
  let done = 0;
  return await eachOf(tasks, atOnce, async task => {
    const trial = await threads.run(task);
    done += 1;
    for (const line of report(trial)) {
      console.log(line);
    }
    if (progress && done % progress.every === 0) {
      console.log(`${done} of ${tasks.length} ${progress.unit} after ${secondsSince(progress.started)} s`);
    }
    return trial;
  });
}
