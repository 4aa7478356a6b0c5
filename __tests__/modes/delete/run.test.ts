import { describe, expect, test } from '@jest/globals';
import type { RouteFault, SecretScope, SeedRepository } from '../../../emulator/github/index.ts';
import type { Fault, VantageOptions } from '../../../emulator/vantage/index.ts';
// Loaded before any test, so that each mutant of its constants is active in all of them.
import '../../../src/modes/delete/run.ts';
import { markNonce, ownershipMark } from '../../../src/model/mark.ts';
import {
  Bench,
  type BenchOptions,
  cancel,
  type Inputs,
  type RunOptions,
  SIGNED_IN,
  START,
} from '../../support/bench.ts';
import { OWN, SEED } from '../../support/github.ts';
import { digests, GITHUB, WORKFLOW } from '../../support/workflow.ts';
import { CLIENT_ID } from '../../support/world.ts';

const ENVIRONMENT: SecretScope = { ...OWN, environment: 'production' };
const PRODUCTION = 'environment octo-org/octo-repo production';
const SECRET = `${PRODUCTION} as VANTAGE_CLIENT_SECRET`;
const VARIABLE = `variable VANTAGE_CLIENT_ID of ${PRODUCTION}`;
const DEPENDABOT = 'dependabot repository octo-org/octo-repo as VANTAGE_CLIENT_SECRET';
/** How logs and errors name an item of the environment. */
const inProse = (item: string) => `${item} in environment "production" of octo-org/octo-repo`;
const DELETED_BOTH = [
  `Deleted ${inProse('secret VANTAGE_CLIENT_SECRET')}.`,
  `Deleted ${inProse('variable VANTAGE_CLIENT_ID')}.`,
];
const VARIABLE_KEPT = `Kept ${inProse('variable VANTAGE_CLIENT_ID')}, because the secret next to it is kept.`;
const BY_HAND = 'Delete it by hand, in Vantage under Configuration → Public API Client.';
const DOUBT = 'It may have taken effect.';
const DELETED = 'Deleted client "invoices".';
const HEAD = { schemaVersion: 1, mode: 'delete' };
const ABSENT = 'Client "invoices" does not exist.';
const CLIENT_AT = `VANTAGE/api/adminapi2/v2/tenants/TENANT/clients/${CLIENT_ID}/`;

const BOTH: Inputs = { 'write-to': 'environment production', 'client-id-variable': 'VANTAGE_CLIENT_ID' };
const THERE = { clients: [{ clientId: CLIENT_ID }] };
/** The server asks for no wait, so that the next attempt comes at once. */
const UNAVAILABLE = { kind: 'answer', status: 500, headers: { 'retry-after': '0' } } as const;

/** A GitHub whose own repository has these properties. */
const gitHubWith = (own: Partial<SeedRepository>): NonNullable<BenchOptions['github']> => ({
  seed: {
    ...SEED,
    repositories: (SEED.repositories ?? []).map(one => (one.repo === OWN.repo ? { ...one, ...own } : one)),
  },
});
const HOLDING = gitHubWith({
  environments: [
    {
      name: 'production',
      secrets: [{ name: 'VANTAGE_CLIENT_SECRET' }, { name: 'STAYS' }],
      variables: [
        { name: 'VANTAGE_CLIENT_ID', value: CLIENT_ID },
        { name: 'STAYS', value: 'as it is' },
      ],
    },
  ],
  secrets: [{ name: 'VANTAGE_CLIENT_SECRET', app: 'dependabot' }],
});

const HOUR = 3_600_000;

/** The mark of a secret that was created for a target, by its hours from the start. */
const markAt = (hours: number, apiUrl: string, target = 'dependabot repository') =>
  ownershipMark(
    WORKFLOW,
    digests([target], WORKFLOW, { apiUrl }),
    markNonce(new Date(Date.parse(START) + hours * HOUR), 'c0ffee00'),
  );

/** A Vantage that contains marks of this GitHub. */
type Marked = (apiUrl: string) => VantageOptions;

const open = (options: BenchOptions = {}) => Bench.open({ vantage: THERE, github: HOLDING, ...options });
const run = (bench: Bench, inputs: Inputs = BOTH, options?: RunOptions) => bench.run('delete', inputs, options);
type Run = Awaited<ReturnType<typeof run>>;

/** All requests that could change something, those to GitHub first. */
const deletionsOf = ({ github, vantage }: Run) =>
  [...github, ...vantage].filter(({ method }) => method === 'DELETE').map(({ route }) => route);
/** What GitHub still stores of the client in the environment. */
const held = ({ github }: Bench) => ({
  secret: github.secret(ENVIRONMENT, 'VANTAGE_CLIENT_SECRET') !== undefined,
  variable: github.variable(ENVIRONMENT, 'VANTAGE_CLIENT_ID') !== undefined,
});

