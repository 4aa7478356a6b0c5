import { describe, expect, test } from '@jest/globals';
import type { GitHub } from '../../../../src/github/github.ts';
import type { Deadline } from '../../../../src/http/deadline.ts';
import type { PreparedTarget, SharedItem } from '../../../../src/model/prepared-target.ts';
import {
  addOwnRepository,
  RepositoryAccessGuard,
  repairRepositoryAccess,
} from '../../../../src/modes/ensure/repository-access.ts';
import { GitHubWriter } from '../../../../src/modes/github-writer.ts';
import { withFastTime } from '../../../support/fast-time.ts';
import {
  type Answers,
  ensureRun,
  failing,
  failureOf,
  refusal,
  Stage,
  type StageOptions,
} from '../../../support/stage.ts';
import { preparedTarget, targetOf } from '../../../support/workflow.ts';

const OWN_ID = 1001;
const SCOPE = { kind: 'organization', app: 'actions', org: 'octo-org' } as const;
const SECRET: SharedItem = { kind: 'secret', scope: SCOPE, name: 'ONE' };
const OTHER: SharedItem = { kind: 'secret', scope: SCOPE, name: 'TWO' };
const VARIABLE: SharedItem = { kind: 'variable', scope: SCOPE, name: 'ID' };
const inProse = ({ kind, name }: SharedItem) => `${kind} ${name} in organization octo-org`;
const GIVEN = (item: SharedItem) => `Gave this repository access to ${inProse(item)}.`;
const RESTORED = (item: SharedItem, which: string) =>
  `Another run removed the access of ${which} to ${inProse(item)}. Restored it.`;
const MAY_MISS = (names: string, why: string) =>
  `Warning: Another run may have removed the access of repositories to ${names}: ${why}. Check the list of repositories.`;
const notFound = refusal('not-found', { operation: 'giving repository 7 access' });

/** Lists of repositories, which others change between two looks. The last one stays. */
function lists(...looks: readonly (readonly number[] | Error)[]): Answers {
  let look = 0;
  return {
    'github.selectedRepositories.list': () => {
      const seen = looks[Math.min(look++, looks.length - 1)];
      if (seen instanceof Error) throw seen;
      return seen;
    },
  };
}
const adding = (result: unknown = 'added'): Answers => ({ 'github.selectedRepositories.add': () => result });

const writerOf = ({ context }: Stage) => new GitHubWriter(context.github as GitHub, context.deadline, context.log);

describe('access of the own repository', () => {
  test('is given', async () => {
    const items: unknown[] = [];
    using stage = new Stage({
      'github.selectedRepositories.add': (item: SharedItem) => {
        items.push(item);
        return 'added';
      },
    });
    const writer = writerOf(stage);
    expect(await addOwnRepository(SECRET, OWN_ID, writer)).toBe(true);
    expect(items).toEqual([SECRET]);
    expect(stage.requests).toEqual([`github.selectedRepositories.add ${OWN_ID}`]);
    expect(stage.log).toEqual([GIVEN(SECRET)]);
    expect(writer.failures).toEqual([]);
  });

  test.each([
    ['is not needed, as all can read it', 'not-selected', []],
    ['is refused, as GitHub finds no such repository', { notFound }, [notFound]],
  ])('%s', async (_, result, failures) => {
    using stage = new Stage(adding(result));
    const writer = writerOf(stage);
    expect(await addOwnRepository(SECRET, OWN_ID, writer)).toBe(false);
    expect(stage.log).toEqual([]);
    expect(writer.failures).toEqual(failures);
  });

  test('cannot be given when the time has ended', async () => {
    using stage = new Stage({ 'github.selectedRepositories.add': failing(new Error('aborted')) }, { timeout: 10 });
    const writer = writerOf(stage);
    await new Promise(resolve => setTimeout(resolve, 40));
    expect(await addOwnRepository(SECRET, OWN_ID, writer)).toBe(false);
    const operation = `giving repository ${OWN_ID} access to ${inProse(SECRET)}`;
    expect(writer.failures).toMatchObject([{ code: 'timeout', parts: { operation } }]);
    expect(stage.log).toEqual([]);
  });
});

/** A secret of the organization that others can read, but the own repository cannot. */
const shared = (name: string, variables?: PreparedTarget['resolved']['variables']): PreparedTarget => {
  const target = targetOf(`organization octo-org selected as ${name}`);
  const prepared = preparedTarget(target, '2027-01-01T00:00:00Z');
  return {
    ...prepared,
    resolved: { ...prepared.resolved, ...(variables ? { variables } : {}) },
    repositoryAccess: { visibility: 'selected', repositories: [7] },
    ownReader: { id: OWN_ID, isMissing: true },
  };
};
const READ_BY_OTHERS = { visibility: 'selected', repositories: [7] } as const;
const withVariable = shared('ONE', {
  clientId: { name: 'ID', value: 'invoices', updatedAt: new Date(), repositoryAccess: READ_BY_OTHERS },
});

