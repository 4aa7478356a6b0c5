import { describe, expect, test } from '@jest/globals';
// Loaded before any test, so that each mutant of its constants is active in all of them.
import '../../../src/modes/fleet/run.ts';
import { Bench, type BenchOptions, cancel, type Outcome } from '../../support/bench.ts';

const NAMES = Array.from({ length: 12 }, (_, index) => `stage-${index}`);
const GITHUB: BenchOptions['github'] = {
  seed: { repositories: [{ owner: 'octo-org', repo: 'octo-repo', id: 1001, environments: NAMES }] },
};
const clientFor = (name: string) => ({
  'client-id': `client-${name}`,
  'write-to': `environment octo-org/octo-repo ${name}`,
  rotate: 'when-due',
});
const CLIENTS = NAMES.map(clientFor);
const environment = (name: string) => ({ owner: 'octo-org', repo: 'octo-repo', environment: name });

type Fleet = Outcome<'fleet'>;

/** The results by client: how each ended. */
const endsOf = ({ results }: Fleet) =>
  Object.fromEntries(results.map(({ clientId, outcome, errorCode }) => [clientId, `${outcome} ${errorCode}`.trim()]));
const resultOf = ({ results }: Fleet, clientId: string) => results.find(result => result.clientId === clientId);
const writesOf = ({ vantage, github }: Fleet) =>
  [...vantage, ...github]
    .filter(({ method, route }) => method !== 'GET' && route !== 'token')
    .map(({ method, path }) => `${method} ${path}`);

/** Every environment holds the newest secret of its client. */
function expectDelivered(bench: Bench, names: readonly string[]): void {
  for (const name of names) {
    const newest = bench.vantage.client(`client-${name}`)?.secrets.at(-1)?.value;
    expect({ name, held: bench.held(environment(name)) ?? 'nothing' }).toEqual({ name, held: newest });
  }
}