describe('a client that exists', () => {
  test('is deleted, after what GitHub stores of it', async () => {
    await using bench = await open();
    const done = await run(bench);
    expect(done.failure).toBeUndefined();
    expect(done.log).toEqual([SIGNED_IN, ...DELETED_BOTH, DELETED]);
    expect(done.record).toEqual({
      mode: 'delete',
      clientId: CLIENT_ID,
      client: 'deleted',
      deletedFromGitHub: [SECRET, VARIABLE],
      changed: true,
      plan: { ...HEAD, clientId: CLIENT_ID, client: 'delete', deleteFrom: [SECRET, VARIABLE] },
    });
    expect(deletionsOf(done)).toEqual(['deleteSecret', 'deleteVariable', 'deleteClient']);
    expect(held(bench)).toEqual({ secret: false, variable: false });
    expect(bench.github.secret(ENVIRONMENT, 'STAYS')).toBeDefined();
    expect(bench.github.variable(ENVIRONMENT, 'STAYS')?.value).toBe('as it is');
    expect(bench.github.secret({ ...OWN, app: 'dependabot' }, 'VANTAGE_CLIENT_SECRET')).toBeDefined();
    expect(bench.vantage.clients()).toEqual([]);
    expect(done.remembered).toEqual([]);
  });

  test('is deleted alone if the step names no target', async () => {
    await using bench = await Bench.open({ vantage: THERE });
    const done = await run(bench, {});
    expect(done.failure).toBeUndefined();
    expect(done.log).toEqual([SIGNED_IN, DELETED]);
    expect(done.record).toMatchObject({ client: 'deleted', deletedFromGitHub: [], changed: true });
    expect(done.record.plan).toEqual({ ...HEAD, clientId: CLIENT_ID, client: 'delete' });
  });

  test('is kept in a dry run, with everything that GitHub stores of it', async () => {
    await using bench = await open();
    const done = await run(bench, { ...BOTH, 'dry-run': 'true' });
    expect(done.failure).toBeUndefined();
    expect(done.log).toEqual([
      SIGNED_IN,
      'A dry run changes nothing. The plan: delete the client, delete 2 secrets and variables on GitHub.',
      '- secret    VANTAGE_CLIENT_SECRET of environment octo-org/octo-repo production',
      '- variable  VANTAGE_CLIENT_ID of environment octo-org/octo-repo production',
      '- client    invoices · with all its secrets',
    ]);
    expect(done.record).toMatchObject({ client: 'present', deletedFromGitHub: [], changed: false });
    expect(deletionsOf(done)).toEqual([]);
    expect(held(bench)).toEqual({ secret: true, variable: true });
  });

  test('that somebody else deletes first is absent, which is not a change', async () => {
    await using bench = await Bench.open({ vantage: THERE });
    const done = await run(bench, {}, { when: [/^DELETE /u, () => bench.vantage.removeClient(CLIENT_ID)] });
    expect(done.failure).toBeUndefined();
    expect(done.log).toEqual([SIGNED_IN, ABSENT]);
    expect(done.record).toMatchObject({ client: 'absent', changed: false });
    expect(deletionsOf(done)).toEqual(['deleteClient']);
  });
});

describe('a client that does not exist', () => {
  test('is no reason to change anything', async () => {
    await using bench = await Bench.open({ github: {} });
    const done = await run(bench);
    expect(done.failure).toBeUndefined();
    expect(done.log).toEqual([SIGNED_IN, ABSENT]);
    expect(done.record).toEqual({
      mode: 'delete',
      clientId: CLIENT_ID,
      client: 'absent',
      deletedFromGitHub: [],
      changed: false,
      plan: { ...HEAD, clientId: CLIENT_ID, client: 'gone' },
    });
    expect(deletionsOf(done)).toEqual([]);
  });

  test('may have left something in GitHub, which is deleted', async () => {
    await using bench = await open({ vantage: {} });
    const done = await run(bench);
    expect(done.log).toEqual([SIGNED_IN, ...DELETED_BOTH, ABSENT]);
    expect(done.record).toMatchObject({ client: 'absent', deletedFromGitHub: [SECRET, VARIABLE], changed: true });
    expect(deletionsOf(done)).toEqual(['deleteSecret', 'deleteVariable']);
  });

  describe('and whose target has no variable', () => {
    const ALONE: Inputs = { 'write-to': 'dependabot repository' };
    const clientWith = (description: string | null): VantageOptions => ({
      clients: [{ clientId: 'invoices-pr-8', secrets: [{ description }] }],
    });
    const anHourBefore: Marked = apiUrl => clientWith(markAt(-1, apiUrl));

    test.each<readonly [string, number]>([
      ['when it was written', -1],
      ['a maximum run before', -(24 + 5 / 60)],
      ['right after, as clocks differ', 5 / 60],
    ])('keeps it if another client got a secret %s', async (_, hours) => {
      await using bench = await open({ vantage: apiUrl => clientWith(markAt(hours, apiUrl)) });
      const done = await run(bench, ALONE);
      expect(done.failure).toBeUndefined();
      expect(done.record.kept).toEqual([
        { line: DEPENDABOT, why: expect.stringContaining('when a secret was created for client "invoices-pr-8"') },
      ]);
      expect(deletionsOf(done)).toEqual([]);
    });

    test.each<readonly [string, Marked]>([
      ['without descriptions', apiUrl => ({ ...anHourBefore(apiUrl), shape: { descriptions: 'hidden' } })],
      ['in an incomplete list', apiUrl => ({ ...anHourBefore(apiUrl), shape: { list: 'array', paging: 'ignored' } })],
    ])('keeps it if others have secrets %s', async (_, vantage) => {
      await using bench = await open({ vantage });
      const done = await run(bench, ALONE);
      expect(done.record.deletedFromGitHub).toEqual([]);
      expect(deletionsOf(done)).not.toContain('deleteSecret');
    });

    test('keeps it if a secret of another client has no description, and says what to do', async () => {
      await using bench = await open({ vantage: clientWith('by hand') });
      const body = { items: [{ id: '1', description: 'by hand' }, { id: '2' }], totalItemCount: 2 };
      bench.vantage.faults.add({ on: 'readSecrets', mishap: { kind: 'wrong-shape', body } });
      const done = await run(bench, ALONE);
      expect(done.record.kept).toEqual([
        {
          line: DEPENDABOT,
          why: 'the client does not exist, and Vantage does not show whether another client uses it: set `client-id-variable`, or delete it manually',
        },
      ]);
      expect(deletionsOf(done)).toEqual([]);
    });

    test('reads no secrets if the target does not exist either', async () => {
      await using bench = await open({ vantage: anHourBefore, github: {} });
      const done = await run(bench, ALONE);
      expect(done.record).toMatchObject({ client: 'absent', deletedFromGitHub: [] });
      expect(done.vantage.map(({ route }) => route)).not.toContain('readSecrets');
    });

    test.each<readonly [string, Marked]>([
      ['no other client has a secret of this action', () => clientWith('by hand')],
      ['every other one was created long before', apiUrl => clientWith(markAt(-48, apiUrl))],
      [
        'every other one was created more than a maximum run before',
        apiUrl => clientWith(markAt(-(24 + 6 / 60), apiUrl)),
      ],
      ['every other one was created afterwards', apiUrl => clientWith(markAt(6 / 60, apiUrl))],
      ['every other one is for other targets', apiUrl => clientWith(markAt(-1, apiUrl, 'repository'))],
      ['every other one is for the same target on another GitHub', () => clientWith(markAt(-1, GITHUB.apiUrl))],
    ])('deletes it if %s', async (_, vantage) => {
      await using bench = await open({ vantage });
      const done = await run(bench, ALONE);
      expect(done.record).toMatchObject({ client: 'absent', deletedFromGitHub: [DEPENDABOT] });
      expect(done.record).not.toHaveProperty('kept');
    });
  });
});

