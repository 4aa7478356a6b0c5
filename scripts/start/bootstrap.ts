import type { Permissions, SecretScope } from '../../emulator/github/index.ts';
import type { StartOptions } from './options.ts';
import { ACTION, runAndShow } from './run.ts';
import { type Embedded, OWNER, REPO, REPOSITORY, type Setup } from './setup.ts';
import { showGitHub, showSection, showTitle } from './show.ts';
import { fillIn, type Job, readWorkflow, type Step, stepUsing } from './workflow.ts';

const APP_TOKEN = /^actions\/create-github-app-token@/;
/** A variable or a secret that an expression reads. */
const READ = /\$\{\{\s*(vars|secrets)\.(\w+)\s*\}\}/g;

/** A step that creates an environment on GitHub and writes the secret to it, for the next job. */
export async function bootstrap(setup: Setup, embedded: Embedded, options: StartOptions): Promise<void> {
  const workflow = await readWorkflow('examples/bootstrap.yml');
  const token = embedded.github.issueToken({
    kind: 'app',
    permissions: permissionsOf(stepUsing(workflow, APP_TOKEN)),
    repositories: [REPOSITORY],
  });
  const step = stepUsing(workflow, ACTION);
  const contexts = { ...setup, steps: { 'app-token': { token } } };
  const inputs = { ...fillIn(step.with, contexts), ...options.inputs };

  showTitle(`3. An environment with its own secret, on an embedded GitHub at ${embedded.github.apiUrl}`);
  showSection(`The workflow, ${workflow.file}`, workflow.source.trimEnd());
  const run = await runAndShow(setup, step, inputs, [...Object.values(setup.secrets), token]);
  for (const job of workflow.jobs.filter(({ steps }) => !steps.includes(step))) {
    if (job.environment !== undefined) showHeld(job, job.environment, embedded, run.outputs);
  }
}

/** Shows what a later job finds in its environment, and whether Vantage stores the same secret. */
function showHeld(
  job: Job,
  environment: string,
  { vantage, github }: Embedded,
  outputs: Readonly<Record<string, string>>,
): void {
  const scope: SecretScope = { owner: OWNER, repo: REPO, environment };
  const newest = vantage.client(outputs['client-id'] ?? '')?.secrets.at(-1)?.value;
  const rows = readsOf(job).map(([context, name]) => {
    if (context === 'vars') return ['variable', name, github.variable(scope, name)?.value ?? 'none'];
    const value = github.secret(scope, name)?.value;
    const isGood = value !== undefined && value === newest;
    if (outputs['secret-created'] === 'true' && !isGood) process.exitCode = 1;
    const opened = isGood ? 'the value that Vantage stores' : 'NOT a value that Vantage stores';
    return ['secret', name, value === undefined ? 'none' : `present; decrypted, it is ${opened}`];
  });
  const made = github.environments(OWNER, REPO).includes(environment);
  showGitHub(job.name, [['environment', environment, made ? `of ${REPOSITORY}` : 'none'], ...rows]);
}

/** The permissions of the token, as the inputs of the step that creates it name them: `permission-NAME: LEVEL`. */
function permissionsOf(step: Step): Permissions {
  const prefix = 'permission-';
  return Object.fromEntries(
    Object.entries(step.with)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, level]) => [name.slice(prefix.length).replaceAll('-', '_'), level]),
  );
}

/** The variables and secrets that a job reads, in order. */
function readsOf({ steps }: Job): [context: string, name: string][] {
  const texts = steps.flatMap(step => [...Object.values(step.with), ...Object.values(step.env)]);
  return texts.flatMap(text =>
    [...text.matchAll(READ)].map(([, context = '', name = '']): [string, string] => [context, name]),
  );
}
