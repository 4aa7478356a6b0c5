import { exploreInterleavings } from '../interleavings.ts';
import { secondsSince, type Verdict } from './verdict.ts';

/** If fewer than one in this number of schedules contain an action, the action was not tried enough. */
const DEED_ONE_IN = 10;

/** Tries random schedules of simultaneous runs, and prints what the runs did. */
export async function proveInterleavings(schedules: number): Promise<Verdict> {
  const started = performance.now();
  const { schedules: tried, done, violation } = await exploreInterleavings({ schedules });
  const held = violation ? tried - 1 : tried;
  console.log(`${tried} schedules tried, ${held} held.`);
  console.log(
    `Their runs: ${Object.entries(done)
      .map(([deed, times]) => `${deed} ${times}`)
      .join(', ')}.`,
  );
  const rare = Object.entries(done).filter(([, times]) => times < tried / DEED_ONE_IN);
  if (violation) {
    console.log(`\n${violation.why}\n${violation.schedule}\n`);
  } else if (rare.length > 0) {
    console.log(`That proves nothing, because these were too rare: ${rare.map(([deed]) => deed).join(', ')}.`);
  }
  console.log(`The interleavings took ${secondsSince(started)} s.`);
  return { tried, held, unit: 'schedules', holds: tried > 0 && violation === undefined && rare.length === 0 };
}