describe('if Vantage', () => {
  test('has no reads of clients, GitHub’s items are deleted and the step says so', async () => {
    await using bench = await open({ vantage: { ...THERE, tier: 0 } });
    const done = await run(bench);
    expect(done.failure?.code).toBe('unsupported');
    expect(done.failure?.message).toMatch(/^deleting client "invoices" failed: GET VANTAGE.* answered 404/u);
    expect(done.failure?.message).toContain('Do it by hand, in Vantage under Configuration → Public API Client.');
    expect(done.log).toEqual([SIGNED_IN, ...DELETED_BOTH]);
    expect(done.record).toMatchObject({
      client: 'unknown',
      deletedFromGitHub: [SECRET, VARIABLE],
      changed: true,
      plan: { client: 'unknown' },
    });
    expect(deletionsOf(done)).toEqual(['deleteSecret', 'deleteVariable']);
  });

  test('has no reads of clients, a target without a variable is deleted as well, and no secrets are read', async () => {
    await using bench = await open({ vantage: { ...THERE, tier: 0 } });
    const done = await run(bench, { 'write-to': 'dependabot repository' });
    expect(done.failure?.code).toBe('unsupported');
    expect(done.log).toEqual([
      SIGNED_IN,
      'Deleted Dependabot secret VANTAGE_CLIENT_SECRET in repository octo-org/octo-repo.',
    ]);
    expect(done.record).toEqual({
      mode: 'delete',
      clientId: CLIENT_ID,
      client: 'unknown',
      deletedFromGitHub: [DEPENDABOT],
      changed: true,
      plan: { ...HEAD, clientId: CLIENT_ID, client: 'unknown', deleteFrom: [DEPENDABOT] },
    });
    expect(done.vantage.map(({ route }) => route)).not.toContain('readSecrets');
  });

  test.each(['false', 'true'])(
    'belongs to another tenant than `tenant-id`, nothing is deleted (dry run: %s)',
    async dryRun => {
      await using bench = await open();
      const done = await run(bench, {
        ...BOTH,
        'tenant-id': '11111111-2222-3333-4444-555555555555',
        'dry-run': dryRun,
      });
      expect(done.failure?.code).toBe('not-found');
      expect(done.failure?.message).toMatch(/^deleting client "invoices" failed: GET VANTAGE.* answered 404/u);
      expect(done.failure?.message).toContain(
        ', and the access token is for the tenant "TENANT", not for ID-1. Correct `tenant-id`. Nothing was deleted.',
      );
      expect(deletionsOf(done)).toEqual([]);
      expect(held(bench)).toEqual({ secret: true, variable: true });
    },
  );

  test('may be that of a `tenant-id` that is no GUID, GitHub’s items are deleted', async () => {
    await using bench = await open();
    const done = await run(bench, { ...BOTH, 'tenant-id': 'acme' });
    expect(done.failure?.code).toBe('unsupported');
    expect(done.log).toEqual([SIGNED_IN, ...DELETED_BOTH]);
  });

  test('refuses the sign-in, nothing is known and nothing is done', async () => {
    await using bench = await open();
    bench.vantage.faults.add({ on: 'token', mishap: { kind: 'answer', status: 401 } });
    const done = await run(bench);
    expect(done.failure).toMatchObject({ code: 'authentication-failed' });
    expect(done.record).toEqual({
      mode: 'delete',
      clientId: CLIENT_ID,
      client: 'unknown',
      deletedFromGitHub: [],
      changed: false,
    });
    expect(deletionsOf(done)).toEqual([]);
  });

  test.each<readonly [string, Fault, 'present' | 'unknown', string]>([
    [
      'forbids the deletion',
      { on: 'deleteClient', mishap: { kind: 'answer', status: 403 } },
      'present',
      `deleting client "invoices" failed at DELETE ${CLIENT_AT}: it answered 403 with an empty body. Give client "ADMIN" the role Tenant Administrator in the tenant TENANT (\`tenant-id\`): in Vantage, in its settings under Configuration → Public API Client. If it has the role, this Vantage lets only users do this: set \`username\` and \`password\` of such a user as well.`,
    ],
    [
      'offers no deletion',
      { on: 'deleteClient', mishap: { kind: 'answer', status: 404 } },
      'present',
      `deleting client "invoices" failed at DELETE ${CLIENT_AT}: it answered 404 with an empty body. ${BY_HAND}`,
    ],
    [
      'fails at every attempt to delete',
      { on: 'deleteClient', mishap: UNAVAILABLE },
      'unknown',
      `deleting client "invoices" failed at DELETE ${CLIENT_AT}: it answered 500 with an empty body, 5 times. ${DOUBT} Run the step again when Vantage is available.`,
    ],
  ])('%s, the client is reported as far as it is known', async (_, fault, client, message) => {
    await using bench = await Bench.open({ vantage: THERE });
    bench.vantage.faults.add(fault);
    const done = await run(bench, {});
    expect(done.failure?.message).toBe(message);
    expect(done.record).toMatchObject({ client, deletedFromGitHub: [], changed: false });
    expect(done.failure?.outcomeUnknown).toBe(client === 'unknown');
    expect(done.log).not.toContain(DELETED);
    expect(bench.vantage.client(CLIENT_ID)).toBeDefined();
  });
});

