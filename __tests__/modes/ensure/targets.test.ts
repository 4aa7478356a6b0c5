import { describe, expect, test } from '@jest/globals';
import type { RouteFault, SecretScope, SeedItem } from '../../../emulator/github/index.ts';
import {
  Bench,
  type BenchOptions,
  bodiesOf,
  cancel,
  type Outcome,
  SIGNED_IN,
  SIX_MONTHS_LATER,
  VERIFICATION,
  writesOf,
} from '../../support/bench.ts';
import { OWN, SEED } from '../../support/github.ts';
import { CLIENT_ID } from '../../support/world.ts';

const CLIENT = { clientId: CLIENT_ID };
const BOTH: BenchOptions = { vantage: { clients: [CLIENT] }, github: {} };
const NAME = 'VANTAGE_CLIENT_SECRET';
const ENVIRONMENT: SecretScope = { ...OWN, environment: 'production' };
const STAGING: SecretScope = { ...OWN, environment: 'staging' };
const DEPENDABOT: SecretScope = { ...OWN, app: 'dependabot' };
const ORGANIZATION: SecretScope = { org: 'acme' };
const THREE = 'repository\nenvironment production\ndependabot repository';
const [REPOSITORY_LINE, ENVIRONMENT_LINE, DEPENDABOT_LINE] = [
  `actions repository octo-org/octo-repo as ${NAME}`,
  `environment octo-org/octo-repo production as ${NAME}`,
  `dependabot repository octo-org/octo-repo as ${NAME}`,
] as const;
const ORGANIZATION_LINE = `actions organization acme as ${NAME}`;
/** The same targets, as logs and errors name them. */
const [REPOSITORY_SECRET, ENVIRONMENT_SECRET, DEPENDABOT_SECRET, ORGANIZATION_SECRET] = [
  `secret ${NAME} in repository octo-org/octo-repo`,
  `secret ${NAME} in environment "production" of octo-org/octo-repo`,
  `Dependabot secret ${NAME} in repository octo-org/octo-repo`,
  `secret ${NAME} in organization acme`,
] as const;
const DELIVERED = `Delivered the new secret. It expires ${SIX_MONTHS_LATER}.`;
const wrote = (target: string) => `Wrote ${target}.`;

/** GitHub asks for no wait, so that the next attempt comes at once. */
const UNAVAILABLE = { kind: 'answer', status: 500, headers: { 'retry-after': '0' } } as const;

/** Selects writes of secrets by a part of their path. */
const writing = (path: RegExp): NonNullable<RouteFault['on']> => ({ method: 'PUT', path });
const TO_ENVIRONMENT = writing(/environments\/production\/secrets/u);
const TO_DEPENDABOT = writing(/dependabot\/secrets/u);

/** The lines of the delivery. */
const linesOf = ({ log }: Outcome) => log.filter(line => /^Wrote|^Created env|^Delivered|not delivered/u.test(line));

/** Every one of the places holds the only secret of Vantage. */
function expectAllHold(bench: Bench, scopes: readonly SecretScope[]): void {
  const [secret] = bench.secrets();
  expect(bench.secrets()).toHaveLength(1);
  expect(scopes.map(scope => bench.held(scope))).toEqual(scopes.map(() => secret?.value));
}

