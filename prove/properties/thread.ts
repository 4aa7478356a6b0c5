/** Checks a property in a thread of its own, so that all cores work on the properties. */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { PROPERTIES } from './index.ts';
import { type Checked, type Checking, checkProperty } from './property.ts';

interface Work {
  /** Which of {@link PROPERTIES}. */
  readonly index: number;
  readonly checking: Checking;
}

/** @throws Error if the thread ends without a result. */
export function checkInThread(work: Work): Promise<Checked> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL(import.meta.url), { workerData: work });
    thread.once('message', resolve);
    thread.once('error', reject);
    thread.once('exit', code => reject(new Error(`The thread of property ${work.index} ended with ${code}`)));
  });
}

if (!isMainThread) {
  const { index, checking } = workerData as Work;
  const property = PROPERTIES[index];
  if (!property) {
    throw new Error(`There is no property ${index}`);
  }
  parentPort?.postMessage(checkProperty(property, checking));
}
