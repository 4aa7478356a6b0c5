import { section } from './print.ts';
import { OVERLAPPING_MS, roundTrips } from './round-trips.ts';
import { outcome, runStep, SIGN_INS, type SignIn, signInInputs } from './step.ts';
import { VantageProcess } from './vantage-process.ts';

/**
 * Measures every combination of tier, sign-in, `rotate` and client: the requests to Vantage, and the round trips on the
 * critical path.
 */
export async function runKinds(): Promise<void> {
  const rows: string[][] = [];
  for (const tier of [1, 0] as const) {
    const vantage = await VantageProcess.start({ tier, latencyMs: OVERLAPPING_MS });
    try {
      for (const signIn of SIGN_INS) {
        for (const rotate of ['always', 'never']) {
          rows.push(...(await bothRuns(vantage, signIn, rotate)).map(row => [tier === 1 ? 'yes' : 'no', ...row]));
        }
      }
    } finally {
      vantage.stop();
    }
  }
  const head = ['reads', 'sign in by', 'rotate', 'client', 'requests', 'round trips', 'ends in'];
  section('All kinds of runs: requests, and round trips on the critical path', [head, ...rows]);
}

/** A first run, which creates the client, and a second run, which finds it. */
async function bothRuns(vantage: VantageProcess, signIn: SignIn, rotate: string): Promise<string[][]> {
  const rows: string[][] = [];
  for (const client of ['missing', 'exists']) {
    const inputs = { ...(await signInInputs(vantage, signIn)), rotate };
    await vantage.requests(); // earlier requests do not belong to this step
    const run = await runStep(vantage, `${signIn}-${rotate}`.replaceAll(' ', '-'), inputs);
    const requests = await vantage.requests();
    rows.push([
      signIn,
      rotate,
      client,
      String(requests.length),
      String(roundTrips(requests, OVERLAPPING_MS)),
      outcome(run),
    ]);
  }
  return rows;
}