describe('a fleet', () => {
  test('delivers a secret of each client with one sign-in, and a second run changes nothing', async () => {
    await using bench = await Bench.open({ github: GITHUB });
    const first = await bench.fleet(CLIENTS);
    expect(first.failure).toBeUndefined();
    expect(first.vantage.filter(({ route, body }) => route === 'token' && body.includes('administrator'))).toHaveLength(
      1,
    );
    expectDelivered(bench, NAMES);
    expect(new Set(Object.values(endsOf(first)))).toEqual(new Set(['created']));
    expect(first.record.changed).toBe(true);

    const second = await bench.fleet(CLIENTS);
    expect({ failure: second.failure, writes: writesOf(second), changed: second.record.changed }).toEqual({
      failure: undefined,
      writes: [],
      changed: false,
    });
    expect(new Set(Object.values(endsOf(second)))).toEqual(new Set(['kept']));
    const ofClients = second.vantage.filter(({ path }) => path.includes('/clients/client-'));
    expect(ofClients).toHaveLength(2 * NAMES.length);
    expect(second.plan).toMatchObject({ mode: 'fleet', clients: 12, toDo: 0, steps: [] });
  });

  describe('whose clients share an environment that does not exist', () => {
    const SHARED = '/repos/octo-org/octo-repo/environments/shared';
    const SHARING = NAMES.slice(0, 5).map(name => ({
      ...clientFor(name),
      'write-to': 'environment octo-org/octo-repo shared',
      'secret-name': `SECRET_OF_${name.replace('-', '_')}`,
      'create-environments': 'true',
    }));
    const creationsOf = (fleet: Fleet) => writesOf(fleet).filter(write => write === `PUT ${SHARED}`);

    test('creates it once: another request would remove the rules that somebody may have added', async () => {
      await using bench = await Bench.open({ github: GITHUB });
      bench.github.faults.add({
        on: { method: 'PUT', path: /shared$/u },
        mishap: { kind: 'delay', ms: 200 },
        times: 9,
      });
      const fleet = await bench.fleet(SHARING);
      expect(fleet.failure).toBeUndefined();
      expect(creationsOf(fleet)).toHaveLength(1);
      expect(fleet.results.flatMap(({ written }) => written)).toHaveLength(5);
    });

    test('fails for each client that waits for it if it cannot be created', async () => {
      await using bench = await Bench.open({ github: GITHUB });
      bench.github.faults.add({ on: { method: 'PUT', path: /shared$/u }, mishap: { kind: 'answer', status: 403 } });
      const fleet = await bench.fleet(SHARING);
      expect(fleet.failure).toMatchObject({ code: 'github-permission' });
      expect(new Set(Object.values(endsOf(fleet)))).toEqual(new Set(['created github-permission']));
      expect(bench.vantage.clients().flatMap(({ secrets }) => secrets)).toEqual([]);
    });
  });

  test('prints the lines of each client together, whatever the other clients do meanwhile', async () => {
    await using bench = await Bench.open({ github: GITHUB });
    const { log } = await bench.fleet(CLIENTS.slice(0, 6), {}, { fleet: { concurrency: 6 } });
    const groups = log.join('\n').split('Group: ').slice(1);
    expect(groups).toHaveLength(6);
    for (const group of groups) {
      const [, name = '?'] = /^client-(stage-\d+): client created, new secret in 1 place\n/u.exec(group) ?? [];
      const lines = group.split('\nEnd of the group.')[0] ?? '';
      expect(lines).toContain(`Created client "client-${name}".`);
      expect(lines).toContain(`Wrote secret VANTAGE_CLIENT_SECRET in environment "${name}"`);
      expect(lines.match(/stage-\d+/gu)?.every(other => other === name)).toBe(true);
    }
    expect(log.at(-1)).toBe('6 clients: 6 changed, 0 unchanged, 0 failed.');
  });

  test('hides the token of its session until the end, whichever client renewed it, and a secret until its client ends', async () => {
    await using bench = await Bench.open({ github: GITHUB });
    bench.vantage.faults.add({
      on: { path: /clients\/client-stage-1\/$/u },
      mishap: { kind: 'answer', status: 401 },
      times: 1,
    });
    const done = await bench.fleet(CLIENTS.slice(0, 3), {}, { fleet: { concurrency: 1 } });
    expect(done.failure).toBeUndefined();
    expect(done.log).toContain('Signed in again, because the access token was refused.');
    const headers = done.vantage.flatMap(({ headers: { authorization } }) => authorization ?? []);
    const tokens = [...new Set(headers.map(header => header.replace('Bearer ', '')))];
    expect(tokens).toHaveLength(2);
    expect(done.masked).toEqual(expect.arrayContaining(tokens));
    expect(done.retired.filter(secret => tokens.includes(secret))).toEqual([]);
    const delivered = NAMES.slice(0, 3).map(name => bench.held(environment(name)));
    expect(done.retired.filter(secret => delivered.includes(secret))).toEqual(delivered);
  });

  test('goes on if one client fails, and then fails with its code', async () => {
    await using bench = await Bench.open({ github: GITHUB });
    bench.github.faults.add({
      on: { method: 'PUT', path: /environments\/stage-3\/secrets/u },
      mishap: { kind: 'answer', status: 403, body: { message: 'Resource not accessible by integration' } },
    });
    const done = await bench.fleet(CLIENTS);
    expect(done.failure?.code).toBe('github-permission');
    expect(done.failure?.message).toMatch(
      /^ensuring the clients of the manifest failed: 1 of 12 clients failed\. It is client "client-stage-3" in line 5: writing secret VANTAGE_CLIENT_SECRET in environment "stage-3" of octo-org\/octo-repo failed at PUT .* Another run does only what is left\.$/u,
    );
    expect(resultOf(done, 'client-stage-3')).toMatchObject({ outcome: 'created', errorCode: 'github-permission' });
    expect(bench.vantage.client('client-stage-3')?.secrets).toEqual([]);
    expectDelivered(
      bench,
      NAMES.filter(name => name !== 'stage-3'),
    );
    expect(done.results[0]).toMatchObject({ clientId: 'client-stage-3' });

    bench.github.faults.clear();
    const again = await bench.fleet(CLIENTS);
    expect(again.failure).toBeUndefined();
    expectDelivered(bench, NAMES);
    expect(writesOf(again)).toHaveLength(2);
  });

  test('learns once, for all clients that are under way, that Vantage wants another content type', async () => {
    await using bench = await Bench.open({ github: GITHUB, vantage: { shape: { contentTypes: 'json-patch' } } });
    const done = await bench.fleet(CLIENTS);
    expect(done.failure).toBeUndefined();
    expectDelivered(bench, NAMES);
    const refused = done.vantage.filter(({ status }) => status === 415);
    expect(refused.length).toBeGreaterThan(1);
    expect(refused.length).toBeLessThanOrEqual(8);
  });

  test('begins no client if it cannot sign in', async () => {
    await using bench = await Bench.open({ github: GITHUB });
    const done = await bench.fleet(CLIENTS, { 'auth-client-secret': 'canary-of-a-wrong-secret' });
    expect(done.failure?.code).toBe('authentication-failed');
    expect(done.vantage).toHaveLength(1);
    expect(done.github).toEqual([]);
    expect(done.results).toHaveLength(12);
    expect(done.results.every(({ begun, errorCode }) => begun === false && errorCode === 'authentication-failed')).toBe(
      true,
    );
  });

  test.each<readonly [string, number, string]>([
    ['a role', 403, 'forbidden'],
    ['the tenant', 404, 'not-found'],
  ])('begins no further client if %s is missing, as the first one shows', async (_, status, code) => {
    await using bench = await Bench.open({ github: GITHUB, vantage: { tier: 0 } });
    bench.vantage.faults.add({ on: 'createClient', mishap: { kind: 'answer', status } });
    const done = await bench.fleet(CLIENTS, {}, { fleet: { concurrency: 3 } });
    expect(done.failure?.code).toBe(code);
    expect(done.failure?.message).toMatch(/: [123] of 12 clients failed, and (?:9|10|11) of 12 were not begun\. /u);
    expect(done.vantage.filter(({ route }) => route === 'createClient').length).toBeLessThanOrEqual(3);
    expect(done.results.filter(({ begun }) => begun === false).length).toBeGreaterThanOrEqual(9);
  });

  test('begins no further client if GitHub does not know the token', async () => {
    await using bench = await Bench.open({ github: GITHUB });
    for (const token of bench.github.tokens) bench.github.revokeToken(token);
    const done = await bench.fleet(CLIENTS, {}, { fleet: { concurrency: 3 } });
    expect(done.failure?.code).toBe('github-permission');
    expect(done.results.filter(({ begun }) => begun === false).length).toBeGreaterThanOrEqual(9);
    expect(writesOf(done)).toEqual([]);
  });

  test('stops if Vantage fails for so many clients in a row that it is down', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `down-${index}`);
    await using bench = await Bench.open({
      github: { seed: { repositories: [{ owner: 'octo-org', repo: 'octo-repo', id: 1001, environments: names }] } },
    });
    const down = { kind: 'answer', status: 500, headers: { 'retry-after': '0' } } as const;
    for (const on of ['readClient', 'readSecrets', 'createClient'] as const) {
      bench.vantage.faults.add({ on, mishap: down });
    }
    const done = await bench.fleet(names.map(clientFor), {}, { fleet: { concurrency: 4 } });
    expect(done.failure?.code).toBe('vantage-unavailable');
    expect(done.results.filter(({ begun }) => begun !== false).length).toBeLessThanOrEqual(10 + 4);
  });

  test('names the code that needs a person, whichever client failed first', async () => {
    await using bench = await Bench.open({ github: GITHUB, vantage: { tier: 0 } });
    bench.github.faults.add({
      on: { method: 'PUT', path: /environments\/stage-1\/secrets/u },
      mishap: { kind: 'answer', status: 403 },
    });
    bench.vantage.faults.add({
      on: { path: /clients\/client-stage-5\/secrets/u },
      mishap: { kind: 'reset', apply: true },
    });
    const done = await bench.fleet(CLIENTS);
    expect(done.failure?.code).toBe('secret-unaccounted');
    expect(done.failure?.message).toContain('2 of 12 clients failed. The first is client "client-stage-1" in line 3:');
    expect(resultOf(done, 'client-stage-5')).toMatchObject({ errorCode: 'secret-unaccounted' });
  });

  test('that is cancelled leaves every client sound, and names those that it did not begin', async () => {
    await using bench = await Bench.open({ github: GITHUB });
    const done = await bench.fleet(
      CLIENTS,
      {},
      {
        fleet: { concurrency: 3 },
        when: [/^PUT .*stage-4\/secrets/u, cancel],
      },
    );
    expect(done.failure?.code).toBe('cancelled');
    for (const name of NAMES) {
      const secrets = bench.vantage.client(`client-${name}`)?.secrets ?? [];
      const held = bench.held(environment(name));
      expect(secrets.map(({ value }) => value)).toEqual(held === undefined ? [] : [held]);
    }
    const notBegun = done.results.filter(({ begun }) => begun === false);
    expect(notBegun.length).toBeGreaterThan(2);
    expect(done.failure?.message).toContain(`${notBegun.length} of 12 were not begun`);
    const again = await bench.fleet(CLIENTS);
    expect(again.failure).toBeUndefined();
    expectDelivered(bench, NAMES);
  });

  test('plans each client in a dry run, and changes nothing', async () => {
    await using bench = await Bench.open({ github: GITHUB });
    await bench.fleet(CLIENTS.slice(0, 10));
    const done = await bench.fleet(CLIENTS, { 'dry-run': 'true' });
    expect({ failure: done.failure, writes: writesOf(done) }).toEqual({ failure: undefined, writes: [] });
    expect(done.plan).toMatchObject({
      mode: 'fleet',
      clients: 12,
      toDo: 2,
      steps: [
        { clientId: 'client-stage-10', client: 'create', secret: 'mint' },
        { clientId: 'client-stage-11', client: 'create', secret: 'mint' },
      ],
    });
    expect(done.results.slice(0, 2).map(({ clientId }) => clientId)).toEqual(['client-stage-10', 'client-stage-11']);
    expect(done.results).toHaveLength(12);
    expect(done.log.at(-1)).toBe('12 clients: 0 changed, 2 to change, 10 unchanged, 0 failed.');
  });
});

