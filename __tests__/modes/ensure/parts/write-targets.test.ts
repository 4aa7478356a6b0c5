import { describe, expect, test } from '@jest/globals';
import type { GitHub } from '../../../../src/github/github.ts';
import type { PreparedTarget, RepositoryAccess, SharedItem } from '../../../../src/model/prepared-target.ts';
import { Secret } from '../../../../src/model/secret.ts';
import type { SecretScope } from '../../../../src/model/target.ts';
import { createEnvironments } from '../../../../src/modes/ensure/rotate.ts';
import {
  failedDelivery,
  partialDelivery,
  repairVariables,
  type WriteResult,
  writeTargets,
  writeVariables,
} from '../../../../src/modes/ensure/write-targets.ts';
import { GitHubWriter } from '../../../../src/modes/github-writer.ts';
import type { VariableWrite } from '../../../../src/plan/variables.ts';
import { withFastTime } from '../../../support/fast-time.ts';
import { type Answers, ensureRun, failing, failureOf, refusal, Stage } from '../../../support/stage.ts';
import { preparedTarget } from '../../../support/workflow.ts';

const OWN = preparedTarget('repository');
const WEBSITE = preparedTarget('repository octo-org/website');
const ORGANIZATION = preparedTarget('organization octo-org selected');
const SECRET = new Secret('canary-of-the-secret');
const END = new Date('2027-07-31T09:00:00.000Z');
const IN_OWN = 'secret VANTAGE_CLIENT_SECRET in repository octo-org/octo-repo';
const IN_WEBSITE = 'secret VANTAGE_CLIENT_SECRET in repository octo-org/website';
const IN_ORGANIZATION = 'secret VANTAGE_CLIENT_SECRET in organization octo-org';
const refused = refusal('github-permission', { operation: 'writing one' });
const lost = refusal('github-unavailable', { operation: 'writing two', outcomeUnknown: true });

/** A write that is under way when the time ends, and then ends with an error that is no failure. */
async function endingWithTheTime(): Promise<never> {
  await new Promise(resolve => setTimeout(resolve, 40));
  throw new Error('aborted');
}

async function write(answers: Answers, targets: readonly PreparedTarget[]) {
  using stage = new Stage(answers);
  const { github, deadline, log } = stage.context;
  const params = { clientId: 'invoices', secret: SECRET, end: END, targets };
  const result = await withFastTime({}, () => writeTargets(params, new GitHubWriter(github as GitHub, deadline, log)));
  return { result, log: stage.log, requests: stage.requests };
}

describe('a secret', () => {
  test('is written to each target, with the key and the value', async () => {
    const given: unknown[] = [];
    const answers = { 'github.secrets.write': (...[target, secret]: unknown[]) => void given.push([target, secret]) };
    const { result, log } = await write(answers, [OWN, WEBSITE]);
    expect(given).toEqual([
      [OWN, SECRET],
      [WEBSITE, SECRET],
    ]);
    expect(result).toEqual({
      written: [OWN.target, WEBSITE.target],
      unwritten: [],
      failures: [],
      variables: [],
    });
    expect(log).toEqual([`Wrote ${IN_OWN}.`, `Wrote ${IN_WEBSITE}.`]);
  });

  test('that one target refuses, and another may have stored, is written to the others', async () => {
    const answers: Answers = {
      'github.secrets.write': ({ target }: PreparedTarget) => {
        if (target === OWN.target) throw refused;
        if (target === WEBSITE.target) throw lost;
      },
    };
    const { result, log } = await write(answers, [OWN, WEBSITE, ORGANIZATION]);
    expect(result).toEqual({
      written: [ORGANIZATION.target],
      unwritten: [
        { target: OWN.target, failure: refused },
        { target: WEBSITE.target, failure: lost },
      ],
      failures: [refused, lost],
      variables: [],
    });
    expect(log).toEqual([`Wrote ${IN_ORGANIZATION}.`]);
  });

  test('whose write ends with the time is a failure that names it', async () => {
    using stage = new Stage({ 'github.secrets.write': endingWithTheTime }, { timeout: 10 });
    const { github, deadline, log } = stage.context;
    const params = { clientId: 'invoices', secret: SECRET, end: END, targets: [OWN] };
    const { failures } = await writeTargets(params, new GitHubWriter(github as GitHub, deadline, log));
    expect(failures).toMatchObject([{ code: 'timeout', parts: { operation: `writing ${IN_OWN}` } }]);
  });

  test('is followed by the variables next to the targets that have it, and no others', async () => {
    const values: unknown[] = [];
    const variables = { clientId: { name: 'ID' }, expiration: { name: 'ENDS' } };
    const withVariables = (one: PreparedTarget) => ({ ...one, resolved: { ...one.resolved, variables } });
    const answers: Answers = {
      'github.secrets.write': ({ target }: PreparedTarget) => {
        if (target === WEBSITE.target) throw refused;
      },
      'github.variables.write': (_: SecretScope, { name, value }: VariableWrite) => void values.push([name, value]),
    };
    const { result } = await write(answers, [withVariables(OWN), withVariables(WEBSITE)]);
    expect(values).toEqual([
      ['ID', 'invoices'],
      ['ENDS', END.toISOString()],
    ]);
    expect(result.variables).toEqual(['ID', 'ENDS'].map(name => `variable ${name} in repository octo-org/octo-repo`));
  });
});