describe('of what GitHub may store', () => {
  test.each<readonly [string, Partial<SeedRepository>, readonly string[]]>([
    [
      'only the secret',
      { environments: [{ name: 'production', secrets: [{ name: 'VANTAGE_CLIENT_SECRET' }] }] },
      [SECRET],
    ],
    [
      'only the variable',
      { environments: [{ name: 'production', variables: [{ name: 'VANTAGE_CLIENT_ID', value: CLIENT_ID }] }] },
      [VARIABLE],
    ],
    ['not even the environment', { environments: [] }, []],
  ])('%s is deleted', async (_, own, lines) => {
    await using bench = await open({ github: gitHubWith(own) });
    const done = await run(bench);
    expect(done.failure).toBeUndefined();
    expect(done.record.deletedFromGitHub).toEqual(lines);
    expect(done.record.plan).toEqual({
      ...HEAD,
      clientId: CLIENT_ID,
      client: 'delete',
      ...(lines.length > 0 ? { deleteFrom: lines } : {}),
    });
    expect(deletionsOf(done)).toHaveLength(lines.length + 1);
  });

  test('the variable of a place with several targets is deleted once', async () => {
    await using bench = await open();
    const done = await run(bench, {
      ...BOTH,
      'write-to': 'environment production\nenvironment Octo-Org/octo-repo production as STAYS\ndependabot repository',
    });
    const other = 'environment Octo-Org/octo-repo production';
    expect(done.failure).toBeUndefined();
    expect(done.record.deletedFromGitHub.slice(0, 3)).toEqual([SECRET, `${other} as STAYS`, DEPENDABOT]);
    expect(done.record.deletedFromGitHub.slice(3)).toEqual([
      expect.stringMatching(/^variable VANTAGE_CLIENT_ID of environment /u),
    ]);
    expect(held(bench)).toEqual({ secret: false, variable: false });
  });

  test('a target that cannot be read ends the step before anything is deleted', async () => {
    await using bench = await open();
    const done = await run(bench, { ...BOTH, 'write-to': 'environment production\norganization nobody' });
    expect(done.failure?.code).toBe('github-permission');
    expect(done.record).toMatchObject({ deletedFromGitHub: [], changed: false });
    expect(deletionsOf(done)).toEqual([]);
  });

  test('a secret that was deleted since the check is not reported as deleted', async () => {
    await using bench = await open({ vantage: {} });
    bench.github.faults.add({ on: 'deleteSecret', mishap: { kind: 'answer', status: 404, apply: true } });
    const done = await run(bench, { 'write-to': 'environment production' });
    expect(done.failure).toBeUndefined();
    expect(done.log).toEqual([SIGNED_IN, ABSENT]);
    expect(done.record).toMatchObject({ client: 'absent', deletedFromGitHub: [], changed: false });
    expect(deletionsOf(done)).toEqual(['deleteSecret']);
  });
});