describe('what a fleet saves for the post step', () => {
  test('names each secret with its client from before it is created until it is delivered', async () => {
    await using bench = await Bench.open({ github: GITHUB });
    const done = await bench.fleet(CLIENTS, {}, { fleet: { concurrency: 4 } });
    const places = new Map<number, readonly { clientId: string }[]>();
    const pending = done.places.map(([place, clients]) => {
      places.set(place, clients);
      return [...places.values()].flat().map(({ clientId }) => clientId);
    });
    expect(new Set(pending.flat())).toEqual(new Set(NAMES.map(name => `client-${name}`)));
    expect(Math.max(...pending.map(({ length }) => length))).toBeLessThanOrEqual(4);
    expect(pending.at(-1)).toEqual([]);
  });

  test('keeps a secret whose client ended without revoking it', async () => {
    await using bench = await Bench.open({ github: GITHUB });
    bench.github.faults.add({
      on: { method: 'PUT', path: /environments\/stage-3\/secrets/u },
      mishap: { kind: 'answer', status: 403 },
    });
    bench.vantage.faults.add({ on: 'deleteSecret', mishap: { kind: 'answer', status: 403 } });
    const done = await bench.fleet(CLIENTS);
    const [secret] = bench.vantage.client('client-stage-3')?.secrets ?? [];
    expect(done.places.findLast(([place]) => place === 0)?.[1]).toEqual([
      { clientId: 'client-stage-3', marks: [bench.normalize(String(secret?.description))], unfinished: '' },
    ]);
    expect(done.log.join('\n')).toMatch(/Warning: The new secret was not delivered .*client "client-stage-3"/u);
  });
});