test('an expiration that stays the same is written again, so that its variable is not older than the secret', async () => {
  const variables = { expiration: { name: 'ENDS', value: END.toISOString() } };
  const { log } = await write({ 'github.secrets.write': () => undefined, 'github.variables.write': () => undefined }, [
    { ...OWN, resolved: { ...OWN.resolved, variables } },
  ]);
  expect(log).toEqual([`Wrote ${IN_OWN}.`, 'Wrote the expiration to variable ENDS in repository octo-org/octo-repo.']);
});

describe('a secret of an organization', () => {
  const GAVE = `Gave this repository access to ${IN_ORGANIZATION}.`;
  const WROTE = `Wrote ${IN_ORGANIZATION}.`;
  const own = { ...ORGANIZATION, ownReader: { id: 1001, isMissing: true } };
  const WRITE = 'github.secrets.write';
  const LIST = 'github.selectedRepositories.list';
  const ADD = 'github.selectedRepositories.add';
  const answering = (
    access: RepositoryAccess | undefined,
    listed: readonly number[],
    added: unknown = 'added',
  ): Answers => ({
    [WRITE]: () => access,
    [LIST]: () => listed,
    [ADD]: () => added,
  });
  const selected = (...repositories: number[]) => ({ visibility: 'selected', repositories }) as const;

  test('is given to the own repository, and its list is protected', async () => {
    const { result, log, requests } = await write(answering(selected(7), [7, 1001]), [own]);
    expect(result.failures).toEqual([]);
    expect(log).toEqual([WROTE, GAVE]);
    expect(requests).toEqual([WRITE, `${ADD} 1001`, LIST]);
  });

  test('protects the own repository as well', async () => {
    const { log, requests } = await write(answering(selected(7), [7]), [own]);
    expect(log.slice(0, 3)).toEqual([
      WROTE,
      GAVE,
      `Another run removed the access of repository 1001 to ${IN_ORGANIZATION}. Restored it.`,
    ]);
    expect(requests.slice(0, 4)).toEqual([WRITE, `${ADD} 1001`, LIST, `${ADD} 1001`]);
  });

  test('that the own repository can read already is only protected', async () => {
    const { log, requests } = await write(answering(selected(7, 1001), [7, 1001]), [own]);
    expect(log).toEqual([WROTE]);
    expect(requests).toEqual([WRITE, LIST]);
  });

  test('that the own repository may not read protects the others', async () => {
    const notFound = refusal('not-found');
    const { result, log, requests } = await write(answering(selected(7), [7], { notFound }), [own]);
    expect(result.failures).toEqual([notFound]);
    expect(log).toEqual([WROTE]);
    expect(requests).toEqual([WRITE, `${ADD} 1001`, LIST]);
  });

  test('that does not name the own repository is only protected', async () => {
    const { requests } = await write(answering(selected(7), [7]), [ORGANIZATION]);
    expect(requests).toEqual([WRITE, LIST]);
  });

  test.each([
    ['all', { visibility: 'all', repositories: [] } as const],
    ['nothing that is known', undefined],
  ])('that is for %s needs no access', async (_, access) => {
    expect((await write(answering(access, []), [own])).requests).toEqual([WRITE]);
  });

  test('next to a secret of a repository: that one needs no access', async () => {
    expect((await write(answering(selected(7), [7]), [OWN])).requests).toEqual([WRITE]);
  });

  test('gives its variable the access that it was written with', async () => {
    const access: unknown[] = [];
    const writing = (_scope: SecretScope, _write: VariableWrite, given: unknown) => void access.push(given);
    const target = {
      ...ORGANIZATION,
      repositoryAccess: { visibility: 'private', repositories: [] } as const,
      resolved: { ...ORGANIZATION.resolved, variables: { clientId: { name: 'ID' } } },
    };
    const answers = { ...answering(selected(7), [7]), 'github.variables.write': writing };
    await write(answers, [target]);
    await write({ ...answers, [WRITE]: () => undefined }, [target]);
    expect(access).toEqual([selected(7), { visibility: 'private', repositories: [] }]);
  });
});

