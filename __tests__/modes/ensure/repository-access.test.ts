import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { App, GitHubOptions, Moment, RecordedRequest, Seed } from '../../../emulator/github/index.ts';
import { PublicKeyBody } from '../../../src/github/schema.ts';
import { seal } from '../../../src/github/seal.ts';
import { Secret } from '../../../src/model/secret.ts';
import { APPS } from '../../../src/model/target.ts';
import { Bench, cancel, type Outcome } from '../../support/bench.ts';
import { EVERYTHING, SEED } from '../../support/github.ts';
import { CLIENT_ID } from '../../support/world.ts';

const NAME = 'VANTAGE_CLIENT_SECRET';
const VARIABLE = 'VANTAGE_CLIENT_ID';
const ORG = { org: 'octo-org' } as const;
const OWN = 'octo-org/octo-repo';
const WEBSITE = 'octo-org/website';
const TOOLS = 'octo-org/tools';
const [WEBSITE_ID, TOOLS_ID] = [1002, 1003] as const;
/** Enough time on a busy machine. */
const PATIENT = { timeout: '60s', 'request-timeout': '30s' };
const SELECTED = { ...PATIENT, 'write-to': 'organization octo-org selected' };
const AS_IT_IS = { ...PATIENT, 'write-to': 'organization octo-org' };
const NOT_FOUND = { kind: 'answer', status: 404, body: { message: 'Not Found' } } as const;

/** The seed with secrets and variables of the organization. */
function seedWith(organization: Omit<NonNullable<Seed['organizations']>[number], 'login'>): Seed {
  return { ...SEED, organizations: [{ login: 'octo-org', ...organization }, { login: 'acme' }] };
}

/** A secret of the organization that these repositories can read. */
function readBy(...repositories: string[]): Seed {
  return seedWith({ secrets: [{ name: NAME, value: 'before', visibility: 'selected', repositories }] });
}

/**
 * What others do in a scenario. Called with the route of each request of the action, before and after it takes effect.
 */
type Others = (moment: 'before' | 'after', route: string) => Promise<void>;

let others: Others | undefined;

afterEach(() => {
  others = undefined;
});

async function open(seed: Seed, github: GitHubOptions = {}): Promise<Bench> {
  const watch = async (
    moment: Moment,
    { route, headers }: { readonly route: string; readonly headers: RecordedRequest['headers'] },
  ) => {
    const isOfAction = String(headers['user-agent']).startsWith('vantage-client-action');
    if (isOfAction && (moment === 'arrived' || moment === 'head')) {
      await others?.(moment === 'arrived' ? 'before' : 'after', route);
    }
  };
  const clients = [{ clientId: CLIENT_ID }];
  return Bench.open({
    vantage: { clients, watch },
    github: { seed, watch, ...github },
  });
}

