import { GitHubProcess } from './github-process.ts';
import { section } from './print.ts';
import { OVERLAPPING_MS, roundTrips } from './round-trips.ts';
import { outcome, runStep, signInInputs } from './step.ts';
import { VantageProcess } from './vantage-process.ts';

const ORGANIZATION = 'octo-org';
const REPOSITORY = `${ORGANIZATION}/octo-repo`;
const STAGES = Array.from({ length: 10 }, (_, index) => `stage-${index}`);

/** The inputs to write to GitHub, by their names in the table. All environments exist, except `missing`. */
const DELIVERIES: readonly (readonly [name: string, inputs: Readonly<Record<string, string>>])[] = [
  ['nothing', {}],
  ['a repository', { 'write-to': 'repository' }],
  ['an environment', { 'write-to': 'environment stage-0' }],
  ['an environment, and the client id', { 'write-to': 'environment stage-1', 'client-id-variable': 'CLIENT_ID' }],
  ['a new environment', { 'write-to': 'environment missing', 'create-environments': 'true' }],
  ['a new secret of an organization', { 'write-to': `organization ${ORGANIZATION}`, 'secret-name': 'NEW' }],
  [
    'a secret of an organization, for one repository',
    { 'write-to': `organization ${ORGANIZATION}`, 'secret-name': 'SELECTED' },
  ],
  ['ten environments', { 'write-to': STAGES.map(stage => `environment ${stage}`).join('\n') }],
];

/** Measures what writing to GitHub adds to a step: requests, and round trips on the critical path to both servers. */
export async function targets(): Promise<void> {
  const [owner = '', repo = ''] = REPOSITORY.split('/');
  const selected = { name: 'SELECTED', visibility: 'selected', repositories: [REPOSITORY] } as const;
  const [vantage, github] = await Promise.all([
    VantageProcess.start({ latencyMs: OVERLAPPING_MS }),
    GitHubProcess.start({
      latencyMs: OVERLAPPING_MS,
      seed: {
        repositories: [{ owner, repo, environments: STAGES }],
        organizations: [{ login: ORGANIZATION, secrets: [selected] }],
      },
    }),
  ]);
  try {
    const { apiUrl, token } = github.facts;
    const toGitHub = { 'github-api-url': apiUrl, 'github-token': token };
    const rows: string[][] = [];
    let without = 0;
    for (const [name, inputs] of DELIVERIES) {
      const signIn = await signInInputs(vantage, 'client credentials');
      await Promise.all([vantage.requests(), github.requests()]); // earlier requests do not belong to this step
      const run = await runStep(vantage, name.replaceAll(/\W+/g, '-'), { ...signIn, ...toGitHub, ...inputs });
      const [asked, written] = await Promise.all([vantage.requests(), github.requests()]);
      const trips = roundTrips([...asked, ...written], OVERLAPPING_MS);
      if (written.length === 0) without = trips;
      rows.push([name, ...[asked.length, written.length, trips].map(String), `+${trips - without}`, outcome(run)]);
    }
    const head = ['writes', 'to Vantage', 'to GitHub', 'round trips', '', 'ends in'];
    section('Delivery to GitHub, first run: requests, and round trips on the critical path', [head, ...rows]);
  } finally {
    vantage.stop();
    github.stop();
  }
}
