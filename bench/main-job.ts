import { median, ms, section } from './print.ts';
import { roundTrips } from './round-trips.ts';
import { outcome, runStep, signInInputs } from './step.ts';
import { VantageProcess } from './vantage-process.ts';

const ROUNDS = 9;
const LATENCY_MS = 100;
const OWN_TIME_ALLOWANCE = 1.15;

/** The whole of a first run (sign in, read, create, mint, prove, hand out) on a Vantage near by and on one far away. */
export async function mainJob(): Promise<void> {
  const near = await VantageProcess.start({ latencyMs: 0 });
  const far = await VantageProcess.start({ latencyMs: LATENCY_MS });
  try {
    const nearInputs = await signInInputs(near, 'client credentials');
    const farInputs = await signInInputs(far, 'client credentials');
    const nearTimes: number[] = [];
    const farTimes: number[] = [];
    let trips = 0;
    const outcomes = new Set<string>();
    // The first round only warms up: disk cache, and the emulator's own compiled code.
    for (let round = 0; round <= ROUNDS; round += 1) {
      const nearRun = await runStep(near, `bench-${round}`, nearInputs);
      const farRun = await runStep(far, `bench-${round}`, farInputs);
      outcomes.add(outcome(nearRun)).add(outcome(farRun));
      trips = roundTrips(await far.requests(), LATENCY_MS);
      if (round === 0) continue;
      nearTimes.push(nearRun.durationMs);
      farTimes.push(farRun.durationMs);
    }
    const own = median(nearTimes);
    const bound = trips * LATENCY_MS + OWN_TIME_ALLOWANCE * own;
    section(`The main job, first run (ends in ${[...outcomes].join(', ')}), median of ${ROUNDS}`, [
      ['no latency', ms(own)],
      [`${LATENCY_MS} ms a request`, ms(median(farTimes)), `${trips} round trips on the critical path`],
      [
        `${trips} × ${LATENCY_MS} ms + ${OWN_TIME_ALLOWANCE} × the time without latency`,
        ms(bound),
        `ratio ${(median(farTimes) / bound).toFixed(2)}`,
      ],
    ]);
  } finally {
    near.stop();
    far.stop();
  }
}