describe('the targets', () => {
  test('all get the new secret, in their order, and the step output does not', async () => {
    await using bench = await Bench.open(BOTH);
    const run = await bench.ensure({ 'write-to': `${THREE}\norganization acme` });
    expect(run.failure).toBeUndefined();
    expectAllHold(bench, [OWN, ENVIRONMENT, DEPENDABOT, ORGANIZATION]);
    expect(linesOf(run)).toEqual([
      wrote(REPOSITORY_SECRET),
      wrote(ENVIRONMENT_SECRET),
      wrote(DEPENDABOT_SECRET),
      wrote(ORGANIZATION_SECRET),
      DELIVERED,
    ]);
    expect(run.record).toMatchObject({
      secret: { verified: 'true', fate: 'handed-out' },
      written: [REPOSITORY_LINE, ENVIRONMENT_LINE, DEPENDABOT_LINE, ORGANIZATION_LINE],
      otherWrites: [],
      changed: true,
    });
    expect(bench.github.secret(ORGANIZATION, NAME)?.visibility).toBe('private');
    expect(run.output).toBeUndefined();
    expect(run.remembered).toEqual([['MARK-1'], []]);
  });

  test('get it in addition to the step output if the workflow requests both', async () => {
    await using bench = await Bench.open(BOTH);
    const run = await bench.ensure({ 'write-to': 'repository', 'output-secret': 'true' });
    expect(run.failure).toBeUndefined();
    expectAllHold(bench, [OWN]);
    expect(run.output).toBe(bench.held(OWN));
  });

  test('of one place get the same encrypted value', async () => {
    await using bench = await Bench.open(BOTH);
    const run = await bench.ensure({ 'write-to': 'repository\nrepository as OTHER\nenvironment production' });
    expect(run.failure).toBeUndefined();
    expect(bench.held(OWN, 'OTHER')).toBe(bench.held(OWN));
    const boxes = bodiesOf(run.github, 'writeSecret').map(({ encrypted_value }) => encrypted_value);
    expect(boxes[1]).toBe(boxes[0]);
    expect(boxes[2]).not.toBe(boxes[0]);
  });

  test('are not checked if no secret is created', async () => {
    await using bench = await Bench.open(BOTH);
    const run = await bench.ensure({ 'write-to': 'repository', rotate: 'never' });
    expect(run.failure).toBeUndefined();
    expect(run.github).toEqual([]);
  });

  test.each([
    ['always creates one', {}, false],
    ['always creates one and prunes', { 'prune-after': '7d' }, true],
    ['checks whether one is due', { rotate: 'when-due' }, true],
  ])('are read for the age of their secrets only if it matters: %s', async (_, inputs, asked) => {
    await using bench = await Bench.open(BOTH);
    const run = await bench.ensure({ 'write-to': 'repository', ...inputs });
    expectAllHold(bench, [OWN]);
    expect(run.github.some(({ route }) => route === 'readSecret')).toBe(asked);
  });

  test('that cannot be written are found before anything changes', async () => {
    await using bench = await Bench.open({ github: {} });
    const run = await bench.ensure({ 'write-to': 'repository\nenvironment nowhere' });
    expect(run.failure).toMatchObject({ code: 'not-found' });
    expect(writesOf(run)).toEqual([]);
    expect(run.record).toMatchObject({ changed: false });
  });

  test('all get it even if the run is cancelled during the first write', async () => {
    await using bench = await Bench.open(BOTH);
    const run = await bench.ensure({ 'write-to': THREE }, { when: [/^PUT /u, cancel] });
    // A write that is in progress when a run is cancelled is not aborted, and the remaining ones follow.
    expect(run.failure).toBeUndefined();
    expectAllHold(bench, [OWN, ENVIRONMENT, DEPENDABOT]);
    expect(run.record.secret).toMatchObject({ fate: 'handed-out' });
  });

  test('get nothing if the verification fails', async () => {
    await using bench = await Bench.open(BOTH);
    bench.vantage.faults.add({ on: VERIFICATION, mishap: { kind: 'html' } });
    const run = await bench.ensure({ 'write-to': THREE });
    expect(run.failure).toMatchObject({ code: 'unexpected-response' });
    expect(run.github.filter(({ method }) => method !== 'GET')).toEqual([]);
    expect(run.record.written).toEqual([]);
  });
});

describe('a target whose key has changed', () => {
  const rotation = (bench: Bench) =>
    ({ when: [/Verified the new secret/u, () => bench.github.rotateKey(OWN)] }) as const;

  test('gets the secret encrypted with the new one', async () => {
    await using bench = await Bench.open(BOTH);
    const run = await bench.ensure({ 'write-to': 'repository\nenvironment production' }, rotation(bench));
    expect(run.failure).toBeUndefined();
    expectAllHold(bench, [OWN, ENVIRONMENT]);
    const [first, second] = bodiesOf(run.github, 'writeSecret');
    expect(second?.key_id).not.toBe(first?.key_id);
    expect(run.github.map(({ route }) => route).slice(-4)).toEqual([
      'writeSecret',
      'publicKey',
      'writeSecret',
      'writeSecret',
    ]);
  });

  test('and that refuses this one as well, is reported as a refusal', async () => {
    await using bench = await Bench.open(BOTH);
    const body = { message: 'Bad again.' };
    bench.github.faults.add({ on: 'writeSecret', skip: 1, mishap: { kind: 'answer', status: 422, body } });
    const run = await bench.ensure({ 'write-to': 'repository' }, rotation(bench));
    expect(run.failure).toMatchObject({ code: 'invalid-input', message: expect.stringContaining('Bad again.') });
    expect(bodiesOf(run.github, 'writeSecret')).toHaveLength(2);
    expect(run.record.written).toEqual([]);
  });

  test('is not retried with the same key', async () => {
    await using bench = await Bench.open(BOTH);
    const body = { message: 'Not like this.' };
    bench.github.faults.add({ on: 'writeSecret', mishap: { kind: 'answer', status: 422, body } });
    const run = await bench.ensure({ 'write-to': 'repository' });
    expect(run.failure).toMatchObject({ code: 'invalid-input', message: expect.stringContaining('Not like this.') });
    expect(bodiesOf(run.github, 'writeSecret')).toHaveLength(1);
    expect(bench.marks()).toEqual([]);
  });
});