/** Runs fast, because the guard waits two seconds before each look. */
async function repair(answers: Answers, targets: readonly PreparedTarget[], written: readonly string[] = []) {
  using stage = new Stage(answers);
  stage.record.written = written;
  const work = withFastTime({}, () => repairRepositoryAccess(ensureRun(stage), targets));
  const failure = (await failureOf(work))?.message;
  const { log, requests, record } = stage;
  return { failure, log, requests, changed: record.changed, otherWrites: record.otherWrites };
}

describe('access that a run repairs', () => {
  const ADD = `github.selectedRepositories.add ${OWN_ID}`;
  const LIST = 'github.selectedRepositories.list';

  test('is to secrets and to the variables next to them, and only the list of the secret is looked at again', async () => {
    expect(await repair({ ...adding(), ...lists([7, OWN_ID]) }, [withVariable])).toEqual({
      failure: undefined,
      log: [GIVEN(SECRET), GIVEN(VARIABLE)],
      requests: [ADD, ADD, LIST],
      changed: true,
      otherWrites: [SECRET, VARIABLE].map(item => `access of this repository to ${inProse(item)}`),
    });
  });

  test('is not to a secret that this run has written, but to the variable next to it', async () => {
    const written = ['actions organization octo-org as ONE'];
    expect(await repair({ ...adding(), ...lists([]) }, [withVariable], written)).toEqual({
      failure: undefined,
      log: [GIVEN(VARIABLE)],
      requests: [ADD],
      changed: true,
      otherWrites: [`access of this repository to ${inProse(VARIABLE)}`],
    });
  });

  test('is given again if another run removes it', async () => {
    const { log, requests } = await repair({ ...adding(), ...lists([7], [7, OWN_ID]) }, [shared('ONE')]);
    expect(log).toEqual([GIVEN(SECRET), RESTORED(SECRET, `repository ${OWN_ID}`)]);
    expect(requests).toEqual([ADD, LIST, ADD, LIST]);
  });

  test('includes that of the other readers', async () => {
    const { log } = await repair({ ...adding(), ...lists([OWN_ID], [7, OWN_ID]) }, [shared('ONE')]);
    expect(log).toEqual([GIVEN(SECRET), RESTORED(SECRET, 'repository 7')]);
  });

  test('and that is refused is an error at the end', async () => {
    const answers = { ...adding({ notFound }), ...lists([]) };
    expect(await repair(answers, [shared('ONE'), shared('TWO')])).toEqual({
      failure: notFound.message,
      log: [],
      requests: [ADD, ADD],
      changed: false,
      otherWrites: [],
    });
    const refusals = [refusal('forbidden', { operation: 'one' }), refusal('forbidden', { operation: 'two' })];
    let next = 0;
    const both = { 'github.selectedRepositories.add': () => ({ notFound: refusals[next++] }) };
    expect((await repair(both, [shared('ONE'), shared('TWO')])).failure).toMatch(
      /^giving this repository access to shared secrets and variables failed: one failed .* · two failed /u,
    );
  });

  test('is none if nothing is missing, or there is no GitHub', async () => {
    const nothing = { failure: undefined, log: [], requests: [], changed: false, otherWrites: [] };
    expect(await repair(adding(), [preparedTarget('repository')])).toEqual(nothing);
    expect(await repair({}, [shared('ONE')])).toEqual(nothing);
  });
});

