import { median, ms, section } from './print.ts';
import { roundTrips } from './round-trips.ts';
import { outcome, runStep, signInInputs } from './step.ts';
import { VantageProcess } from './vantage-process.ts';

const ROUNDS = 15;
const LATENCY_MS = 100;
const OWN_TIME_ALLOWANCE = 1.15;

/**
 * Measures a whole first run (sign in, read, create the client, create a secret, verify it, deliver it), without
 * latency and with it.
 */
export async function firstRun(): Promise<void> {
  const near = await VantageProcess.start({ latencyMs: 0 });
  const far = await VantageProcess.start({ latencyMs: LATENCY_MS });
  try {
    const nearInputs = await signInInputs(near, 'client credentials');
    const farInputs = await signInInputs(far, 'client credentials');
    const nearTimes: number[] = [];
    const farTimes: number[] = [];
    let trips = 0;
    const outcomes = new Set<string>();
    // The first round only warms up the disk cache and the compiled code of the emulators.
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
    section(`First run (ends in ${[...outcomes].join(', ')}), median of ${ROUNDS}`, [
      ['no latency', ms(own)],
      [`${LATENCY_MS} ms per request`, ms(median(farTimes)), `${trips} round trips on the critical path`],
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