describe('a target that fails', () => {
  const forbidden = (target: string, permission: string) =>
    `writing ${target} failed at PUT GITHUB/repos/octo-org/octo-repo/${
      target === ENVIRONMENT_SECRET ? 'environments/production' : 'dependabot'
    }/secrets/${NAME}: it answered 403 with an empty body. The token needs ${permission}, and access to that repository or organization. Edit the token on GitHub: Settings, Developer settings, Personal access tokens.`;
  const NO_ENVIRONMENT = forbidden(ENVIRONMENT_SECRET, 'Environments: write on octo-org/octo-repo');

  test('does not stop the others, and the secret is kept', async () => {
    await using bench = await Bench.open(BOTH);
    bench.github.faults.add({ on: TO_ENVIRONMENT, mishap: { kind: 'answer', status: 403 } });
    const run = await bench.ensure({ 'write-to': THREE });
    expect(run.failure).toEqual({
      code: 'partial-hand-off',
      message: `writing the new secret to every target failed: it is in use, so it is kept. Written: ${REPOSITORY_SECRET}, ${DEPENDABOT_SECRET}. ${NO_ENVIRONMENT.replace('writing', 'Writing')} Fix what failed and run the step again.`,
      outcomeUnknown: false,
    });
    expect(run.cause).toBe(NO_ENVIRONMENT);
    expectAllHold(bench, [OWN, DEPENDABOT]);
    expect(bench.held(ENVIRONMENT)).toBeUndefined();
    expect(linesOf(run)).toEqual([wrote(REPOSITORY_SECRET), wrote(DEPENDABOT_SECRET)]);
    expect(run.record).toMatchObject({
      secret: { fate: 'handed-out' },
      written: [REPOSITORY_LINE, DEPENDABOT_LINE],
      changed: true,
    });
    expect(run.remembered.at(-1)).toEqual([]);
  });

  test('is named with the others that fail for the same reason, for which no advice is known', async () => {
    await using bench = await Bench.open(BOTH);
    bench.github.faults.add({ on: 'writeSecret', mishap: { kind: 'answer', status: 409 } });
    const run = await bench.ensure({ 'write-to': 'repository\nenvironment production' });
    const api = 'GITHUB/repos/octo-org/octo-repo';
    const refused = 'it answered 409 with an empty body.';
    expect(run.failure).toMatchObject({
      code: 'conflict',
      message: `writing the new secret to GitHub failed: writing ${REPOSITORY_SECRET} failed at PUT ${api}/actions/secrets/${NAME}: ${refused} · writing ${ENVIRONMENT_SECRET} failed at PUT ${api}/environments/production/secrets/${NAME}: ${refused}`,
    });
  });

  test('may hold the secret if its response is lost', async () => {
    await using bench = await Bench.open(BOTH);
    bench.github.faults.add({ on: TO_ENVIRONMENT, mishap: { ...UNAVAILABLE, apply: true } });
    bench.github.faults.add({ on: TO_DEPENDABOT, mishap: { ...UNAVAILABLE, apply: true } });
    const run = await bench.ensure({ 'write-to': `${THREE}\norganization acme` });
    expect(run.failure?.code).toBe('partial-hand-off');
    expect(run.failure?.message).toContain(
      `Written: ${REPOSITORY_SECRET}, ${ORGANIZATION_SECRET}; possibly written: ${ENVIRONMENT_SECRET}, ${DEPENDABOT_SECRET}. Writing ${ENVIRONMENT_SECRET} failed at`,
    );
    expect(run.failure?.message).toContain(` · writing ${DEPENDABOT_SECRET} failed at`);
    expect(run.record.written).toEqual([REPOSITORY_LINE, ORGANIZATION_LINE]);
    expectAllHold(bench, [OWN, ENVIRONMENT, DEPENDABOT, ORGANIZATION]);
  });

  test('may hold the secret if its write is aborted when the time runs out', async () => {
    await using bench = await Bench.open(BOTH);
    bench.github.faults.add({ on: 'writeSecret', mishap: { kind: 'stall', apply: true } });
    const run = await bench.ensure({ 'write-to': 'repository', timeout: '1s' });
    expect(run.failure?.code).toBe('partial-hand-off');
    expect(run.failure?.message).toContain(
      `possibly written: ${REPOSITORY_SECRET}. Writing ${REPOSITORY_SECRET} failed at PUT`,
    );
    expect(run.failure?.message).toContain("the step's timeout of 1 s ran out. It may have taken effect.");
    expect(run.record.secret).toMatchObject({ fate: 'handed-out' });
    expectAllHold(bench, [OWN]);
  });

  test('keeps the secret if it is the only one that may hold it', async () => {
    await using bench = await Bench.open(BOTH);
    bench.github.faults.add({ on: 'writeSecret', mishap: { ...UNAVAILABLE, apply: true } });
    const run = await bench.ensure({ 'write-to': 'repository' });
    expect(run.failure?.code).toBe('partial-hand-off');
    expect(run.failure?.message).toContain(`Written: none for certain; possibly written: ${REPOSITORY_SECRET}. `);
    expect(run.record).toMatchObject({ secret: { fate: 'handed-out' }, written: [], changed: true });
    expectAllHold(bench, [OWN]);
  });

  test('with all the others: the secret is revoked', async () => {
    await using bench = await Bench.open(BOTH);
    bench.github.faults.add({ on: 'writeSecret', mishap: { kind: 'answer', status: 403 } });
    const run = await bench.ensure({ 'write-to': 'environment production\ndependabot repository' });
    const noDependabot = forbidden(DEPENDABOT_SECRET, 'Dependabot secrets: write on octo-org/octo-repo');
    expect(run.failure).toEqual({
      code: 'github-permission',
      message: `writing the new secret to GitHub failed: ${NO_ENVIRONMENT} · ${noDependabot}`,
      outcomeUnknown: false,
    });
    expect(linesOf(run)).toEqual(['Revoked the new secret, because it was not delivered: MARK-1']);
    expect(run.record).toMatchObject({ secret: { fate: 'revoked' }, written: [], changed: false });
    expect(bench.marks()).toEqual([]);
  });

  test('with all the others prevents the step output as well', async () => {
    await using bench = await Bench.open(BOTH);
    bench.github.faults.add({ on: 'writeSecret', mishap: { kind: 'answer', status: 403 } });
    const run = await bench.ensure({ 'write-to': 'repository', 'output-secret': 'true' });
    expect(run.failure?.code).toBe('github-permission');
    expect(run.output).toBeUndefined();
  });

  test('does not keep the secret from the step output', async () => {
    await using bench = await Bench.open(BOTH);
    bench.github.faults.add({ on: TO_ENVIRONMENT, mishap: { kind: 'answer', status: 403 } });
    const run = await bench.ensure({ 'write-to': THREE, 'output-secret': 'true' });
    expect(run.failure?.code).toBe('partial-hand-off');
    expect(run.output).toBe(bench.held(OWN));
  });

  test('because the time runs out is reported, and so are those that were not tried', async () => {
    await using bench = await Bench.open(BOTH);
    const names = Array.from({ length: 12 }, (_, index) => `repository as SECRET_${index + 1}`);
    bench.github.faults.add({ on: 'writeSecret', mishap: { kind: 'delay', ms: 400 } });
    const run = await bench.ensure({ 'write-to': names.join('\n'), timeout: '3s' });
    expect(run.failure?.code).toBe('partial-hand-off');
    expect(run.failure?.message).toMatch(
      / writing secret SECRET_12 in repository octo-org\/octo-repo failed(?: at PUT \S+)?: the step's timeout of 3 s ran out\. Raise/u,
    );
    expect(run.record.written).not.toEqual([]);
    expect(bench.held(OWN, 'SECRET_1')).toBe(bench.secrets()[0]?.value);
    expect(bench.held(OWN, 'SECRET_12')).toBeUndefined();
  });
});