describe('the guard of lists that several runs replace', () => {
  async function guarded(
    answers: Answers,
    secrets: readonly (readonly [SharedItem, readonly number[]])[],
    options: StageOptions = {},
  ) {
    using stage = new Stage(answers, options);
    const writer = writerOf(stage);
    const guard = new RepositoryAccessGuard(writer);
    for (const [secret, repositories] of secrets) guard.protect(secret, repositories);
    await withFastTime({}, () => guard.restoreRemoved());
    return { log: stage.log, requests: stage.requests, failures: writer.failures };
  }
  const look = 'github.selectedRepositories.list';
  const add = (id: number) => `github.selectedRepositories.add ${id}`;

  test('looks once if the list is whole, and not at all without repositories', async () => {
    expect(await guarded(lists([7, 8]), [[SECRET, [7, 8]]])).toEqual({ log: [], requests: [look], failures: [] });
    expect(await guarded({}, [[SECRET, []]])).toEqual({ log: [], requests: [], failures: [] });
    expect(await guarded({}, [])).toEqual({ log: [], requests: [], failures: [] });
  });

  test('waits two seconds before it looks', async () => {
    using stage = new Stage(lists([7]));
    const guard = new RepositoryAccessGuard(writerOf(stage));
    guard.protect(SECRET, [7]);
    await withFastTime({}, async () => {
      const begun = performance.now();
      await guard.restoreRemoved();
      expect(performance.now() - begun).toBeGreaterThan(1900);
    });
  });

  test('adds what is missing, and looks again until nothing is', async () => {
    expect(await guarded({ ...adding(), ...lists([9], [7, 8], [7, 8, 9]) }, [[SECRET, [7, 8]]])).toEqual({
      log: [RESTORED(SECRET, 'repositories 7, 8'), RESTORED(SECRET, 'repository 9')],
      requests: [look, add(7), add(8), look, add(9), look],
      failures: [],
    });
  });

  test('looks again only at lists that were incomplete', async () => {
    const answers: Answers = {
      ...adding(),
      'github.selectedRepositories.list': ({ name }: SharedItem) => (name === 'ONE' ? [7] : seen.shift()),
    };
    const seen = [[], [8]];
    const { log, requests } = await guarded(answers, [
      [SECRET, [7]],
      [OTHER, [8]],
    ]);
    expect(log).toEqual([RESTORED(OTHER, 'repository 8')]);
    expect(requests).toEqual([look, look, add(8), look]);
  });

  test('gives up a repository that does not exist any more', async () => {
    expect(await guarded({ ...adding({ notFound }), ...lists([8]) }, [[SECRET, [7, 8]]])).toEqual({
      log: [notFound.message],
      requests: [look, add(7)],
      failures: [],
    });
    // The next look does not miss it.
    const results = [{ notFound }, 'added'];
    const answers = { 'github.selectedRepositories.add': () => results.shift(), ...lists([], [8]) };
    expect(await guarded(answers, [[SECRET, [7, 8]]])).toEqual({
      log: [notFound.message, RESTORED(SECRET, 'repository 8')],
      requests: [look, add(7), add(8), look],
      failures: [],
    });
  });

  test('warns about a list that cannot be read, and about no other', async () => {
    const failure = refusal('forbidden');
    const answers: Answers = {
      'github.selectedRepositories.list': ({ name }: SharedItem) => {
        if (name === 'ONE') throw failure;
        return [8];
      },
    };
    const { log, requests } = await guarded(answers, [
      [SECRET, [7]],
      [OTHER, [8]],
    ]);
    expect(log).toEqual([MAY_MISS(inProse(SECRET), failure.message)]);
    expect(requests).toEqual([look, look]);
  });

  test('gives up after ten looks', async () => {
    const { log, requests } = await guarded({ ...adding(), ...lists([]) }, [[SECRET, [7]]]);
    expect(log.slice(0, -1)).toEqual(Array.from({ length: 10 }, () => RESTORED(SECRET, 'repository 7')));
    expect(log.at(-1)).toBe(MAY_MISS(inProse(SECRET), 'there was no time to check'));
    expect(requests).toHaveLength(20);
  });

  test('does not look if the time is too short, and names all lists', async () => {
    const secrets = [
      [SECRET, [7]],
      [OTHER, [8]],
    ] as const;
    // 1.8 s of them are for the work.
    expect(
      await guarded({ 'github.selectedRepositories.list': failing(new Error('asked')) }, secrets, { timeout: 2000 }),
    ).toEqual({
      log: [MAY_MISS(`${inProse(SECRET)}, ${inProse(OTHER)}`, 'there was no time to check')],
      requests: [],
      failures: [],
    });
  });

  test('does not look if the wait takes all the time that is left', async () => {
    using stage = new Stage(lists([7]));
    const { github, log } = stage.context;
    const work = { signal: new AbortController().signal, remaining: () => 2000 };
    const guard = new RepositoryAccessGuard(
      new GitHubWriter(github as GitHub, { work } as unknown as Deadline, log, work),
    );
    guard.protect(SECRET, [7]);
    await withFastTime({}, () => guard.restoreRemoved());
    expect(stage.log).toEqual([MAY_MISS(inProse(SECRET), 'there was no time to check')]);
    expect(stage.requests).toEqual([]);
  });

  test('does not look if the step is cancelled while it waits', async () => {
    using stage = new Stage(lists([7]));
    const guard = new RepositoryAccessGuard(writerOf(stage));
    guard.protect(SECRET, [7]);
    const work = guard.restoreRemoved();
    stage.deadline.cancel();
    await work;
    expect(stage.log).toEqual([MAY_MISS(inProse(SECRET), 'there was no time to check')]);
    expect(stage.topics).toEqual(['targets']);
    expect(stage.requests).toEqual([]);
  });
});