describe('the failure of a delivery', () => {
  const result: WriteResult = { written: [], unwritten: [], failures: [refused, lost], variables: [] };
  const notWritten = ({ target }: PreparedTarget) => ({ target, failure: refused });
  const maybeWritten = ({ target }: PreparedTarget) => ({ target, failure: lost });
  const reasons = (first: string) =>
    `${first} one failed at POST /somewhere: it answered 403. · writing two failed at POST /somewhere: it answered 403. It may have taken effect.`;

  test.each([
    [
      { written: [OWN.target, WEBSITE.target], unwritten: [notWritten(ORGANIZATION)] },
      `Written: ${IN_OWN}, ${IN_WEBSITE}.`,
    ],
    [
      { written: [OWN.target], unwritten: [maybeWritten(WEBSITE)] },
      `Written: ${IN_OWN}; possibly written: ${IN_WEBSITE}.`,
    ],
    [
      { unwritten: [maybeWritten(OWN), maybeWritten(WEBSITE)] },
      `Written: none for certain; possibly written: ${IN_OWN}, ${IN_WEBSITE}.`,
    ],
  ])('to some targets names them: %#', (given, said) => {
    const failure = partialDelivery({ ...result, ...given });
    expect(failure).toMatchObject({ code: 'partial-hand-off', cause: refused, parts: { failures: [refused, lost] } });
    expect(failure.message).toBe(
      `writing the new secret to every target failed: it is in use, so it is kept. ${said} ${reasons('Writing')} Fix what failed and run the step again.`,
    );
  });

  test('to all targets names what failed', () => {
    expect(failedDelivery(result).message).toBe(`writing the new secret to GitHub failed: ${reasons('writing')}`);
    expect(failedDelivery({ ...result, failures: [refused] })).toBe(refused);
  });
});

describe('environments', () => {
  const staging = preparedTarget('environment staging');
  const two = { ...preparedTarget('environment staging as TWO'), resolved: staging.resolved };
  const NAME = 'environment "staging" of octo-org/octo-repo';
  const KEY = { id: '1', value: 'a2V5' };
  const answering = (isCreated: boolean): Answers => ({
    'github.environments.createIfMissing': () => isCreated,
    'github.secrets.publicKey': () => KEY,
  });

  async function create(answers: Answers, targets: readonly PreparedTarget[]) {
    using stage = new Stage(answers);
    stage.record.otherWrites = ['before'];
    const created = await createEnvironments(ensureRun(stage), targets);
    const { log, requests, record } = stage;
    return { created, log, requests, changed: record.changed, otherWrites: record.otherWrites };
  }

  test('that are missing are created once each, with their keys', async () => {
    expect(await create(answering(true), [staging, two, OWN])).toEqual({
      created: [
        { ...staging, resolved: { ...staging.resolved, key: KEY } },
        { ...two, resolved: { ...staging.resolved, key: KEY } },
        OWN,
      ],
      log: [`Created ${NAME}.`],
      requests: ['github.environments.createIfMissing', 'github.secrets.publicKey'],
      changed: true,
      otherWrites: ['before', NAME],
    });
  });

  test('that somebody else has created are left unchanged', async () => {
    expect(await create(answering(false), [staging])).toEqual({
      created: [{ ...staging, resolved: { ...staging.resolved, key: KEY } }],
      log: [`E${NAME.slice(1)} exists by now, and is left unchanged.`],
      requests: ['github.environments.createIfMissing', 'github.secrets.publicKey'],
      changed: false,
      otherWrites: ['before'],
    });
  });

  test('that exist, and all other places, are not touched', async () => {
    const existing = { ...staging, resolved: { ...staging.resolved, key: KEY } };
    const nothing = { log: [], requests: [], changed: false, otherWrites: ['before'] };
    expect(await create(answering(true), [existing, OWN])).toEqual({ created: [existing, OWN], ...nothing });
    expect(await create({}, [staging])).toEqual({ created: [staging], ...nothing });
  });
});

