import { type RecordedRequest as GitHubRequest, startGitHub } from '../../emulator/github/index.ts';
import type { ActionRun } from '../../emulator/runner.ts';
import { startVantage, type RecordedRequest as VantageRequest } from '../../emulator/vantage/index.ts';
import { EVERYTHING } from '../support/github.ts';
import { closedPort } from '../support/ports.ts';
import { POST, runStep } from '../support/run-step.ts';

type Inputs = Readonly<Record<string, string>>;

/** A run: what its log and its job summary show, and the requests that it sent. */
export interface SeenRun {
  readonly shown: string;
  readonly vantage: readonly VantageRequest[];
  readonly github: readonly GitHubRequest[];
}

/** The names of the runs. */
export const RUNS = [
  'first run',
  'update',
  'user',
  'rotation',
  'current secret',
  'dry run',
  'delete',
  'sweep',
  'audit',
  'fleet',
  'refused sign-in',
  'refused write',
  'unreachable',
  'wrong input',
] as const;

/** All runs in a world whose names end in `tag`, and the kind of each value that is known in it. */
export async function runAll(tag: string) {
  const n = Number.parseInt(tag, 36);
  // GitHub changes the names of secrets and variables to upper case.
  const upper = tag.toUpperCase();
  const own = { owner: `octo-${tag}`, repo: `repo-${tag}` };
  const repository = `${own.owner}/${own.repo}`;
  const [id, otherId, runId, pull] = [n * 7, n * 11, n * 13, n * 17];
  const env = {
    GITHUB_ACTION: `step-${tag}`,
    GITHUB_ACTOR: `actor-${tag}`,
    GITHUB_TRIGGERING_ACTOR: `actor-${tag}`,
    GITHUB_EVENT_NAME: `event-${tag}`,
    GITHUB_JOB: `job-${tag}`,
    GITHUB_REF: `refs/heads/branch-${tag}`,
    GITHUB_REF_NAME: `branch-${tag}`,
    GITHUB_HEAD_REF: `head-${tag}`,
    GITHUB_SHA: `commit-${tag}`,
    GITHUB_RUN_ID: String(runId),
    GITHUB_RUN_NUMBER: `number-${tag}`,
    GITHUB_REPOSITORY: repository,
    GITHUB_REPOSITORY_ID: String(id),
    GITHUB_REPOSITORY_OWNER: own.owner,
    GITHUB_REPOSITORY_OWNER_ID: `owner-${tag}`,
    GITHUB_WORKFLOW: `workflow-${tag}`,
    GITHUB_WORKFLOW_REF: `${repository}/.github/workflows/file-${tag}.yml@refs/heads/branch-${tag}`,
    RUNNER_NAME: `runner-${tag}`,
    HOME: `/users/home-${tag}`,
    OTHER_VARIABLE: `variable-${tag}`,
  };
  const [organization, other] = [`org-${tag}`, `other-${tag}`];
  const mark = (name: string, repositoryId: number, to = 'e0ee8bb5') =>
    `about-${tag} [vantage-client ${name} id=github.com/${repositoryId} to=${to} run=7.1 6921f0a0c0ffee00]`;
  const settings = ['old', 'new', 'callback', 'origin', 'bye'].map(name => `${name}-${tag}`);
  const [oldName, newName, callback, origin, bye] = settings;
  await using stack = new AsyncDisposableStack();
  const vantage = await startVantage({
    clients: [
      { clientId: `known-${tag}`, clientName: oldName ?? '', redirectUris: [`https://${callback}.example/`] },
      ...[0, 1].map(index => ({
        clientId: `preview-${tag}-${pull + index}`,
        secrets: [{ description: index === 0 ? mark(repository, id) : mark(`${other}/x`, otherId) }],
      })),
    ],
  });
  stack.defer(() => vantage.close());
  const github = await startGitHub({
    seed: {
      repositories: [
        {
          ...own,
          id,
          environments: [`env-${tag}`],
          pullRequests: [0, 1].map(index => ({
            number: pull + index,
            state: 'closed' as const,
            title: `title-${tag}`,
          })),
        },
      ],
      organizations: [{ login: organization }],
    },
  });
  stack.defer(() => github.close());
  const token = github.issueToken({ kind: 'fine-grained', permissions: { ...EVERYTHING, pull_requests: 'read' } });
  const { administrator } = vantage;
  const closed = await closedPort();
  const base = {
    'base-url': vantage.baseUrl,
    'tenant-id': vantage.tenantId,
    'auth-client-id': administrator.clientId,
    'auth-client-secret': administrator.clientSecret,
    'client-id': `client-${tag}`,
    'secret-description': `about-${tag}`,
    timeout: '20s',
  };
  const delivery = {
    'github-token': token,
    'github-api-url': github.apiUrl,
    'write-to': `environment env-${tag}\norganization ${organization} selected\ndependabot repository as OTHER_${upper}`,
    'secret-name': `SECRET_${upper}`,
    'client-id-variable': `ID_${upper}`,
    'expiration-variable': `END_${upper}`,
  };
  const uris = {
    'redirect-uris': `https://${callback}.example/new`,
    'allowed-cors-origins': `https://${origin}.example`,
    'post-logout-redirect-uris': `https://${bye}.example/`,
  };
  const all = {
    ...uris,
    'client-name': newName ?? '',
    'allow-offline-access': 'true',
    'allow-remember-consent': 'false',
    'back-channel-logout-session-required': 'false',
    'require-client-secret': 'true',
    'require-consent': 'true',
    'allow-no-pkce': 'true',
    'allowed-grant-types': 'authorization_code client_credentials',
    'access-token-lifetime': '2h',
    'refresh-token-lifetime': '14d',
  };
  const life = { 'secret-start-time': 'PT0S', 'secret-expiration': '90d' };
  const asUser = { username: administrator.username, password: administrator.password };
  const manifest = `clients:\n${['a', 'b'].map(name => `  - clientId: fleet-${name}-${tag}\n    writeTo: [environment env-${tag} as FLEET_${name.toUpperCase()}_${upper}]\n`).join('')}`;
  const runs: Record<string, SeenRun> = {};
  const step = async (name: (typeof RUNS)[number], inputs: Inputs, files?: Readonly<Record<string, string>>) => {
    const received = [vantage.requests.length, github.requests.length] as const;
    const given = Object.fromEntries(Object.entries({ ...base, ...inputs }).filter(([, value]) => value !== ''));
    const run = await runStep({ inputs: given, env, ...(files ? { workspace: files } : {}) });
    const post = await runStep({ entry: POST, inputs: given, env, state: run.state });
    const text = ({ log, summary, annotations }: ActionRun) =>
      [log, summary, ...annotations.map(({ title, message }) => `${title} ${message}`)].join('\n');
    runs[name] = {
      shown: `${text(run)}\n${text(post)}`,
      vantage: vantage.requests.slice(received[0]),
      github: github.requests.slice(received[1]),
    };
    return run;
  };
  await step('first run', { ...all, ...life, ...delivery, 'output-access-token': 'true' });
  await step('update', { ...all, 'client-id': `known-${tag}`, 'if-exists': 'update', rotate: 'never' });
  const created = await step('user', {
    ...asUser,
    ...uris,
    'client-id': `user-${tag}`,
    'api-version': 'v1',
    'allow-ropc': 'true',
    'revoke-at-job-end': 'true',
  });
  const target = { owner: own.owner, repo: own.repo, environment: `env-${tag}` };
  vantage.addSecret(`client-${tag}`, {
    description: mark(
      `${other}/x`,
      otherId,
      /to=([\da-f]{8})/u.exec(vantage.client(`client-${tag}`)?.secrets[0]?.description ?? '')?.[1],
    ),
  });
  github.put(target, 'variable', `ID_${upper}`, `${other}-client`);
  await step('rotation', { ...delivery, 'client-name': newName ?? '', 'prune-after': '1d', rotate: 'always' });
  await step('current secret', {
    rotate: 'when-due',
    'current-secret': created.outputs['client-secret'] ?? '',
  });
  await step('dry run', { ...all, ...life, ...delivery, 'client-id': `new-${tag}`, 'dry-run': 'true' });
  github.put(target, 'variable', `ID_${upper}`, `${other}-client`);
  await step('delete', { ...delivery, mode: 'delete' });
  await step('sweep', {
    ...delivery,
    'write-to': '',
    'client-id': '',
    mode: 'sweep',
    'client-id-pattern': `preview-${tag}-{pr}`,
  });
  await step('audit', { mode: 'audit', 'client-id': '' });
  await step(
    'fleet',
    {
      'github-token': token,
      'github-api-url': github.apiUrl,
      'client-id': '',
      'secret-description': '',
      manifest: 'clients.yml',
    },
    { 'clients.yml': manifest },
  );
  const says = (about: string) => ({ message: `words-${tag} about ${about}`, title: `words-${tag}` });
  vantage.faults.add({ on: 'token', mishap: { kind: 'answer', status: 400, body: JSON.stringify(says('sign-in')) } });
  await step('refused sign-in', {});
  vantage.faults.clear();
  github.faults.add({
    on: 'writeSecret',
    mishap: { kind: 'answer', status: 403, body: JSON.stringify(says('write')) },
  });
  await step('refused write', { ...delivery, 'client-id': `refused-${tag}` });
  github.faults.clear();
  await step('unreachable', { 'base-url': `http://127.0.0.1:${closed}`, timeout: '5s' });
  await step('wrong input', { rotate: `wrong-${tag}` });

  const kinds: Readonly<Record<string, readonly string[]>> = {
    vantage: [vantage.baseUrl, new URL(vantage.baseUrl).host],
    github: [github.apiUrl, new URL(github.apiUrl).host],
    'other host': [`http://127.0.0.1:${closed}`, `127.0.0.1:${closed}`],
    tenant: [vantage.tenantId],
    administrator: [administrator.clientId],
    user: [administrator.username],
    client: [
      ...['client', 'known', 'user', 'new', 'refused', 'fleet-a', 'fleet-b'].map(name => `${name}-${tag}`),
      ...[0, 1].map(index => `preview-${tag}-${pull + index}`),
      `preview-${tag}-{pr}`,
    ],
    place: [`env-${tag}`, organization],
    name: ['SECRET', 'OTHER', 'ID', 'END', 'FLEET_A', 'FLEET_B'].map(name => `${name}_${upper}`),
    setting: settings,
    other: [other, `github.com/${otherId}`],
    'words of a server': [`words-${tag}`],
    'pull request': [pull, pull + 1].map(String),
    'wrong input': [`wrong-${tag}`],
    repository: [repository, own.owner, own.repo],
    'repository id': [`github.com/${id}`],
    run: [`run=${runId}.1`],
    'user agent': [`; run ${runId}.1`],
    'secret-description': [`about-${tag}`],
  };
  return { tag, runs, kinds };
}

/** The runs of one world. */
export type World = Awaited<ReturnType<typeof runAll>>;