describe('clients that the manifest does not name', () => {
  test('are reported if this repository created secrets for them, and never deleted', async () => {
    await using bench = await Bench.open({ github: GITHUB });
    await bench.fleet(CLIENTS);
    bench.vantage.addClient({ clientId: 'by-hand' });
    const done = await bench.fleet(CLIENTS.slice(0, 10));
    const orphaned = done.results
      .filter(result => result.orphaned)
      .map(({ clientId, liveSecrets }) => [clientId, liveSecrets]);
    expect(orphaned).toEqual([
      ['client-stage-10', 1],
      ['client-stage-11', 1],
    ]);
    expect(writesOf(done)).toEqual([]);
    expect(done.log).toContain(
      'The manifest does not name 2 clients that this repository created secrets for. The first is "client-stage-10". The job summary lists them, and nothing deletes them.',
    );
  });

  test('are looked for while the last clients are under way', async () => {
    await using bench = await Bench.open({ github: GITHUB });
    const { vantage, log, failure } = await bench.fleet([
      clientFor('stage-0'),
      { 'client-id': 'quick', rotate: 'never' },
    ]);
    const routes = vantage.map(({ route }) => route);
    expect(routes).toContain('listClients');
    expect(routes.indexOf('listClients')).toBeLessThan(routes.lastIndexOf('createSecret'));
    // The list changes while it is read, because the run creates clients.
    expect({ failure, failed: log.filter(line => line.startsWith('Did not look')) }).toEqual({
      failure: undefined,
      failed: [],
    });
  });

  test('are those of no shard, and only the first shard looks for them', async () => {
    await using bench = await Bench.open({ github: GITHUB });
    await bench.fleet(CLIENTS);
    const manifestClientIds = CLIENTS.slice(0, 11).map(client => client['client-id']);
    const shard = (index: number) => ({ fleet: { shard: { index, count: 2 }, manifestClientIds } });
    const one = await bench.fleet(CLIENTS.slice(0, 6), {}, shard(1));
    const two = await bench.fleet(CLIENTS.slice(6, 11), {}, shard(2));
    const orphaned = (done: Fleet) => done.results.filter(result => result.orphaned).map(({ clientId }) => clientId);
    expect([orphaned(one), orphaned(two)]).toEqual([['client-stage-11'], []]);
    expect(two.vantage.filter(({ route }) => route === 'listClients')).toEqual([]);
  });
});
