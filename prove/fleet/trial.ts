import { once } from 'node:events';
import fc from 'fast-check';
import type { Mishap } from '../../emulator/http/faults.ts';
import type { Scripts } from '../build-copy.ts';
import { TIERS, type Tier } from '../tier.ts';
import { type FleetRun, FleetWorld, type WorldOptions } from './world.ts';

/** What happens to the first run: requests fail, it is killed, or several jobs share the manifest, some of whose requests fail. */
export const KINDS = ['faults', 'kill', 'shards'] as const;
export type Kind = (typeof KINDS)[number];

/** The result of one seed. */
export interface Trial {
  readonly kind: Kind;
  readonly seed: number;
  readonly tier: Tier;
  readonly violations: readonly string[];
  /** The requests of the broken runs. */
  readonly sent: number;
  readonly logs: readonly string[];
}

const CLIENTS = 20;
const SHARDS = 4;
/** The requests of a whole run to each server, more or less. */
const REQUESTS = { vantage: 110, github: 110 };
/** A server that does not answer must not make a run long. */
const HASTE = { 'request-timeout': '2s' };
/** The part of the requests that fail. */
const FAILING = 0.1;

/** The failures of the network, before or after the request took effect. */
const MISHAPS: readonly Mishap[] = [
  { kind: 'reset' },
  { kind: 'reset', apply: true },
  { kind: 'truncate' },
  { kind: 'stall' },
  { kind: 'stall', apply: true },
  { kind: 'answer', status: 500 },
  { kind: 'answer', status: 500, apply: true },
  { kind: 'answer', status: 503, headers: { 'retry-after': '1' } },
  { kind: 'answer', status: 401 },
  { kind: 'answer', status: 403, body: { message: 'Forbidden' } },
  { kind: 'answer', status: 404 },
  { kind: 'throttle', retryAfter: 1 },
  { kind: 'html', status: 502, apply: true },
  { kind: 'html' },
  { kind: 'empty' },
  { kind: 'wrong-shape' },
  { kind: 'delay', ms: 300 },
];

/** Breaks the first run in a random way, runs the post step, runs the step again twice, and checks the six invariants. */
export async function tryFleet(
  kind: Kind,
  seed: number,
  scripts: Partial<Scripts>,
  options: Pick<WorldOptions, 'run' | 'runBroken'> = {},
): Promise<Trial> {
  const tier = TIERS[seed % TIERS.length] ?? 1;
  await using world = await FleetWorld.open({ clients: CLIENTS, tier, entry: scripts.main, ...options });
  const broken = await breakRun(kind, world, seed);
  const sent = world.requests();
  const ended: FleetRun[] = [];
  for (const { state, title } of broken) {
    ended.push(
      await world.run({
        title: `end of the job of ${title}`,
        runId: runIdOf(title),
        state,
        entry: scripts.post ?? POST,
      }),
    );
  }
  const runs = [...broken, ...ended];
  const behind = tier === 1 ? broken.flatMap(run => world.leftBehind(run)) : [];
  const violations = [
    ...(await world.violations(runs)),
    ...ended.flatMap(problemOfEnd),
    ...behind.map(mark => `behind: the end of the job left ${mark}`),
  ];
  const again = await world.run({ title: 'the run after it', runId: '801' });
  runs.push(again);
  violations.push(
    ...(again.exitCode === 0 ? [] : [`I5: the run after it failed: ${again.outputs['error-code']}`]),
    ...(await world.violations(runs)),
    ...world.unfinished(),
  );
  const further = await world.run({ title: 'a further run', runId: '802' });
  runs.push(further);
  // Without reads, the creation of a client asks whether it exists.
  const writes = further.writes.filter(line => tier === 1 || !/^POST .*\/clients\/$/u.test(line));
  violations.push(
    ...(further.exitCode === 0 ? [] : [`I6: a further run failed: ${further.outputs['error-code']}`]),
    ...writes.map(line => `I6: a further run sent ${line}`),
    ...world.leaks(runs),
  );
  return {
    ...{ kind, seed, tier },
    violations: [...new Set(violations)],
    sent,
    logs: runs.map(run => `--- ${run.title}: ${run.signal ?? `exit code ${run.exitCode}`}\n${run.log.trimEnd()}`),
  };
}

const POST = new URL('../../dist/post.js', import.meta.url).pathname;
const FIRST_RUN = 701;

/** Each shard is a job of its own, so its marks have a number of its own. */
function runIdOf(title: string): string {
  return String(FIRST_RUN + Number(/\d+$/u.exec(title)?.[0] ?? 0));
}

async function breakRun(kind: Kind, world: FleetWorld, seed: number): Promise<readonly FleetRun[]> {
  if (kind === 'kill') {
    const title = 'the killed run';
    const killedAt = drawn(fc.integer({ min: 1, max: REQUESTS.vantage + REQUESTS.github }), seed);
    return [
      await world.run({
        ...{ title, runId: runIdOf(title), inputs: HASTE, isBroken: true },
        onStart: child => {
          const exit = once(child, 'exit');
          world.atRequest(killedAt, async () => {
            child.kill('SIGKILL');
            await exit;
          });
        },
      }),
    ];
  }
  world.fail(drawn(faults(kind === 'faults' ? FAILING : FAILING / 4), seed));
  if (kind === 'faults') {
    const title = 'the broken run';
    return [await world.run({ title, runId: runIdOf(title), inputs: HASTE, isBroken: true })];
  }
  const titles = Array.from({ length: SHARDS }, (_, index) => `shard ${index + 1}`);
  return Promise.all(
    titles.map((title, index) =>
      world.run({
        ...{ title, runId: runIdOf(title), isBroken: true },
        inputs: { ...HASTE, shard: `${index + 1}/${SHARDS}` },
      }),
    ),
  );
}

/** Failures of this part of the requests to each server. */
function faults(part: number) {
  const faultsAt = (server: keyof typeof REQUESTS) => {
    const fault = fc.record({
      server: fc.constant(server),
      skip: fc.nat({ max: REQUESTS[server] - 1 }),
      mishap: fc.constantFrom(...MISHAPS),
    });
    const length = Math.round(REQUESTS[server] * part);
    return fc.array(fault, { minLength: length, maxLength: length });
  };
  return fc.tuple(faultsAt('vantage'), faultsAt('github')).map(lists => lists.flat());
}

/** One value, the same for the same seed. */
function drawn<Value>(arbitrary: fc.Arbitrary<Value>, seed: number): Value {
  const [value] = fc.sample(fc.noBias(arbitrary), { numRuns: 1, seed });
  return value as Value;
}

function problemOfEnd({ exitCode, stderr }: FleetRun): readonly string[] {
  return exitCode === 0 && stderr === '' ? [] : [`the end of the job failed: ${exitCode} ${stderr.slice(0, 200)}`];
}