describe('if GitHub does not delete', () => {
  const on = (path: RegExp, mishap: RouteFault['mishap']): RouteFault => ({ on: { method: 'DELETE', path }, mishap });
  const REFUSED = { kind: 'answer', status: 403 } as const;
  const refusal = (what: string, path: string) =>
    `deleting ${inProse(what)} failed at DELETE GITHUB/repos/octo-org/octo-repo/environments/production/${path}: it answered 403 with an empty body.`;
  const advice =
    'The token needs Environments: write on octo-org/octo-repo, and access to that repository or organization. Edit the token on GitHub: Settings, Developer settings, Personal access tokens.';

  test('the secret of a place, its variables are kept, because they name its client', async () => {
    await using bench = await open();
    bench.github.faults.add(on(/secrets/u, REFUSED));
    const done = await run(bench);
    expect(done.failure).toEqual({
      code: 'github-permission',
      message: `${refusal('secret VANTAGE_CLIENT_SECRET', 'secrets/VANTAGE_CLIENT_SECRET')} ${advice}`,
      outcomeUnknown: false,
    });
    expect(done.log).toEqual([SIGNED_IN, VARIABLE_KEPT]);
    expect(done.record).toMatchObject({ client: 'present', deletedFromGitHub: [], changed: false });
    expect(held(bench)).toEqual({ secret: true, variable: true });
    expect(deletionsOf(done)).toEqual(['deleteSecret']);
  });

  test('one of two secrets of a place, the other one is deleted, and so is everything in other places', async () => {
    await using bench = await open({
      github: gitHubWith({
        environments: [
          {
            name: 'production',
            secrets: [{ name: 'VANTAGE_CLIENT_SECRET' }, { name: 'SECOND' }],
            variables: [{ name: 'VANTAGE_CLIENT_ID', value: CLIENT_ID }],
          },
        ],
        secrets: [{ name: 'VANTAGE_CLIENT_SECRET' }],
        variables: [{ name: 'VANTAGE_CLIENT_ID', value: CLIENT_ID }],
      }),
    });
    bench.github.faults.add(on(/environments.*VANTAGE_CLIENT_SECRET/u, REFUSED));
    const done = await run(bench, {
      ...BOTH,
      'write-to': 'environment production\nenvironment production as SECOND\nrepository',
    });
    expect(done.failure?.code).toBe('github-permission');
    expect(done.record).toMatchObject({
      client: 'present',
      deletedFromGitHub: [
        `${PRODUCTION} as SECOND`,
        'actions repository octo-org/octo-repo as VANTAGE_CLIENT_SECRET',
        'variable VANTAGE_CLIENT_ID of actions repository octo-org/octo-repo',
      ],
    });
    expect(held(bench)).toEqual({ secret: true, variable: true });
  });

  test('a secret that the token can read, but not delete: 404 does not mean that it is absent', async () => {
    await using bench = await open();
    bench.github.faults.add({ on: 'deleteSecret', mishap: { kind: 'answer', status: 404 } });
    const done = await run(bench);
    expect(done.failure).toMatchObject({
      code: 'github-permission',
      message: expect.stringContaining(
        'answered 404 with an empty body. It still exists. The token needs Environments: write',
      ),
      outcomeUnknown: false,
    });
    expect(done.log).toEqual([SIGNED_IN, VARIABLE_KEPT]);
    expect(done.record).toMatchObject({ client: 'present', deletedFromGitHub: [], changed: false });
    expect(held(bench)).toEqual({ secret: true, variable: true });
  });

  test('the variable, the secret is deleted, and the client is kept', async () => {
    await using bench = await open();
    bench.github.faults.add(on(/variables/u, REFUSED));
    const done = await run(bench);
    expect(done.failure?.message).toBe(
      `${refusal('variable VANTAGE_CLIENT_ID', 'variables/VANTAGE_CLIENT_ID')} ${advice}`,
    );
    expect(done.record).toMatchObject({ client: 'present', deletedFromGitHub: [SECRET], changed: true });
    expect(held(bench)).toEqual({ secret: false, variable: true });
  });

  test('two secrets, nothing has changed, and both are reported', async () => {
    await using bench = await open();
    bench.github.faults.add(on(/./u, REFUSED));
    const done = await run(bench, { 'write-to': 'environment production\nenvironment production as STAYS' });
    const both = [
      refusal('secret VANTAGE_CLIENT_SECRET', 'secrets/VANTAGE_CLIENT_SECRET'),
      refusal('secret STAYS', 'secrets/STAYS'),
    ];
    expect(done.failure?.message).toBe(
      `deleting what GitHub stores of client "invoices", which is kept for now, failed: ${both.join(' · ')} ${advice}`,
    );
    expect(done.record).toMatchObject({ client: 'present', deletedFromGitHub: [], changed: false });
  });

  test('a secret for certain, that may be a change', async () => {
    await using bench = await open();
    bench.github.faults.add(on(/./u, UNAVAILABLE));
    const done = await run(bench, { 'write-to': 'environment production' });
    expect(done.failure).toMatchObject({ code: 'github-unavailable', outcomeUnknown: true });
    expect(done.record).toMatchObject({
      client: 'present',
      deletedFromGitHub: [],
      notDeleted: [{ line: SECRET, why: expect.stringMatching(/^may have been deleted: it answered 500/u) }],
      changed: true,
    });
  });

  test('because the run is cancelled, the current request is named, and the others are not sent', async () => {
    await using bench = await open();
    bench.github.faults.add({ on: 'deleteSecret', mishap: { kind: 'stall' } });
    const done = await run(
      bench,
      { ...BOTH, 'write-to': 'environment production\ndependabot repository' },
      { when: [/^DELETE .*secrets/u, cancel] },
    );
    expect(done.failure?.code).toBe('cancelled');
    expect(done.failure?.message).toContain(
      `deleting ${inProse('secret VANTAGE_CLIENT_SECRET')} failed at DELETE GITHUB/repos/octo-org/octo-repo/environments/production/secrets/VANTAGE_CLIENT_SECRET: the workflow was cancelled. ${DOUBT}`,
    );
    // The second one cannot have taken effect, because it was never sent.
    expect(done.failure?.message).toContain(
      ' · deleting Dependabot secret VANTAGE_CLIENT_SECRET in repository octo-org/octo-repo failed: the workflow was cancelled.',
    );
    expect(done.failure?.message.split(DOUBT)).toHaveLength(2);
    expect(done.log).toEqual([SIGNED_IN, VARIABLE_KEPT]);
    expect(done.record).toMatchObject({ client: 'present', deletedFromGitHub: [], changed: true });
    expect(deletionsOf(done)).toEqual(['deleteSecret']);
  });

  test('more than a limited number per minute, those that remain when the time runs out are reported', async () => {
    const names = Array.from({ length: 57 }, (_, index) => `SECRET_${index + 1}`);
    const environments = Array.from({ length: 7 }, (_, index) => ({
      name: `e${index + 1}`,
      secrets: [{ name: 'VANTAGE_CLIENT_SECRET' }],
      variables: [{ name: 'VANTAGE_CLIENT_ID', value: CLIENT_ID }],
    }));
    await using bench = await open({ github: gitHubWith({ secrets: names.map(name => ({ name })), environments }) });
    const lines = [
      ...names.map(name => `repository as ${name}`),
      ...environments.map(({ name }) => `environment ${name}`),
    ];
    const done = await run(bench, { ...BOTH, 'write-to': lines.join('\n'), timeout: '50s' });
    expect(done.failure).toEqual({
      code: 'timeout',
      message:
        'deleting variable VANTAGE_CLIENT_ID in environment "e7" of octo-org/octo-repo failed: the step\'s timeout of 50 s ran out. Raise `timeout` if GitHub needs longer, or run the step again.',
      outcomeUnknown: false,
    });
    expect(done.record).toMatchObject({ client: 'present', changed: true });
    expect(done.record.deletedFromGitHub).toHaveLength(70);
    expect(bench.github.variable({ ...OWN, environment: 'e7' }, 'VANTAGE_CLIENT_ID')).toBeDefined();
  });
});

