import { once } from 'node:events';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { runAction } from '../emulator/runner.ts';
import type { Vantage } from '../emulator/vantage/index.ts';
import { type ExampleStep, readExample } from './start/example.ts';
import { HELP, readOptions, type StartOptions, UsageError } from './start/options.ts';
import { print, showClients, showRequests, showRun, showSection, showStep, showTitle } from './start/show.ts';
import { openSite, type Site } from './start/site.ts';

const EXAMPLE = 'examples/quick-start.yml';
const ROOT = path.resolve(import.meta.dirname, '..');

// Ctrl+C reaches the step as well, which tidies up; only then may its directory go, and with it the secret in there.
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => interrupted.abort());

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) print(HELP);
  else await start(options);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message} Try: npm start -- --help\n`);
  process.exitCode = 2;
}

/** Runs the example, and then again where there is nothing left to do. */
async function start(options: StartOptions): Promise<void> {
  const site = await openSite(options, process.env);
  try {
    const step = await readExample(path.join(ROOT, EXAMPLE), { vars: site.vars, secrets: site.secrets });
    const inputs = { ...step.inputs, ...site.inputs, ...options.inputs };

    showTitle(`1. A client and a new secret, from ${site.title}`);
    showStep(EXAMPLE, step);
    await runAndShow(site, step, inputs);
    if (site.embedded) showClients(site.embedded.clients());
    if (interrupted.signal.aborted) return;

    showTitle('2. The same step again, with rotate: never');
    const before = site.embedded?.clients();
    await runAndShow(site, step, { ...inputs, rotate: 'never' });
    const after = site.embedded?.clients();
    if (after && isDeepStrictEqual(before, after)) showSection('What Vantage now holds', 'The same as before.');
    else if (after) showClients(after);

    if (site.embedded && options.keep) await keepRunning(site.embedded);
  } finally {
    await site.embedded?.close();
  }
}

/** Runs the step and shows what comes of it. One that fails makes `npm start` fail. */
async function runAndShow(site: Site, step: ExampleStep, inputs: Readonly<Record<string, string>>): Promise<void> {
  const secrets = Object.values(site.secrets);
  const earlier = site.embedded?.requests.length;
  const run = await runAction({ inputs, secrets, env: site.env });
  showRun(step, inputs, secrets, run);
  if (site.embedded) showRequests(site.embedded.requests.slice(earlier));
  if (run.conclusion === 'failure') process.exitCode = 1;
}

/** Says how to use the embedded Vantage, and waits to be interrupted. */
async function keepRunning({ baseUrl, tenantId, administrator }: Vantage): Promise<void> {
  const { clientId, clientSecret, username, password } = administrator;
  showTitle(`Vantage stays at ${baseUrl} until Ctrl+C`);
  showSection(
    'In a workflow that runs on this machine (these credentials are good for this emulator alone)',
    `- uses: OWNER/vantage-client-action@v1
  with:
    base-url: ${baseUrl}
    tenant-id: ${tenantId}
    auth-client-id: ${clientId}
    auth-client-secret: ${clientSecret}
    client-id: my-client`,
  );
  showSection('To sign in as a user instead, add', `username: ${username}\npassword: ${password}`);
  showSection(
    'From another terminal',
    `VANTAGE_ADMIN_CLIENT_ID='${clientId}' VANTAGE_ADMIN_CLIENT_SECRET='${clientSecret}' \\
  npm start -- --base-url ${baseUrl} --tenant-id ${tenantId} --input client-id=my-client`,
  );
  if (!interrupted.signal.aborted) await once(interrupted.signal, 'abort');
}