describe('more targets than GitHub accepts writes per minute', () => {
  test('if the run is cancelled: those that were not tried before the time to clean up is over are reported', async () => {
    await using bench = await Bench.open(BOTH);
    // With 7 environments and 6 variables, these are 70 writes. The last variable would have to wait for its turn.
    const lines = Array.from({ length: 57 }, (_, index) => `environment e${index % 7} as SECRET_${index + 1}`);
    const run = await bench.ensure(
      {
        'write-to': lines.join('\n'),
        'create-environments': 'true',
        'client-id-variable': 'CLIENT_ID',
        timeout: '5m',
      },
      { when: [/^Wrote secret SECRET_57 in/u, cancel] },
    );
    expect(run.failure?.code).toBe('partial-hand-off');
    expect(run.failure?.message).toMatch(
      / Writing variable CLIENT_ID in environment "e6" of octo-org\/octo-repo failed: the workflow was cancelled\. Fix what failed/u,
    );
    expect(run.record.written).toHaveLength(57);
    expect(run.record.otherWrites.filter(line => line.startsWith('variable'))).toHaveLength(6);
  });
});

describe('a delivery that cannot end in time', () => {
  /**
   * The maximum number of targets of a step, in a number of environments: each needs a write, and so does everything
   * next to it.
   */
  const spread = (environments: number) =>
    Array.from({ length: 64 }, (_, index) => `environment e${index % environments} as SECRET_${index + 1}`).join('\n');
  const CREATED = { 'create-environments': 'true', 'client-id-variable': 'CLIENT_ID' };
  const refusal = (writes: number, minutes: number, todo: string) => ({
    code: 'invalid-input',
    message: `planning the delivery to GitHub failed: \`timeout\` is too short: the delivery needs ${writes} writes, and at the pace that GitHub allows (450 an hour, 70 a minute) the last one starts after ${minutes} min. ${todo} No secret was created.`,
    outcomeUnknown: false,
  });
  const set = (timeout: string) => `Set \`timeout\` to ${timeout}, or spread the targets over several runs.`;

  test.each(['false', 'true'])('is refused before a client or a secret is created (dry run: %s)', async dryRun => {
    await using bench = await Bench.open({ github: {} });
    const run = await bench.ensure({
      ...CREATED,
      'expiration-variable': 'ENDS',
      'write-to': spread(25),
      timeout: '1m',
      'dry-run': dryRun,
    });
    expect(run.failure).toEqual(refusal(139, 1, set('3m')));
    expect(bench.vantage.client(CLIENT_ID)).toBeUndefined();
    expect(run.github.filter(({ method }) => method !== 'GET')).toEqual([]);
    expect(run.record.changed).toBe(false);
  });

  test.each([
    ['the environments', 7, { 'create-environments': 'true' }, refusal(71, 1, set('3m'))],
    ['the environments and the variables', 4, CREATED, refusal(72, 1, set('3m'))],
  ])('counts %s as well', async (_, environments, inputs, failure) => {
    await using bench = await Bench.open({ github: {} });
    const run = await bench.ensure({ ...inputs, timeout: '1m', 'write-to': spread(environments) });
    expect(run.failure).toEqual(failure);
    expect(bench.github.environments(OWN.owner, OWN.repo)).toEqual(['production']);
  });

  test('is not refused if no secret is due', async () => {
    await using bench = await Bench.open(BOTH);
    const run = await bench.ensure({ ...CREATED, 'write-to': spread(25), timeout: '1m', rotate: 'never' });
    expect(run.failure).toBeUndefined();
  });
});