/** Sends a request to GitHub as somebody else. */
async function somebody({ github }: Bench, method: string, path: string, body?: unknown): Promise<void> {
  const token = github.issueToken({ kind: 'fine-grained', permissions: EVERYTHING });
  const response = await fetch(`${github.apiUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect(response.status).toBe(204);
}

const LIST = `/orgs/octo-org/actions/secrets/${NAME}/repositories`;

/** Somebody else gives a repository access to the secret. */
const adds = (bench: Bench, id: number) => somebody(bench, 'PUT', `${LIST}/${id}`);
/** Somebody else replaces the list of repositories with access. */
const replaces = (bench: Bench, ...ids: number[]) => somebody(bench, 'PUT', LIST, { selected_repository_ids: ids });

/** Somebody else writes the secret. */
async function write(bench: Bench, readers: Record<string, unknown>): Promise<void> {
  const token = bench.github.issueToken({ kind: 'fine-grained', permissions: EVERYTHING });
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(`${bench.github.apiUrl}/orgs/octo-org/actions/secrets/public-key`, { headers });
  const key = PublicKeyBody.parse(await response.json());
  const box = { encrypted_value: seal(new Secret('by hand'), key), key_id: key.id };
  await somebody(bench, 'PUT', `/orgs/octo-org/actions/secrets/${NAME}`, { ...box, ...readers });
}

/** Lets somebody act when a request of the action reaches a moment, for the first few times. */
function at(moment: 'before' | 'after', route: string, act: () => Promise<void>, times = 1): void {
  let left = times;
  others = async (now, on) => {
    if (left > 0 && now === moment && on === route) {
      left -= 1;
      await act();
    }
  };
}

function readersOf({ github }: Bench, app: App = 'actions'): readonly string[] {
  return github.secret({ ...ORG, app }, NAME)?.repositories?.toSorted() ?? [];
}

/** The routes of the requests to GitHub that could change something, in order. */
function writesOf({ github }: Outcome): readonly string[] {
  return github.filter(({ method }) => method !== 'GET').map(({ route }) => route);
}

describe('a write keeps the access of repositories to a secret of an organization', () => {
  test.each([
    ['if the line says selected', SELECTED, [OWN, TOOLS, WEBSITE]],
    ['if the line names no visibility', AS_IT_IS, [TOOLS, WEBSITE]],
  ])('%s: also access that was given since the checks', async (_, inputs, readers) => {
    await using bench = await open(readBy(WEBSITE));
    at('before', 'createSecret', () => adds(bench, TOOLS_ID));
    expect((await bench.ensure(inputs)).failure).toBeUndefined();
    expect(readersOf(bench)).toEqual(readers);
  });

  test('also access that was given since the checks, with a visibility that became selected', async () => {
    await using bench = await open(seedWith({ secrets: [{ name: NAME, visibility: 'private' }] }));
    at('before', 'createSecret', () => write(bench, { visibility: 'selected', selected_repository_ids: [TOOLS_ID] }));
    expect((await bench.ensure(AS_IT_IS)).failure).toBeUndefined();
    expect(bench.github.secret(ORG, NAME)).toMatchObject({ visibility: 'selected', repositories: [TOOLS] });
  });

  test('but not access that was removed since the checks', async () => {
    await using bench = await open(readBy(WEBSITE, TOOLS));
    at('before', 'createSecret', () => replaces(bench, WEBSITE_ID));
    expect((await bench.ensure(AS_IT_IS)).failure).toBeUndefined();
    expect(readersOf(bench)).toEqual([WEBSITE]);
  });

  test('also access that was given between two attempts to write', async () => {
    await using bench = await open(readBy(WEBSITE));
    const mishap = { kind: 'answer', status: 503, headers: { 'retry-after': '0' } } as const;
    bench.github.faults.add({ on: 'writeSecret', times: 1, mishap });
    at('after', 'writeSecret', () => adds(bench, TOOLS_ID));
    expect((await bench.ensure(SELECTED)).failure).toBeUndefined();
    expect(readersOf(bench)).toEqual([OWN, TOOLS, WEBSITE]);
  });

  test('also if a write with a lost response may have taken effect, and the list cannot be read for the next attempt', async () => {
    await using bench = await open(readBy(WEBSITE));
    bench.github.faults.add({ on: 'writeSecret', times: 1, mishap: { kind: 'reset', apply: true } });
    // Read in the checks and before the write.
    const mishap = { kind: 'answer', status: 403, body: { message: 'Forbidden' } } as const;
    bench.github.faults.add({ on: 'readSecret', skip: 2, mishap });
    const { failure, record, log } = await bench.ensure(SELECTED);
    expect(failure?.message).toContain(`possibly written: secret ${NAME} in organization octo-org.`);
    expect(record.secret?.fate).toBe('handed-out');
    expect(bench.held(ORG)).toBe(bench.secrets()[0]?.value);
    const path = `/orgs/octo-org/actions/secrets/${NAME}`;
    expect(log).toContainEqual(expect.stringContaining(`PUT GITHUB${path} is not sent again: reading secret ${NAME}`));
  });

  test.each([1, 3])('also access that %d other runs removed right after the write', async times => {
    await using bench = await open(readBy(WEBSITE));
    at('after', 'addSecretRepository', () => replaces(bench, TOOLS_ID), times);
    const run = await bench.ensure(SELECTED);
    expect(run.failure).toBeUndefined();
    expect(readersOf(bench)).toEqual([OWN, TOOLS, WEBSITE]);
  });

  test('also access that another run removed before it gave access to its own repository', async () => {
    await using bench = await open(readBy(WEBSITE));
    at('after', 'writeSecret', () => replaces(bench));
    expect((await bench.ensure(AS_IT_IS)).failure).toBeUndefined();
    expect(readersOf(bench)).toEqual([WEBSITE]);
  });

  test('but not of a repository that was deleted in the meantime', async () => {
    await using bench = await open(readBy(WEBSITE, TOOLS));
    at('after', 'writeSecret', () => replaces(bench, WEBSITE_ID));
    bench.github.faults.add({ on: { method: 'PUT', path: /repositories\/1003$/u }, mishap: NOT_FOUND });
    expect((await bench.ensure(SELECTED)).failure).toBeUndefined();
    expect(readersOf(bench)).toEqual([OWN, WEBSITE]);
  });
});

describe('the workflow’s own repository', () => {
  test.each(APPS)('gets access if the line says selected, and keeps it (%s)', async app => {
    await using bench = await open(SEED);
    const inputs = { ...PATIENT, 'write-to': `${app} organization octo-org selected` };
    expect((await bench.ensure(inputs)).failure).toBeUndefined();
    const second = await bench.ensure(inputs);
    expect(readersOf(bench, app)).toEqual([OWN]);
    expect(writesOf(second)).toEqual(['writeSecret']);
  });

  test.each(['', ' all', ' private'])('gets no access with "organization octo-org%s"', async visibility => {
    await using bench = await open(readBy(WEBSITE));
    const run = await bench.ensure({ ...PATIENT, 'write-to': `organization octo-org${visibility}` });
    expect(run.failure).toBeUndefined();
    expect(readersOf(bench)).toEqual(visibility ? [] : [WEBSITE]);
    expect(writesOf(run)).toEqual(['writeSecret']);
  });

  test('gets no access to a secret of another organization', async () => {
    await using bench = await open(SEED);
    const run = await bench.ensure({ ...PATIENT, 'write-to': 'organization acme selected' });
    expect(run.failure).toBeUndefined();
    expect(writesOf(run)).toEqual(['writeSecret']);
  });

  test('gets access once if the secret needs no write', async () => {
    await using bench = await open(readBy(WEBSITE));
    const inputs = { ...SELECTED, rotate: 'when-due', 'client-id-variable': VARIABLE };
    expect((await bench.ensure({ ...inputs, ...AS_IT_IS, rotate: 'always' })).failure).toBeUndefined();
    expect(bench.github.variable(ORG, VARIABLE)?.repositories).toEqual([WEBSITE]);
    const held = bench.held(ORG);

    const run = await bench.ensure(inputs);
    expect(run.failure).toBeUndefined();
    expect(bench.held(ORG)).toBe(held);
    expect(readersOf(bench)).toEqual([OWN, WEBSITE]);
    expect(bench.github.variable(ORG, VARIABLE)?.repositories?.toSorted()).toEqual([OWN, WEBSITE]);
    expect(run.record).toMatchObject({
      changed: true,
      otherWrites: [
        `access of this repository to secret ${NAME} in organization octo-org`,
        `access of this repository to variable ${VARIABLE} in organization octo-org`,
      ],
    });
    expect(writesOf(run)).toEqual(['addSecretRepository', 'addVariableRepository']);
    const again = await bench.ensure(inputs);
    expect({ writes: writesOf(again), changed: again.record.changed }).toEqual({ writes: [], changed: false });
  });

  test('gets access again if another run replaces the list at that moment', async () => {
    await using bench = await open(readBy(WEBSITE));
    const inputs = { ...SELECTED, rotate: 'when-due' };
    await bench.ensure({ ...AS_IT_IS, rotate: 'always' });
    at('after', 'addSecretRepository', () => replaces(bench, WEBSITE_ID));
    expect((await bench.ensure(inputs)).failure).toBeUndefined();
    expect(readersOf(bench)).toEqual([OWN, WEBSITE]);
  });

  test('gets access to a variable that existed before', async () => {
    const held = { visibility: 'selected', repositories: [WEBSITE] } as const;
    const items = { secrets: [{ name: NAME, ...held }], variables: [{ name: VARIABLE, value: 'orders', ...held }] };
    await using bench = await open(seedWith(items));
    expect((await bench.ensure({ ...SELECTED, 'client-id-variable': VARIABLE })).failure).toBeUndefined();
    expect(bench.github.variable(ORG, VARIABLE)).toMatchObject({ value: CLIENT_ID });
    expect(bench.github.variable(ORG, VARIABLE)?.repositories?.toSorted()).toEqual([OWN, WEBSITE]);
  });

  test('gets no access in a dry run, which reports it', async () => {
    await using bench = await open(readBy(WEBSITE));
    await bench.ensure(AS_IT_IS);
    const run = await bench.ensure({ ...SELECTED, rotate: 'when-due', 'dry-run': 'true' });
    expect(run.failure).toBeUndefined();
    expect(run.log).toContain(`+ access  this repository to secret ${NAME} of actions organization octo-org`);
    expect(writesOf(run)).toEqual([]);
  });

  test.each([
    ['may not be added', { kind: 'answer', status: 403, body: { message: 'Forbidden' } } as const, 'it answered 403'],
    ['is unknown to GitHub', NOT_FOUND, 'it answered 404'],
  ])('%s: the secret is kept, and the failure names the repository without access', async (_, mishap, why) => {
    await using bench = await open(SEED);
    bench.github.faults.add({ on: 'addSecretRepository', mishap });
    const { failure, record } = await bench.ensure(SELECTED);
    expect(failure).toMatchObject({ code: 'partial-hand-off' });
    expect(failure?.message).toContain(`Written: secret ${NAME} in organization octo-org.`);
    expect(failure?.message).toContain(
      `Giving repository 1001 access to secret ${NAME} in organization octo-org failed at PUT GITHUB${LIST}/1001: ${why}`,
    );
    expect(record.secret?.fate).toBe('handed-out');
    expect(bench.held(ORG)).toBe(bench.secrets()[0]?.value);
  });

  test('may not be added, and nothing else is to do: the step fails', async () => {
    await using bench = await open(readBy(WEBSITE));
    await bench.ensure(AS_IT_IS);
    bench.github.faults.add({ on: 'addSecretRepository', mishap: NOT_FOUND });
    const { failure, record } = await bench.ensure({ ...SELECTED, rotate: 'when-due' });
    expect(failure?.message).toContain('giving repository 1001 access to');
    expect(record.changed).toBe(false);
  });

  test('needs no access of its own if the secret has become visible to all', async () => {
    await using bench = await open(SEED);
    at('before', 'addSecretRepository', async () => write(bench, { visibility: 'all' }));
    expect((await bench.ensure(SELECTED)).failure).toBeUndefined();
    expect(bench.github.secret(ORG, NAME)).toMatchObject({ visibility: 'all' });
  });
});

describe('a list that cannot be read again', () => {
  const MAY_MISS = `Warning: Another run may have removed the access of repositories to secret ${NAME} in organization octo-org:`;

  test('causes a warning, because the secret was written', async () => {
    await using bench = await open(readBy(WEBSITE));
    const mishap = { kind: 'answer', status: 403, body: { message: 'Forbidden' } } as const;
    // Read in the checks and before the write.
    bench.github.faults.add({ on: 'readSecretRepositories', skip: 2, mishap });
    const { failure, log } = await bench.ensure(SELECTED);
    expect(failure).toBeUndefined();
    const warnings = log.filter(line => line.startsWith(MAY_MISS));
    expect(warnings).toEqual([expect.stringContaining('it answered 403 (Forbidden)')]);
  });

  test('because time is short causes a warning', async () => {
    await using bench = await open(readBy(WEBSITE));
    const started = performance.now();
    // 9 of 10 s are for the work.
    at('before', 'addSecretRepository', () => sleep(7600 - (performance.now() - started)));
    const { failure, log } = await bench.ensure({ ...SELECTED, timeout: '10s' });
    expect(failure).toBeUndefined();
    expect(log).toContain(`${MAY_MISS} there was no time to check. Check the list of repositories.`);
    expect(readersOf(bench)).toEqual([OWN, WEBSITE]);
  });

  test('because the workflow is cancelled causes a warning, and the secret is kept', async () => {
    await using bench = await open(readBy(WEBSITE));
    const { log, record } = await bench.ensure(SELECTED, { when: [/^Gave this repository access/u, cancel] });
    expect(record.secret?.fate).toBe('handed-out');
    expect(log).toContain(`${MAY_MISS} there was no time to check. Check the list of repositories.`);
    expect(bench.held(ORG)).toBe(bench.secrets()[0]?.value);
    expect(readersOf(bench)).toEqual([OWN, WEBSITE]);
  });

  test('because others keep replacing it causes a warning', async () => {
    await using bench = await open(readBy(WEBSITE));
    at('after', 'addSecretRepository', () => replaces(bench), Infinity);
    const { failure, log } = await bench.ensure(SELECTED);
    expect(failure).toBeUndefined();
    expect(log.filter(line => line.startsWith(MAY_MISS))).toHaveLength(1);
  });
});
