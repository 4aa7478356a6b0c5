import { parseTarget } from '../src/inputs/targets.ts';
import { markNonce, ownershipMark } from '../src/model/mark.ts';
import { destinationsOf } from '../src/plan/destinations.ts';
import { assertEndedWell, defaultInputs, inputsFor, MEASURED, manifestOf, placesOf, toPlace } from './fleet-inputs.ts';
import { type FleetRun, runFleet } from './fleet-process.ts';
import { GitHubProcess } from './github-process.ts';
import { median, ms, section } from './print.ts';
import { timeOfLoop } from './request-loop.ts';
import { VantageProcess } from './vantage-process.ts';

const HEAD = [
  'clients',
  'run',
  'time',
  'for each client, without the start',
  'processor time for each',
  'peak memory',
  'requests for each',
];
const SIZES = [10, 100, 1000, 10_000];
const DAY_MS = 24 * 3_600_000;
const WORKFLOW = {
  host: 'github.com',
  repository: 'octo-org/octo-repo',
  repositoryId: 1001,
  runId: '1',
  runAttempt: '1',
  step: '',
};

/**
 * Measures steps with a manifest: what a client costs in fleets of several sizes, and a second run in which nothing is
 * due.
 */
export async function fleet(): Promise<void> {
  const defaults = await defaultInputs();
  const rows = [HEAD];
  const loops = [['requests', 'for each, without the first']];
  for (const clients of SIZES) {
    const vantage = await VantageProcess.start({});
    try {
      const inputs = { ...defaults, ...(await inputsFor(vantage)) };
      const start = await startOf(inputs);
      for (const run of ['first', 'second']) {
        await vantage.requests();
        const ended = await runFleet(manifestOf(clients, 'never'), inputs);
        rows.push(rowOf(clients, run, ended, start, (await vantage.requests()).length));
      }
      const loop = (requests: number) => timeOfLoop(vantage, requests, Number(defaults.concurrency));
      const first = median([await loop(1), await loop(1), await loop(1)]);
      loops.push([String(clients), ms(((await loop(clients)) - first) / (clients - 1))]);
    } finally {
      vantage.stop();
    }
  }
  section('A fleet without secrets and without latency', rows);
  section('A loop that only sends requests, in a new process: Node itself gets faster while it runs', loops);
  await unchanged(defaults);
}

/** Clients whose targets hold secrets that are not due. */
async function unchanged(defaults: Readonly<Record<string, string>>): Promise<void> {
  const { clients, concurrency } = MEASURED;
  const places = placesOf(clients);
  const createdAt = new Date(Date.now() - 20 * DAY_MS);
  const github = await GitHubProcess.start({
    seed: {
      repositories: [...Map.groupBy(places, ({ repo }) => repo)].map(([repo, secrets]) => ({
        owner: 'octo-org',
        repo,
        secrets: secrets.map(({ name }) => ({ name, updatedAt: createdAt.toISOString() })),
      })),
    },
  });
  const vantage = await VantageProcess.start({
    clients: places.map(({ repo, name }, index) => ({
      clientId: `client-${index}`,
      clientName: `Client ${index}`,
      secrets: [{ description: markFor(`repository octo-org/${repo} as ${name}`, github, createdAt) }],
    })),
  });
  try {
    const { apiUrl, token } = github.facts;
    const inputs = {
      ...defaults,
      ...(await inputsFor(vantage)),
      concurrency: String(concurrency),
      'github-api-url': apiUrl,
      'github-token': token,
    };
    const start = await startOf(inputs);
    await Promise.all([vantage.requests(), github.requests()]);
    const ended = await runFleet(
      manifestOf(clients, 'when-due', index => toPlace(places[index] ?? { repo: '', name: '' })),
      inputs,
    );
    const [toVantage, toGitHub] = await Promise.all([vantage.requests(), github.requests()]);
    section(`${clients} clients with a target each, nothing due`, [
      HEAD,
      rowOf(clients, 'second', ended, start, toVantage.length),
      ['requests to GitHub for each', (toGitHub.length / clients).toFixed(2)],
    ]);
  } finally {
    vantage.stop();
    github.stop();
  }
}

/** The time of a run with one client, which is that of the start. */
type Start = Pick<FleetRun, 'ms' | 'processorMs'>;

async function startOf(inputs: Readonly<Record<string, string>>): Promise<Start> {
  const runs: FleetRun[] = [];
  for (let run = 0; run < 3; run += 1) runs.push(await runFleet(manifestOf(1, 'never'), inputs));
  return { ms: median(runs.map(run => run.ms)), processorMs: median(runs.map(run => run.processorMs)) };
}

function rowOf(clients: number, run: string, ended: FleetRun, start: Start, requests: number): string[] {
  assertEndedWell(ended);
  const others = clients - 1;
  return [
    String(clients),
    run,
    ms(ended.ms),
    ms((ended.ms - start.ms) / others),
    ms((ended.processorMs - start.processorMs) / others),
    `${(ended.peakMemory / 1024).toFixed(0)} MiB`,
    (requests / clients).toFixed(2),
  ];
}

function markFor(line: string, { facts }: GitHubProcess, at: Date): string {
  const target = parseTarget(line, WORKFLOW.repository, 'NAME');
  if (typeof target === 'string') throw new Error(target);
  const [destination] = destinationsOf([{ target, resolved: { scope: target.scope } }], WORKFLOW, facts);
  return ownershipMark(WORKFLOW, [destination?.digest ?? ''], markNonce(at, 'c0ffee00'));
}