describe('the variable with the client ID', () => {
  const VARIABLE = { 'client-id-variable': 'CLIENT_ID' };
  const IN_REPOSITORY = 'variable CLIENT_ID in repository octo-org/octo-repo';
  const IN_ENVIRONMENT = 'variable CLIENT_ID in environment "production" of octo-org/octo-repo';
  const IN_ORGANIZATION = 'variable CLIENT_ID in organization acme';

  /** A GitHub whose own repository has a variable. */
  const withVariable = (variable: SeedItem): BenchOptions => ({
    ...BOTH,
    github: {
      seed: {
        ...SEED,
        repositories: (SEED.repositories ?? []).map(one => ({
          ...one,
          ...(one.repo === OWN.repo ? { variables: [variable] } : {}),
        })),
      },
    },
  });

  test('is written once next to each place of Actions that got the secret', async () => {
    await using bench = await Bench.open(BOTH);
    const run = await bench.ensure({
      ...VARIABLE,
      'write-to': `${THREE}\nrepository as OTHER\norganization acme all`,
    });
    expect(run.failure).toBeUndefined();
    expect(run.record.plan?.writeTo).toEqual([
      { target: REPOSITORY_LINE, variable: 'CLIENT_ID' },
      { target: ENVIRONMENT_LINE, variable: 'CLIENT_ID' },
      { target: DEPENDABOT_LINE },
      { target: REPOSITORY_LINE.replace(NAME, 'OTHER'), variable: 'CLIENT_ID' },
      { target: ORGANIZATION_LINE, visibility: 'all', variable: 'CLIENT_ID' },
    ]);
    const variables = [IN_REPOSITORY, IN_ENVIRONMENT, IN_ORGANIZATION];
    expect(run.record.otherWrites).toEqual(variables);
    expect(linesOf(run).slice(-4)).toEqual([
      ...variables.map(variable => `Wrote the client id to ${variable}.`),
      DELIVERED,
    ]);
    for (const scope of [OWN, ENVIRONMENT, ORGANIZATION]) {
      expect(bench.github.variable(scope, 'CLIENT_ID')?.value).toBe(CLIENT_ID);
    }
    expect(bench.github.variable(ORGANIZATION, 'CLIENT_ID')?.visibility).toBe('all');
    expect(bodiesOf(run.github, 'createVariable')).toHaveLength(3);
  });

  test('is updated if it exists', async () => {
    await using bench = await Bench.open(withVariable({ name: 'CLIENT_ID', value: 'old' }));
    const run = await bench.ensure({ ...VARIABLE, 'write-to': 'repository' });
    expect(run.failure).toBeUndefined();
    expect(bench.github.variable(OWN, 'CLIENT_ID')?.value).toBe(CLIENT_ID);
    expect(bodiesOf(run.github, 'createVariable')).toEqual([]);
  });

  test('is not written next to a target that failed', async () => {
    await using bench = await Bench.open(BOTH);
    bench.github.faults.add({ on: TO_ENVIRONMENT, mishap: { kind: 'answer', status: 403 } });
    const run = await bench.ensure({ ...VARIABLE, 'write-to': THREE });
    expect(run.failure?.code).toBe('partial-hand-off');
    expect(run.record.otherWrites).toEqual([IN_REPOSITORY]);
    expect(bench.github.variable(ENVIRONMENT, 'CLIENT_ID')).toBeUndefined();
  });

  test('is reported if the time runs out before it is written', async () => {
    await using bench = await Bench.open(BOTH);
    bench.github.faults.add({ on: 'createVariable', mishap: { kind: 'stall' } });
    const run = await bench.ensure({ ...VARIABLE, 'write-to': 'repository', timeout: '2s' });
    expect(run.failure?.message).toContain(`. Writing ${IN_REPOSITORY} failed at POST`);
    expect(run.failure?.message).toContain(": the step's timeout of 2 s ran out.");
    expect(run.record).toMatchObject({ otherWrites: [], secret: { fate: 'handed-out' } });
    expect(run.record.written).toHaveLength(1);
  });

  test('that cannot be written stops neither the secrets nor the other variables', async () => {
    await using bench = await Bench.open(BOTH);
    bench.github.faults.add({ on: 'createVariable', times: 1, mishap: { kind: 'answer', status: 403 } });
    const run = await bench.ensure({ ...VARIABLE, 'write-to': THREE });
    expect(run.failure?.code).toBe('partial-hand-off');
    expect(run.failure?.message).toContain(
      `Written: ${REPOSITORY_SECRET}, ${ENVIRONMENT_SECRET}, ${DEPENDABOT_SECRET}. Writing ${IN_REPOSITORY} failed at POST`,
    );
    expect(run.record.otherWrites).toEqual([IN_ENVIRONMENT]);
    expectAllHold(bench, [OWN, ENVIRONMENT, DEPENDABOT]);
    expect(linesOf(run)).not.toContain(`Wrote the client id to ${IN_REPOSITORY}.`);
  });
});

