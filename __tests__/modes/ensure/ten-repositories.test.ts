import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import type { GitHubOptions, RecordedRequest, RouteName, Seed } from '../../../emulator/github/index.ts';
import { Bench } from '../../support/bench.ts';
import { CLIENT_ID } from '../../support/world.ts';

const NAME = 'VANTAGE_CLIENT_SECRET';
const VARIABLE = 'VANTAGE_CLIENT_ID';
const ORG = { org: 'octo-org' } as const;
const WEBSITE = 'octo-org/website';
const NUMBERS = Array.from({ length: 10 }, (_, number) => number);
const TEN = NUMBERS.map(number => ({ owner: 'octo-org', repo: `r${number}`, id: 5000 + number }));
const NAMES = TEN.map(({ owner, repo }) => `${owner}/${repo}`);

const EXISTING: NonNullable<Seed['organizations']>[number] = {
  login: 'octo-org',
  secrets: [{ name: NAME, visibility: 'selected', repositories: [WEBSITE] }],
  variables: [{ name: VARIABLE, value: 'old', visibility: 'selected', repositories: [WEBSITE] }],
};
const NEW = { login: 'octo-org' };

/** Delays the requests of the runs: returns a promise for each, by its route and the ID of its repository. */
type Schedule = (route: RouteName, number: number) => Promise<unknown>;

/**
 * All requests of a route wait until each run has sent its first one. Then they continue in an order, some milliseconds
 * apart.
 */
function together(route: RouteName, order: readonly number[], everyMs: number): Schedule {
  const arrived = new Set<number>();
  let release = () => {};
  const all = new Promise<void>(resolve => {
    release = resolve;
  });
  return async (on, number) => {
    if (on === route && !arrived.has(number)) {
      arrived.add(number);
      if (arrived.size === order.length) release();
      await all;
      await sleep(order.indexOf(number) * everyMs);
    }
  };
}

/** Each request waits up to a number of milliseconds, which are the same each time the test runs. */
function scattered(seed: number, mostMs: number): Schedule {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return sleep((state / 2 ** 31) * mostMs);
  };
}

/** Ten simultaneous runs, of ten repositories. */
async function runTen(
  organization: typeof EXISTING,
  schedule: Schedule,
  inputs: Record<string, string>,
): Promise<Bench> {
  const watch: GitHubOptions['watch'] = async (moment, request) => {
    if (moment === 'arrived') await schedule(request.route, numberOf(request));
  };
  const seed = {
    repositories: [{ owner: 'octo-org', repo: 'website', id: 1002 }, ...TEN],
    organizations: [organization],
  };
  const bench = await Bench.open({ vantage: { clients: [{ clientId: CLIENT_ID }] }, github: { seed, watch } });
  const given = {
    'write-to': 'organization octo-org selected',
    timeout: '2m',
    'request-timeout': '60s',
    ...inputs,
  };
  const runs = await Promise.all(
    TEN.map(({ id }, number) =>
      bench.ensure(given, { runner: { repository: NAMES[number] ?? '', repositoryId: id, runId: 9000 + number } }),
    ),
  );
  expect(runs.map(({ failure }) => failure)).toEqual(NUMBERS.map(() => undefined));
  return bench;
}

/** The ID of the repository whose run sent a request. */
function numberOf({ headers }: RecordedRequest): number {
  return Number(/octo-org\/r(\d+);/u.exec(String(headers['user-agent']))?.[1]);
}

const SCHEDULES: Record<string, () => Schedule> = {
  'in arrival order': () => async () => undefined,
  'all have read the list before the first one writes': () => together('writeSecret', NUMBERS, 0),
  'likewise, one after the other': () => together('writeSecret', NUMBERS, 100),
  'likewise, in reverse order': () => together('writeSecret', NUMBERS.toReversed(), 100),
  'all have written before the first one adds itself': () => together('addSecretRepository', NUMBERS, 50),
  'any order': () => scattered(7, 300),
  'any other order': () => scattered(11, 300),
};

describe('ten repositories that write one secret for selected repositories at the same time can all read it', () => {
  test.each(Object.keys(SCHEDULES))('%s', async name => {
    const schedule = SCHEDULES[name]?.() ?? (async () => undefined);
    await using bench = await runTen(EXISTING, schedule, {});
    expect(bench.github.secret(ORG, NAME)?.repositories?.toSorted()).toEqual([...NAMES, WEBSITE]);
  });

  test('and the variable next to it', async () => {
    await using bench = await runTen(EXISTING, scattered(3, 200), { 'client-id-variable': VARIABLE });
    expect(bench.github.secret(ORG, NAME)?.repositories?.toSorted()).toEqual([...NAMES, WEBSITE]);
    expect(bench.github.variable(ORG, VARIABLE)?.repositories?.toSorted()).toEqual([...NAMES, WEBSITE]);
  });

  test('and both if neither existed before', async () => {
    const inputs = { 'client-id-variable': VARIABLE, 'expiration-variable': 'ENDS' };
    await using bench = await runTen(NEW, together('writeSecret', NUMBERS.toReversed(), 20), inputs);
    expect(bench.github.secret(ORG, NAME)?.repositories?.toSorted()).toEqual(NAMES);
    expect(bench.github.variable(ORG, VARIABLE)?.repositories?.toSorted()).toEqual(NAMES);
    expect(bench.github.variable(ORG, 'ENDS')?.repositories?.toSorted()).toEqual(NAMES);
  });
});
