import { section } from './print.ts';
import { OVERLAPPING_MS, roundTrips } from './round-trips.ts';
import { outcome, runStep, SIGN_INS, type SignIn, signInInputs } from './step.ts';
import { VantageProcess } from './vantage-process.ts';

/** Every way through the step: its requests, and the round trips on its critical path, as Vantage saw them. */
export async function ways(): Promise<void> {
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
  const head = ['reads offered', 'sign in by', 'rotate', 'client', 'requests', 'round trips', 'ends in'];
  section('Requests, and round trips on the critical path, of each way through the step', [head, ...rows]);
}

/** A first run, which makes the client, and a second one, which finds it. */
async function bothRuns(vantage: VantageProcess, signIn: SignIn, rotate: string): Promise<string[][]> {
  const rows: string[][] = [];
  for (const client of ['missing', 'there']) {
    const inputs = { ...(await signInInputs(vantage, signIn)), rotate };
    await vantage.requests(); // what came before is not this step's
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
