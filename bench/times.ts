import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ActionRun, runAction } from '../emulator/runner.ts';
import { GitHubProcess } from './github-process.ts';
import { median, ms, section } from './print.ts';
import { outcome, runStep, signInInputs } from './step.ts';
import { VantageProcess } from './vantage-process.ts';

const ROUNDS = 15;
const AUDITED_CLIENTS = 1000;
const STAGES = Array.from({ length: 10 }, (_, index) => `stage-${index}`);
const DAY_MS = 24 * 3_600_000;

/** A kind of step to measure. */
interface Kind {
  readonly name: string;
  /** The servers of the step, and its inputs in a round. Undefined: a step without inputs, which fails at once. */
  readonly step?: {
    readonly vantage: VantageProcess;
    readonly github?: GitHubProcess;
    readonly inputs: (round: number) => Readonly<Record<string, string>>;
  };
}

interface Times {
  /** Of whole processes, in milliseconds. */
  readonly durations: number[];
  /** The processor time that the emulators used meanwhile, in milliseconds. */
  readonly emulators: number[];
  readonly outcomes: Set<string>;
  requests: number;
}

/** Measures how long whole steps take, compared with an empty script. The servers have no latency. */
export async function times(): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'bench-'));
  const servers = await startServers();
  try {
    const empty = join(scratch, 'empty.cjs');
    await writeFile(empty, '');
    const kinds = await kindsOf(servers);
    const bare: number[] = [];
    const measured = kinds.map((): Times => ({ durations: [], emulators: [], outcomes: new Set(), requests: 0 }));
    // All kinds in every round, so that other work on the machine affects all of them. The first round only warms up.
    for (let round = 0; round <= ROUNDS; round += 1) {
      const { durationMs } = await runAction({ inputs: {}, entry: empty });
      if (round > 0) bare.push(durationMs);
      for (const [index, kind] of kinds.entries()) {
        await measure(kind, round, measured[index]);
      }
    }
    section(`Whole steps without latency, median of ${ROUNDS}`, [
      ['', 'time', 'ratio', 'requests', 'emulators’ processor time', 'ends in'],
      ['an empty script', ms(median(bare)), '1.00'],
      ...kinds.map(({ name }, index) => rowOf(name, measured[index], median(bare))),
    ]);
  } finally {
    servers.forEach(server => void server.stop());
    await rm(scratch, { recursive: true, force: true });
  }
}

type Servers = readonly [reads: VantageProcess, noReads: VantageProcess, many: VantageProcess, github: GitHubProcess];

function startServers(): Promise<Servers> {
  const expiration = new Date(Date.now() + 90 * DAY_MS).toISOString();
  const clients = Array.from({ length: AUDITED_CLIENTS }, (_, index) => ({
    clientId: `client-${index}`,
    secrets: [{ expiration }],
  }));
  return Promise.all([
    VantageProcess.start({ tier: 1 }),
    VantageProcess.start({ tier: 0 }),
    VantageProcess.start({ tier: 1, clients }),
    GitHubProcess.start({ seed: { repositories: [{ owner: 'octo-org', repo: 'octo-repo', environments: STAGES }] } }),
  ]);
}

async function kindsOf([reads, noReads, many, github]: Servers): Promise<readonly Kind[]> {
  const signIn = await signInInputs(reads, 'client credentials');
  const { apiUrl, token } = github.facts;
  const toGitHub = { ...signIn, 'github-api-url': apiUrl, 'github-token': token };
  const inTier0 = await signInInputs(noReads, 'client credentials');
  const inMany = await signInInputs(many, 'client credentials');
  const clientId = (kind: string, round: number) => ({ 'client-id': `${kind}-${round}` });
  return [
    { name: 'no inputs' },
    {
      name: 'nothing to do (`rotate: never`)',
      step: { vantage: reads, inputs: () => ({ ...signIn, ...clientId('idle', 0), rotate: 'never' }) },
    },
    {
      name: 'first run, Vantage offers reads',
      step: { vantage: reads, inputs: round => ({ ...signIn, ...clientId('first', round) }) },
    },
    {
      name: 'first run, Vantage offers no reads',
      step: { vantage: noReads, inputs: round => ({ ...inTier0, ...clientId('first', round) }) },
    },
    {
      name: 'first run, one target',
      step: {
        vantage: reads,
        github,
        inputs: round => ({ ...toGitHub, ...clientId('one', round), 'write-to': 'environment stage-0' }),
      },
    },
    {
      name: 'first run, ten targets',
      step: {
        vantage: reads,
        github,
        inputs: round => ({
          ...toGitHub,
          ...clientId('ten', round),
          'write-to': STAGES.map(stage => `environment ${stage}`).join('\n'),
        }),
      },
    },
    {
      name: `audit of ${AUDITED_CLIENTS} clients`,
      step: { vantage: many, inputs: () => ({ ...inMany, mode: 'audit', 'client-id': '' }) },
    },
  ];
}

async function measure({ step }: Kind, round: number, times: Times | undefined): Promise<void> {
  const servers = step ? [step.vantage, ...(step.github ? [step.github] : [])] : [];
  const before = await processorTimeOf(servers);
  const run: ActionRun = step
    ? await runStep(step.vantage, 'bench', step.inputs(round))
    : await runAction({ inputs: {} });
  const after = await processorTimeOf(servers);
  const requests = await Promise.all(servers.map(server => server.requests()));
  if (round === 0 || !times) return;
  times.durations.push(run.durationMs);
  times.emulators.push(after - before);
  times.outcomes.add(outcome(run));
  times.requests = requests.flat().length;
}

async function processorTimeOf(servers: readonly (VantageProcess | GitHubProcess)[]): Promise<number> {
  const each = await Promise.all(servers.map(server => server.processorTime()));
  return each.reduce((sum, milliseconds) => sum + milliseconds, 0);
}

function rowOf(name: string, times: Times | undefined, bare: number): readonly string[] {
  if (!times) return [name];
  const { durations, emulators, outcomes, requests } = times;
  const ratio = (median(durations) / bare).toFixed(2);
  return [name, ms(median(durations)), ratio, String(requests), ms(median(emulators)), [...outcomes].join(', ')];
}