describe('what now belongs to another client', () => {
  /** The environment, with a variable that names this client. */
  const naming = (value: string) =>
    gitHubWith({
      environments: [
        {
          name: 'production',
          secrets: [{ name: 'VANTAGE_CLIENT_SECRET' }, { name: 'OTHER' }],
          variables: [
            { name: 'VANTAGE_CLIENT_ID', value },
            { name: 'VANTAGE_EXPIRATION', value: '2027-07-31T09:00:00Z' },
          ],
        },
      ],
      secrets: [{ name: 'VANTAGE_CLIENT_SECRET', app: 'dependabot' }],
    });
  const WHY = 'variable VANTAGE_CLIENT_ID there names client "invoices-pr-8"';

  test.each(['false', 'true'])('is kept: the variable and the secrets next to it (dry run: %s)', async dryRun => {
    await using bench = await open({ github: naming('invoices-pr-8') });
    const targets = ['environment production', 'environment production as OTHER', 'dependabot repository'];
    const done = await run(bench, {
      ...BOTH,
      'expiration-variable': 'VANTAGE_EXPIRATION',
      'write-to': targets.join('\n'),
      'dry-run': dryRun,
    });
    expect(done.failure).toBeUndefined();
    const expiration = `variable VANTAGE_EXPIRATION of ${PRODUCTION}`;
    const kept = [SECRET, `${PRODUCTION} as OTHER`, VARIABLE, expiration].map(line => ({ line, why: WHY }));
    expect(done.record.kept).toEqual(kept);
    expect(done.record.plan).toEqual({
      ...HEAD,
      clientId: CLIENT_ID,
      client: 'delete',
      deleteFrom: [DEPENDABOT],
      keep: kept,
    });
    const items = [
      'secret VANTAGE_CLIENT_SECRET',
      'secret OTHER',
      'variable VANTAGE_CLIENT_ID',
      'variable VANTAGE_EXPIRATION',
    ];
    expect(done.log[1]).toBe(
      `Warning: Kept, because it serves another client or may: ${items.map(item => `${inProse(item)} (${WHY})`).join('; ')}.`,
    );
    expect(held(bench)).toEqual({ secret: true, variable: true });
    expect(deletionsOf(done)).toEqual(dryRun === 'true' ? [] : ['deleteSecret', 'deleteClient']);
  });

  test('can be another client in another case', async () => {
    await using bench = await open({ github: naming('Invoices') });
    const done = await run(bench);
    expect(done.record).toMatchObject({ deletedFromGitHub: [], kept: [{ line: SECRET }, { line: VARIABLE }] });
    // If the variable names a client, the secrets are not read.
    expect(done.vantage.map(({ route }) => route)).not.toContain('readSecrets');
  });

  test('is kept even if the client does not exist', async () => {
    await using bench = await open({ github: naming('invoices-pr-8'), vantage: {} });
    const done = await run(bench);
    expect(done.log.at(-1)).toBe(ABSENT);
    expect(done.record).toMatchObject({ client: 'absent', deletedFromGitHub: [], changed: false });
    expect(held(bench)).toEqual({ secret: true, variable: true });
  });

  test.each(['invoices', ' invoices\n'])(
    'does not include what is next to a variable that names this client: %j',
    async value => {
      await using bench = await open({ github: naming(value) });
      const done = await run(bench, { ...BOTH, 'expiration-variable': 'VANTAGE_EXPIRATION' });
      expect(done.failure).toBeUndefined();
      expect(done.record.deletedFromGitHub).toEqual([SECRET, VARIABLE, `variable VANTAGE_EXPIRATION of ${PRODUCTION}`]);
      expect(done.record).not.toHaveProperty('kept');
      expect(done.vantage.map(({ route }) => route)).not.toContain('readSecrets');
    },
  );

  test('is not decided by an expiration variable, which is deleted with the secret', async () => {
    await using bench = await open({ github: naming('invoices-pr-8') });
    const done = await run(bench, {
      'write-to': 'environment production',
      'expiration-variable': 'VANTAGE_EXPIRATION',
    });
    expect(done.failure).toBeUndefined();
    expect(done.record.deletedFromGitHub).toEqual([SECRET, `variable VANTAGE_EXPIRATION of ${PRODUCTION}`]);
    expect(held(bench)).toEqual({ secret: false, variable: true });
  });

  const ALONE: Inputs = { 'write-to': 'dependabot repository' };
  /** A client whose newest secret for the target was created some hours before the target was written, which is now. */
  const heldFor =
    (hours: number, more: VantageOptions = {}): Marked =>
    apiUrl => ({ clients: [{ clientId: CLIENT_ID, secrets: [{ description: markAt(-hours, apiUrl) }] }], ...more });

  test('is not decided by a variable of this client in another place', async () => {
    await using bench = await open({
      vantage: heldFor(48),
      github: naming(CLIENT_ID),
    });
    const done = await run(bench, { ...BOTH, 'write-to': 'environment production\ndependabot repository' });
    expect(done.failure).toBeUndefined();
    expect(done.record).toMatchObject({ deletedFromGitHub: [SECRET, VARIABLE], kept: [{ line: DEPENDABOT }] });
  });

  test('is decided by the time of the write if there is no variable', async () => {
    await using bench = await open({ vantage: heldFor(25) });
    const done = await run(bench, ALONE);
    expect(done.failure).toBeUndefined();
    expect(done.record.kept).toEqual([
      {
        line: DEPENDABOT,
        why: `it was written at ${START}, and this client's newest secret for it was created at 2027-01-30T08:00:00.000Z`,
      },
    ]);
    expect(done.log.filter(line => line.startsWith('Warning: '))).toHaveLength(1);
    expect(deletionsOf(done)).toEqual(['deleteClient']);
  });

  test.each<readonly [string, Marked, Fault | undefined]>([
    ['a run of this client can have written it', heldFor(24), undefined],
    ['the longest run of this client can have written it, as clocks differ', heldFor(24 + 5 / 60), undefined],
    ['none of its secrets is for this target', () => THERE, undefined],
    ['its secrets cannot be listed', heldFor(48), { on: 'readSecrets', mishap: { kind: 'answer', status: 404 } }],
    ['Vantage is unavailable for their list', heldFor(48), { on: 'readSecrets', mishap: UNAVAILABLE }],
    [
      'the list may be incomplete',
      heldFor(48, { shape: { list: 'array', paging: 'ignored', pageSize: 100 } }),
      undefined,
    ],
    [
      'a description is hidden',
      heldFor(48),
      { on: 'readSecrets', mishap: { kind: 'wrong-shape', body: { items: [{ id: '1' }], totalItemCount: 1 } } },
    ],
  ])('is not known if %s: the workflow names the target, and it is deleted', async (_, vantage, fault) => {
    await using bench = await open({ vantage });
    if (fault) {
      bench.vantage.faults.add(fault);
    }
    const done = await run(bench, ALONE);
    expect(done.failure).toBeUndefined();
    expect(done.record).toMatchObject({ client: 'deleted', deletedFromGitHub: [DEPENDABOT] });
    expect(done.record).not.toHaveProperty('kept');
  });
});