describe('an environment that is missing', () => {
  const CREATE = { 'create-environments': 'true' };
  const LINE = 'environment octo-org/octo-repo staging';
  const CREATED = 'environment "staging" of octo-org/octo-repo';

  test('is created before the secret, and then gets the secret and the variable', async () => {
    await using bench = await Bench.open(BOTH);
    const run = await bench.ensure({
      ...CREATE,
      'write-to': 'environment staging\nenvironment staging as OTHER\nenvironment production\nrepository',
      'client-id-variable': 'CLIENT_ID',
    });
    expect(run.failure).toBeUndefined();
    expectAllHold(bench, [STAGING, ENVIRONMENT, OWN]);
    expect(bench.held(STAGING, 'OTHER')).toBe(bench.held(STAGING));
    expect(run.log.slice(1, 4)).toEqual([
      'Client "invoices" exists and has the declared settings.',
      `Created ${CREATED}.`,
      expect.stringMatching(/^Creating a secret/u),
    ]);
    expect(run.record.otherWrites).toEqual([
      CREATED,
      `variable CLIENT_ID in ${CREATED}`,
      'variable CLIENT_ID in environment "production" of octo-org/octo-repo',
      'variable CLIENT_ID in repository octo-org/octo-repo',
    ]);
    expect(run.github.filter(({ route }) => route === 'createEnvironment')).toHaveLength(1);
    expect(bench.github.environments(OWN.owner, OWN.repo)).toEqual(['production', 'staging']);
    // Each key is read once.
    expect(run.github.filter(({ route, status }) => route === 'publicKey' && status === 200)).toHaveLength(3);
  });

  test('is kept if the secret is revoked, and that is a change', async () => {
    await using bench = await Bench.open(BOTH);
    bench.vantage.faults.add({ on: VERIFICATION, mishap: { kind: 'html' } });
    const run = await bench.ensure({ ...CREATE, 'write-to': 'environment staging' });
    expect(run.failure?.code).toBe('unexpected-response');
    expect(run.record.plan?.writeTo).toEqual([{ target: `${LINE} as ${NAME}`, environment: 'create' }]);
    expect(run.record).toMatchObject({ otherWrites: [CREATED], changed: true, secret: { fate: 'revoked' } });
  });

  test('and cannot be created ends the run before a secret is created', async () => {
    await using bench = await Bench.open(BOTH);
    bench.github.faults.add({ on: 'createEnvironment', mishap: { kind: 'answer', status: 403 } });
    const run = await bench.ensure({ ...CREATE, 'write-to': 'environment staging' });
    expect(run.failure?.code).toBe('github-permission');
    expect(run.log).toEqual([SIGNED_IN, 'Client "invoices" exists and has the declared settings.']);
    expect(run.record).toMatchObject({ otherWrites: [], changed: false });
    expect(writesOf(run)).toEqual([]);
  });
});

