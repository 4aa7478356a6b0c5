import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { parseTarget } from '../src/inputs/targets.ts';
import { markNonce, ownershipMark } from '../src/model/mark.ts';
import { destinationsOf } from '../src/plan/destinations.ts';
import { type FleetRun, runFleet } from './fleet-process.ts';
import { GitHubProcess } from './github-process.ts';
import { ms, section } from './print.ts';
import { signInInputs } from './step.ts';
import { VantageProcess } from './vantage-process.ts';

const SIZES = [10, 100, 1000, 10_000];
const MEASURED = { clients: 1000, latencyMs: 50, concurrency: 16 };
const PER_REPOSITORY = 100;
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
 * Measures steps with a manifest: what a client costs in fleets of several sizes, how well a fleet hides the latency of
 * Vantage, and a second run in which nothing is due.
 */
export async function fleet(): Promise<void> {
  const defaults = await defaultInputs();
  const rows = [
    ['clients', 'run', 'time', 'processor time for each client', 'peak memory', 'requests for each client'],
  ];
  for (const clients of SIZES) {
    const vantage = await VantageProcess.start({});
    try {
      const inputs = { ...defaults, ...(await inputsFor(vantage)) };
      for (const run of ['first', 'second']) {
        await vantage.requests();
        const ended = await runFleet(manifestOf(clients), inputs);
        rows.push(rowOf(clients, run, ended, (await vantage.requests()).length));
      }
    } finally {
      vantage.stop();
    }
  }
  section('A fleet without secrets and without latency', rows);
  await hidden(defaults);
  await unchanged(defaults);
}

/** With latency: the time of a run, compared with that of its requests alone. */
async function hidden(defaults: Readonly<Record<string, string>>): Promise<void> {
  const { clients, latencyMs, concurrency } = MEASURED;
  const vantage = await VantageProcess.start({ latencyMs });
  try {
    const inputs = { ...defaults, ...(await inputsFor(vantage)), concurrency: String(concurrency) };
    await vantage.requests();
    const one = await runFleet(manifestOf(1), inputs);
    await vantage.requests();
    const ended = await runFleet(manifestOf(clients), inputs);
    const requests = (await vantage.requests()).length;
    const ideal = (requests * latencyMs) / concurrency;
    const share = (time: number) => `${((ideal / time) * 100).toFixed(0)} % of the ideal`;
    section(`${clients} clients, ${latencyMs} ms for each request, ${concurrency} at the same time`, [
      ['requests × latency ÷ clients at the same time', ms(ideal)],
      ['a run with one client', ms(one.ms)],
      ['the run', ms(ended.ms), share(ended.ms)],
      ['the run without the time of that one', ms(ended.ms - one.ms), share(ended.ms - one.ms)],
    ]);
  } finally {
    vantage.stop();
  }
}

/** Clients whose targets hold secrets that are not due. */
async function unchanged(defaults: Readonly<Record<string, string>>): Promise<void> {
  const { clients, concurrency } = MEASURED;
  const names = Array.from({ length: clients }, (_, index) => ({
    repo: `repo-${Math.floor(index / PER_REPOSITORY)}`,
    name: `SECRET_${index % PER_REPOSITORY}`,
  }));
  const createdAt = new Date(Date.now() - 20 * DAY_MS);
  const github = await GitHubProcess.start({
    seed: {
      repositories: [...Map.groupBy(names, ({ repo }) => repo)].map(([repo, secrets]) => ({
        owner: 'octo-org',
        repo,
        secrets: secrets.map(({ name }) => ({ name, updatedAt: createdAt.toISOString() })),
      })),
    },
  });
  const vantage = await VantageProcess.start({
    clients: names.map(({ repo, name }, index) => ({
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
    await Promise.all([vantage.requests(), github.requests()]);
    const ended = await runFleet(
      manifestOf(
        clients,
        index => `    writeTo: [repository octo-org/${names[index]?.repo}]\n    secretName: ${names[index]?.name}\n`,
      ),
      inputs,
    );
    const [toVantage, toGitHub] = await Promise.all([vantage.requests(), github.requests()]);
    section(`${clients} clients with a target each, nothing due`, [
      rowOf(clients, 'second', ended, toVantage.length),
      ['requests to GitHub', String(toGitHub.length)],
    ]);
  } finally {
    vantage.stop();
    github.stop();
  }
}

function rowOf(clients: number, run: string, ended: FleetRun, requests: number): string[] {
  if (ended.exitCode !== 0) throw new Error(`The run failed:\n${ended.lastLines.join('\n')}`);
  return [
    String(clients),
    run,
    ms(ended.ms),
    ms(ended.processorMs / clients),
    `${(ended.peakMemory / 1024).toFixed(0)} MiB`,
    (requests / clients).toFixed(2),
  ];
}

function manifestOf(clients: number, extra?: (index: number) => string): string {
  const entries = Array.from(
    { length: clients },
    (_, index) => `  - clientId: client-${index}\n    clientName: Client ${index}\n${extra?.(index) ?? ''}`,
  );
  return `defaults:\n  secret: { rotate: ${extra ? 'when-due' : 'never'} }\nclients:\n${entries.join('')}`;
}

function markFor(line: string, { facts }: GitHubProcess, at: Date): string {
  const target = parseTarget(line, WORKFLOW.repository, 'NAME');
  if (typeof target === 'string') throw new Error(target);
  const [destination] = destinationsOf([{ target, resolved: { scope: target.scope } }], WORKFLOW, facts);
  return ownershipMark(WORKFLOW, [destination?.digest ?? ''], markNonce(at, 'c0ffee00'));
}

async function inputsFor(vantage: VantageProcess): Promise<Record<string, string>> {
  const { baseUrl, tenantId } = vantage.facts;
  return { ...(await signInInputs(vantage, 'client credentials')), 'base-url': baseUrl, 'tenant-id': tenantId };
}

/** As the runner passes them. */
async function defaultInputs(): Promise<Record<string, string>> {
  const text = await readFile(join(import.meta.dirname, '..', 'action.yml'), 'utf8');
  const { inputs } = parse(text) as { readonly inputs: Readonly<Record<string, { readonly default?: string }>> };
  const given = Object.entries(inputs).flatMap(([name, { default: value = '' }]) =>
    value === '' || value.includes('${{') ? [] : [[name, value]],
  );
  return { ...Object.fromEntries(given), 'github-api-url': 'https://api.github.com', timeout: '1h' };
}