describe('variables', () => {
  const scope = OWN.resolved.scope;
  const VARIABLE: VariableWrite = {
    scope,
    name: 'ID',
    value: 'invoices',
    exists: false,
    repositoryAccess: undefined,
    ownReader: undefined,
    content: 'client id',
  };
  const ENDS: VariableWrite = { ...VARIABLE, name: 'ENDS', value: END.toISOString(), content: 'expiration' };
  const inRepository = (name: string) => `variable ${name} in repository octo-org/octo-repo`;

  async function repair(answers: Answers, writes: readonly VariableWrite[], changed = false) {
    using stage = new Stage(answers);
    stage.record.otherWrites = ['before'];
    stage.record.changed = changed;
    const failure = (await failureOf(repairVariables(ensureRun(stage), writes)))?.message;
    const { log, requests, record } = stage;
    return { failure, log, requests, changed: record.changed, otherWrites: record.otherWrites };
  }

  test('are written by a run that creates no secret', async () => {
    const given: unknown[] = [];
    const answers = {
      'github.variables.write': (...[at, one, access]: unknown[]) => void given.push([at, one, access]),
    };
    const readers = { visibility: 'selected', repositories: [7] } as const;
    expect(await repair(answers, [VARIABLE, { ...ENDS, repositoryAccess: readers }])).toEqual({
      failure: undefined,
      log: [`Wrote the client id to ${inRepository('ID')}.`, `Wrote the expiration to ${inRepository('ENDS')}.`],
      requests: ['github.variables.write', 'github.variables.write'],
      changed: true,
      otherWrites: ['before', inRepository('ID'), inRepository('ENDS')],
    });
    expect(given).toEqual([
      [scope, VARIABLE, undefined],
      [scope, { ...ENDS, repositoryAccess: readers }, readers],
    ]);
  });

  test('that cannot be written do not stop the others, and fail the run', async () => {
    const other = refusal('github-permission', { operation: 'writing three' });
    const failures = [refused, undefined, other];
    const answers = {
      'github.variables.write': () => {
        const failure = failures.shift();
        if (failure) throw failure;
      },
    };
    expect(await repair(answers, [VARIABLE, ENDS, VARIABLE])).toEqual({
      failure: `writing the variables next to the targets failed: ${refused.message} · ${other.message}`,
      log: [`Wrote the expiration to ${inRepository('ENDS')}.`],
      requests: Array.from({ length: 3 }, () => 'github.variables.write'),
      changed: true,
      otherWrites: ['before', inRepository('ENDS')],
    });
  });

  test.each([true, false])('that cannot be written change nothing (changed before: %s)', async changed => {
    const answers = { 'github.variables.write': failing(refused) };
    expect(await repair(answers, [VARIABLE], changed)).toMatchObject({ failure: refused.message, changed });
  });

  test('are none without a GitHub, or if all are right', async () => {
    const nothing = { failure: undefined, log: [], requests: [], changed: false, otherWrites: ['before'] };
    expect(await repair({}, [VARIABLE])).toEqual(nothing);
    expect(await repair({ 'github.variables.write': () => undefined }, [])).toEqual(nothing);
  });

  test('whose writes end with the time are named', async () => {
    using stage = new Stage({ 'github.variables.write': endingWithTheTime }, { timeout: 10 });
    const { github, deadline, log } = stage.context;
    const writer = new GitHubWriter(github as GitHub, deadline, log);
    expect(await writeVariables([VARIABLE], writer)).toEqual([]);
    expect(writer.failures).toMatchObject([{ parts: { operation: `writing ${inRepository('ID')}` } }]);
  });

  describe('of an organization', () => {
    const shared: VariableWrite = {
      ...VARIABLE,
      scope: ORGANIZATION.resolved.scope,
      ownReader: { id: 1001, isMissing: false },
    };

    test.each<readonly [string, VariableWrite, boolean]>([
      ['are new: another repository may have just created them', shared, true],
      ['exist', { ...shared, exists: true }, false],
      ['need not be read by the own repository', { ...shared, ownReader: undefined }, false],
      ['are in fact those of a repository', { ...shared, scope }, false],
    ])('are given to the own repository if they %s', async (_, one, isGiven) => {
      const items: SharedItem[] = [];
      const answers: Answers = {
        'github.variables.write': () => undefined,
        'github.selectedRepositories.add': (item: SharedItem) => {
          items.push(item);
          return 'added';
        },
      };
      const { requests } = await repair(answers, [one]);
      expect(requests).toEqual([
        'github.variables.write',
        ...(isGiven ? ['github.selectedRepositories.add 1001'] : []),
      ]);
      expect(items).toEqual(isGiven ? [{ kind: 'variable', scope: shared.scope, name: 'ID' }] : []);
    });
  });
});