describe('an environment that GitHub does not show', () => {
  const TO_IT = { 'write-to': 'environment production', 'create-environments': 'true' };
  const rules = { waitTimer: 30 };

  async function openHidden(): Promise<Bench> {
    const [own, ...others] = SEED.repositories ?? [];
    const repositories = [
      { ...OWN, ...own, environments: [{ name: 'production', protectionRules: rules }] },
      ...others,
    ];
    const bench = await Bench.open({ ...BOTH, github: { seed: { ...SEED, repositories } } });
    bench.github.faults.add({ on: 'readEnvironment', mishap: { kind: 'answer', status: 404 } });
    return bench;
  }

  test.each(['true', 'false'])(
    'but whose secrets have a key exists: it keeps its rules and gets the secret (create-environments: %s)',
    async create => {
      await using bench = await openHidden();
      const run = await bench.ensure({ ...TO_IT, 'create-environments': create });
      expect(run.failure).toBeUndefined();
      expect(run.github.filter(({ route }) => route === 'createEnvironment')).toEqual([]);
      expect(bench.github.environment(OWN.owner, OWN.repo, 'production')?.protectionRules).toMatchObject(rules);
      expectAllHold(bench, [ENVIRONMENT]);
      expect(run.record.otherWrites).toEqual([]);
    },
  );

  test('with a key that cannot be read is not known to be missing, so it is not created', async () => {
    await using bench = await openHidden();
    bench.github.faults.add({ on: 'publicKey', mishap: { kind: 'answer', status: 403 } });
    const run = await bench.ensure(TO_IT);
    expect(run.failure?.code).toBe('github-permission');
    expect(run.failure?.message).toContain('Environments: write on octo-org/octo-repo');
    expect(bench.github.environment(OWN.owner, OWN.repo, 'production')?.protectionRules).toMatchObject(rules);
    expect(writesOf(run)).toEqual([]);
  });
});
