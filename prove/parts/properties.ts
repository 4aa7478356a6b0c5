import { availableParallelism } from 'node:os';
import { PROPERTIES } from '../properties/index.ts';
import type { Checked } from '../properties/property.ts';
import type { PropertyTask } from '../properties/thread.ts';
import { tryAll } from './try-all.ts';
import { secondsSince, type Verdict } from './verdict.ts';

/** The width of the first column, in characters. */
const WIDTH = 112;

/** Checks each property of the plan in random worlds, and prints a line for each as its check ends. */
export async function proveProperties(runs: number): Promise<Verdict> {
  const started = performance.now();
  console.log(line('Property', 'tried', 'held', 'relevant'));
  const checks = await tryAll<PropertyTask, Checked>({
    tasks: PROPERTIES.map((_, index) => [index, { runs }]),
    thread: new URL('../properties/thread.ts', import.meta.url),
    atOnce: availableParallelism(),
    report: ({ name, tried, held, relevant, violation }) => [
      line(`  ${name}`, tried, held, relevant),
      ...(violation === undefined ? [] : [`\n${violation}\n`]),
    ],
  });
  console.log('Relevant worlds test the property.');
  console.log(`The plan properties took ${secondsSince(started)} s.`);
  return {
    tried: total(checks.map(({ tried }) => tried)),
    held: total(checks.map(({ held }) => held)),
    unit: `worlds of ${PROPERTIES.length} plan properties`,
    holds: checks.every(({ violation }) => violation === undefined),
  };
}

function line(name: string, ...columns: readonly unknown[]): string {
  return [name.padEnd(WIDTH), ...columns.map(column => String(column).padStart(8))].join(' ');
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
