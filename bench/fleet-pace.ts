import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { assertEndedWell, defaultInputs, inputsFor, MEASURED, manifestOf, placesOf, toPlace } from './fleet-inputs.ts';
import { runFleet } from './fleet-process.ts';
import { GitHubProcess } from './github-process.ts';
import { ms, section } from './print.ts';
import { timeOfLoop } from './request-loop.ts';
import { VantageProcess } from './vantage-process.ts';

const DIST = resolve(import.meta.dirname, '..', 'dist');
const RECIPE = join(import.meta.dirname, 'curl-recipe.sh');
/** One after the other, so few are enough. */
const RECIPE_CLIENTS = 20;

/**
 * Measures a fleet against the latency of Vantage: how well it uses the requests that may be under way, and how it compares
 * with a script that does one client after the other with curl.
 */
export async function fleetPace(): Promise<void> {
  const defaults = { ...(await defaultInputs()), concurrency: String(MEASURED.concurrency) };
  await hidden(defaults);
  await comparedWithRecipe(defaults);
}

/** The time of a run, compared with that of its requests alone, and with a loop that does nothing but send requests. */
async function hidden(defaults: Readonly<Record<string, string>>): Promise<void> {
  const { clients, latencyMs, concurrency } = MEASURED;
  const vantage = await VantageProcess.start({ latencyMs });
  try {
    const inputs = { ...defaults, ...(await inputsFor(vantage)) };
    const one = await runFleet(manifestOf(1, 'never'), inputs);
    await vantage.requests();
    const before = await timeOfLoop(vantage, clients, concurrency);
    await vantage.requests();
    const ended = await runFleet(manifestOf(clients, 'never'), inputs);
    assertEndedWell(ended);
    const requests = (await vantage.requests()).length;
    // Before and after, so that other work on the machine affects both alike.
    const loop = ((before + (await timeOfLoop(vantage, clients, concurrency))) / (2 * clients)) * requests;
    const ideal = (requests * latencyMs) / concurrency;
    const share = (time: number) => `${((ideal / time) * 100).toFixed(0)} % of the ideal`;
    const ofLoop = (time: number) => `${((loop / time) * 100).toFixed(0)} % of the loop`;
    const without = ended.ms - one.ms;
    section(`${clients} clients, ${latencyMs} ms for each request, ${concurrency} at the same time`, [
      ['requests × latency ÷ clients at the same time', ms(ideal)],
      ['a loop that only sends as many requests', ms(loop), share(loop)],
      ['a run with one client', ms(one.ms)],
      ['the run', ms(ended.ms), share(ended.ms), ofLoop(ended.ms)],
      ['the run without the time of that one', ms(without), share(without), ofLoop(without)],
    ]);
  } finally {
    vantage.stop();
  }
}

/**
 * New clients with a verified secret each. The action stores the secrets in GitHub as well, which the recipe does not. The
 * share of the ideal can exceed 100 %, because a client and its secrets are read at the same time.
 */
async function comparedWithRecipe(defaults: Readonly<Record<string, string>>): Promise<void> {
  const { clients, latencyMs, concurrency } = MEASURED;
  const places = placesOf(clients);
  const repositories = [...new Set(places.map(({ repo }) => repo))].map(repo => ({ owner: 'octo-org', repo }));
  const scratch = await mkdtemp(join(tmpdir(), 'bench-'));
  const github = await GitHubProcess.start({ seed: { repositories } });
  const vantage = await VantageProcess.start({ latencyMs });
  try {
    const { apiUrl, token } = github.facts;
    const inputs = { ...defaults, ...(await inputsFor(vantage)), 'github-api-url': apiUrl, 'github-token': token };
    const recipe = await timeOfRecipe(vantage);
    await vantage.requests();
    const manifest = manifestOf(clients, 'always', index => toPlace(places[index] ?? { repo: '', name: '' }));
    const ended = await runFleet(manifest, inputs, await withoutPace(scratch));
    assertEndedWell(ended);
    const requests = (await vantage.requests()).length / clients;
    const ideal = (requests * latencyMs) / concurrency;
    const [byRecipe, byAction] = [recipe / RECIPE_CLIENTS, ended.ms / clients];
    section(`New clients with a verified secret, ${latencyMs} ms for each request to Vantage`, [
      ['', 'clients', 'for each client', 'share of the ideal', 'peak memory'],
      ['curl, one after the other', String(RECIPE_CLIENTS), ms(byRecipe)],
      [`${requests.toFixed(2)} requests × latency ÷ ${concurrency}`, '', ms(ideal), '100 %'],
      [
        `the action, ${concurrency} at the same time, without the pace of GitHub`,
        String(clients),
        ms(byAction),
        `${((ideal / byAction) * 100).toFixed(0)} %`,
        `${(ended.peakMemory / 1024).toFixed(0)} MiB`,
        `${(byRecipe / byAction).toFixed(1)} × as fast`,
      ],
    ]);
  } finally {
    vantage.stop();
    github.stop();
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The time of the script with curl, in milliseconds. */
async function timeOfRecipe(vantage: VantageProcess): Promise<number> {
  const { baseUrl, tenantId, administrator } = vantage.facts;
  const env = {
    PATH: process.env.PATH ?? '',
    BASE: baseUrl,
    TENANT: tenantId,
    ADMIN_ID: administrator.clientId,
    ADMIN_SECRET: administrator.clientSecret,
    CLIENTS: String(RECIPE_CLIENTS),
  };
  const started = performance.now();
  await promisify(execFile)('bash', [RECIPE], { env });
  return performance.now() - started;
}

/**
 * A copy of `dist` that writes to GitHub as fast as it can. The pace that GitHub allows would be all that the measurement
 * shows.
 *
 * @returns its script.
 */
async function withoutPace(folder: string): Promise<string> {
  await cp(DIST, folder, { recursive: true });
  const file = join(folder, 'github.js');
  const code = await readFile(file, 'utf8');
  const [pace, ...others] = code.match(/perMinute:\d+,perHour:\d+/gu) ?? [];
  if (pace === undefined || others.length > 0) throw new Error(`${file} does not have one pace`);
  await writeFile(file, code.replace(pace, 'perMinute:1e6,perHour:1e7'));
  return join(folder, 'index.js');
}