describe('a target without a variable, of a client that exists', () => {
  const OTHER = 'invoices-pr-8';
  const TO: Inputs = { 'write-to': 'environment production' };
  const hoursOn = (hours: number) => new Date(Date.parse(START) + hours * HOUR).toISOString();

  test('is kept if another client took it over on the same day, whose secret still works', async () => {
    await using bench = await Bench.open({ github: {} });
    await bench.ensure(TO);
    bench.moveTo(hoursOn(1));
    await bench.ensure({ ...TO, 'client-id': OTHER });
    bench.moveTo(hoursOn(2));
    const done = await run(bench, TO);
    expect(done.failure).toBeUndefined();
    expect(done.record.kept).toEqual([
      {
        line: SECRET,
        why: expect.stringContaining(
          `it was written at ${hoursOn(1)}, when a secret was created for client "${OTHER}"`,
        ),
      },
    ]);
    expect(deletionsOf(done)).toEqual(['deleteClient']);
    expect(bench.held(ENVIRONMENT)).toBe(bench.vantage.client(OTHER)?.secrets[0]?.value);
  });

  /** Both clients with a secret of this action, created some hours after the target was written. */
  const created =
    (own: number, other: number): Marked =>
    apiUrl => ({
      clients: [
        { clientId: CLIENT_ID, secrets: [{ description: markAt(own, apiUrl) }] },
        { clientId: OTHER, secrets: [{ description: markAt(other, apiUrl) }] },
      ],
    });
  const LISTS_NONE = { kind: 'answer', status: 404 } as const;

  test('is kept if another client got a secret later than this one', async () => {
    await using bench = await open({ vantage: created(-2, -1) });
    const done = await run(bench, { 'write-to': 'dependabot repository' });
    expect(done.record).toMatchObject({ client: 'deleted', deletedFromGitHub: [], kept: [{ line: DEPENDABOT }] });
  });

  test('is deleted if this client got a later secret for something else', async () => {
    await using bench = await open({
      vantage: apiUrl => {
        const secrets = [{ description: markAt(-2, apiUrl) }, { description: markAt(-1, apiUrl, 'repository') }];
        return { clients: [{ clientId: CLIENT_ID, secrets }] };
      },
    });
    const done = await run(bench, { 'write-to': 'dependabot repository' });
    expect(done.failure).toBeUndefined();
    expect(done.record.deletedFromGitHub).toEqual([DEPENDABOT]);
  });

  test.each<readonly [string, Marked, Fault | undefined]>([
    ['this client got the newer secret', created(-1, -2), undefined],
    ['both got one at the same time', created(-1, -1), undefined],
    ['the other client got its secret after the target was written', created(-1, 1), undefined],
    [
      'the other client’s secrets cannot be read, and its own secret explains the write',
      created(-2, -1),
      { on: { path: /clients\/invoices-pr-8\/secrets/u, method: 'GET' }, mishap: LISTS_NONE },
    ],
    [
      'clients are not listed, and its own secret explains the write',
      created(-2, -1),
      { on: 'listClients', mishap: LISTS_NONE },
    ],
  ])('is deleted if %s', async (_, vantage, fault) => {
    await using bench = await open({ vantage });
    if (fault) {
      bench.vantage.faults.add(fault);
    }
    const done = await run(bench, { 'write-to': 'dependabot repository' });
    expect(done.failure).toBeUndefined();
    expect(done.record).toMatchObject({ client: 'deleted', deletedFromGitHub: [DEPENDABOT] });
    expect(done.record).not.toHaveProperty('kept');
  });
});

describe('an incomplete list of clients', () => {
  /** The server returns only the first of these for every page, and has no read of this client. */
  const CUT: VantageOptions = {
    clients: [{ clientId: 'first' }, { clientId: CLIENT_ID }],
    shape: { list: 'array', paging: 'ignored', pageSize: 2 },
  };
  const UNREAD: Fault = {
    on: { path: /clients\/invoices\/$/u, method: 'GET' },
    mishap: { kind: 'answer', status: 404 },
  };

  test.each(['array', 'envelope-without-count'] as const)(
    '(%s) does not prove that the client is absent: it is deleted',
    async list => {
      await using bench = await Bench.open({ vantage: { ...CUT, shape: { ...CUT.shape, list } } });
      bench.vantage.faults.add(UNREAD);
      const done = await run(bench, {});
      expect(done.failure).toBeUndefined();
      expect(done.log).toEqual([SIGNED_IN, DELETED]);
      expect(done.record).toMatchObject({ client: 'deleted', changed: true, plan: { client: 'delete if it exists' } });
      expect(bench.vantage.client(CLIENT_ID)).toBeUndefined();
    },
  );

  test('does not keep a target without a variable if the secrets of the client are listed: they prove that it exists', async () => {
    await using bench = await open({ vantage: { ...CUT, shape: { ...CUT.shape, list: 'array' } } });
    bench.vantage.faults.add(UNREAD);
    const done = await run(bench, { 'write-to': 'dependabot repository' });
    expect(done.failure).toBeUndefined();
    expect(done.record).toEqual({
      mode: 'delete',
      clientId: CLIENT_ID,
      client: 'deleted',
      deletedFromGitHub: [DEPENDABOT],
      changed: true,
      plan: { ...HEAD, clientId: CLIENT_ID, client: 'delete if it exists', deleteFrom: [DEPENDABOT] },
    });
  });

  test('makes a dry run report what a run would do', async () => {
    await using bench = await Bench.open({ vantage: CUT });
    bench.vantage.faults.add(UNREAD);
    const done = await run(bench, { 'dry-run': 'true' });
    expect(done.failure).toBeUndefined();
    expect(done.record).toMatchObject({ client: 'unknown', plan: { client: 'delete if it exists' } });
    expect(deletionsOf(done)).toEqual([]);
  });

  test('makes a client absent if Vantage can neither read nor delete it', async () => {
    await using bench = await Bench.open({ vantage: { ...CUT, clients: [{ clientId: 'first' }] } });
    const done = await run(bench, {});
    expect(done.failure).toBeUndefined();
    expect(done.log).toEqual([SIGNED_IN, ABSENT]);
    expect(done.record).toMatchObject({ client: 'absent', changed: false });
    expect(deletionsOf(done)).toEqual(['deleteClient']);
  });

  test('leaves the result unknown if no client can be read: the step says how to delete it manually', async () => {
    await using bench = await Bench.open({ vantage: CUT });
    bench.vantage.faults.add({ on: 'readClient', mishap: { kind: 'answer', status: 404 } });
    bench.vantage.faults.add({ on: 'deleteClient', mishap: { kind: 'answer', status: 404 } });
    const done = await run(bench, {});
    expect(done.failure).toEqual({
      code: 'unsupported',
      message: `deleting client "invoices" failed at DELETE ${CLIENT_AT}: it answered 404 with an empty body. ${BY_HAND}`,
      outcomeUnknown: false,
    });
    expect(done.record).toMatchObject({ client: 'unknown', changed: false });
  });
});

describe('if Vantage offers no deletion, a dry run', () => {
  test('ends like the run, and its plan is what the run does', async () => {
    await using bench = await open({ vantage: { ...THERE, tier: 0 } });
    const planned = await run(bench, { ...BOTH, 'dry-run': 'true' });
    const done = await run(bench);
    expect(planned.failure).toEqual(done.failure);
    expect(planned.failure?.code).toBe('unsupported');
    expect(planned.record.plan).toEqual(done.record.plan);
    expect(planned.record).toMatchObject({ client: 'unknown', deletedFromGitHub: [], changed: false });
    expect(deletionsOf(planned)).toEqual([]);
    expect(done.record.deletedFromGitHub).toEqual([SECRET, VARIABLE]);
  });
});
