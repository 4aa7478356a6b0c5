import { describe, expect, test } from '@jest/globals';
// Loaded before any test, so that each mutant of its constants is active in all of them.
import '../../../src/modes/fleet/run.ts';
import { Bench } from '../../support/bench.ts';

const NAMES = Array.from({ length: 40 }, (_, index) => `stage-${index}`);
const seed = { repositories: [{ owner: 'octo-org', repo: 'octo-repo', id: 1001, environments: NAMES }] };
const CLIENTS = NAMES.map(name => ({
  'client-id': `client-${name}`,
  'write-to': `environment octo-org/octo-repo ${name}`,
  rotate: 'when-due',
}));

describe('a Vantage that limits requests', () => {
  test('slows down all clients, and refuses few of their requests', async () => {
    await using bench = await Bench.open({
      github: { seed },
      vantage: { rateLimit: { requests: 60, windowMs: 6000 } },
    });
    const done = await bench.fleet(CLIENTS, { timeout: '3m' });
    expect(done.failure).toBeUndefined();
    expect(done.results.every(({ outcome, secret }) => outcome === 'created' && secret !== undefined)).toBe(true);
    const refused = done.vantage.filter(({ status }) => status === 429).length;
    // The first window ends with everything that is under way, and one request of a later window shows its end.
    expect(refused).toBeGreaterThan(0);
    expect(refused).toBeLessThanOrEqual(16 + done.vantage.length * 0.02 + 1);
    expect(done.log.filter(line => line.includes('asks to wait')).length).toBeLessThanOrEqual(8);
    expect(done.log.find(line => line.includes('asks to wait'))).toMatch(
      /^VANTAGE asks to wait \d\.\d s\. No request is sent to it until then, and \d+ a minute after that\.$/u,
    );
    expect(done.log.filter(line => line.includes('Retrying'))).toEqual([]);

    const second = await bench.fleet(CLIENTS, { timeout: '3m' });
    expect(second.failure).toBeUndefined();
    expect(second.results.map(({ outcome }) => outcome)).toEqual(NAMES.map(() => 'kept'));
  });

  test('for longer than the step lasts, leaves the clients that it could not begin', async () => {
    await using bench = await Bench.open({
      github: { seed },
      vantage: { rateLimit: { requests: 60, windowMs: 600_000 } },
    });
    const done = await bench.fleet(CLIENTS, { timeout: '20s' });
    expect(done.failure?.code).toBe('rate-limited');
    expect(done.vantage.length).toBeLessThanOrEqual(60 + 20);
    expect(done.results.filter(({ begun }) => begun === false).length).toBeGreaterThan(20);
    for (const name of NAMES) {
      const values = bench.vantage.client(`client-${name}`)?.secrets.map(({ value }) => value) ?? [];
      const held = bench.held({ owner: 'octo-org', repo: 'octo-repo', environment: name });
      expect({ name, held: held === undefined || values.includes(held) }).toEqual({ name, held: true });
    }
  });
});

describe('GitHub', () => {
  test('is asked once about a place that several clients write to, and written at the pace that it allows', async () => {
    await using bench = await Bench.open({ github: { seed } });
    const clients = CLIENTS.slice(0, 10).map((client, index) => ({
      ...client,
      'write-to': index % 2 === 0 ? 'environment stage-0' : 'repository octo-org/octo-repo',
      'secret-name': `SECRET_${index}`,
    }));
    const first = await bench.fleet(clients);
    expect(first.failure).toBeUndefined();
    const asked = (path: RegExp) =>
      first.github.filter(({ method, path: of }) => method === 'GET' && path.test(of)).length;
    expect(asked(/public-key$/u)).toBe(2);
    expect(asked(/environments\/stage-0$/u)).toBe(0);
    expect(asked(/secrets\?per_page=1$/u)).toBe(2);
    expect(asked(/secrets\/SECRET_\d$/u)).toBe(10);

    const second = await bench.fleet(clients);
    expect(second.failure).toBeUndefined();
    expect(second.github.filter(({ path }) => /SECRET_\d$/u.test(path))).toHaveLength(10);
    expect(second.github).toHaveLength(12);
  });

  test('gets no secret of a client whose writes would come too late, and that client is left', async () => {
    await using bench = await Bench.open({ github: { seed } });
    // 36 clients with two writes each: the pace allows 70 a minute.
    const clients = CLIENTS.slice(0, 36).map(client => ({ ...client, 'client-id-variable': 'CLIENT' }));
    const dry = await bench.fleet(clients, { timeout: '30s', 'dry-run': 'true' });
    expect(dry.failure).toBeUndefined();
    expect(dry.plan).toMatchObject({ toDo: 36 });
    expect(dry.log).toContain(
      'Warning: The plan has 72 writes to GitHub, and at the pace that GitHub allows the last one starts after 1 min. A run does as many as fit into its `timeout`, and the next run goes on with the rest.',
    );

    const done = await bench.fleet(clients, { timeout: '30s' });
    expect(done.failure?.code).toBe('timeout');
    const left = done.results.filter(({ begun }) => begun === false);
    expect(left).toEqual([expect.objectContaining({ errorCode: 'timeout', outcome: 'unknown' })]);
    expect(bench.vantage.clients()).toHaveLength(35);
    expect(bench.vantage.createdSecrets.length).toBe(36);
    expect(done.failure?.message).toContain('1 of 36 were not begun');
  });

  test('has turns for the writes that create an environment, or give the repository access to a secret, and a plan counts them', async () => {
    await using bench = await Bench.open({ github: { seed: { ...seed, organizations: [{ login: 'octo-org' }] } } });
    // 36 clients with two writes each.
    const clients = CLIENTS.slice(0, 36).map((client, index) => ({
      ...client,
      'write-to': index % 2 === 0 ? `environment new-${index}` : 'organization octo-org selected',
      'secret-name': `SECRET_${index}`,
      'create-environments': 'true',
    }));
    const dry = await bench.fleet(clients, { timeout: '30s', 'dry-run': 'true' });
    expect(dry.failure).toBeUndefined();
    expect(dry.log.find(line => line.startsWith('Warning: The plan has'))).toContain('72 writes to GitHub');
  });

  test('keeps a client waiting, and what somebody changes at that client meanwhile is not overwritten', async () => {
    await using bench = await Bench.open({ github: { seed } });
    const clients = CLIENTS.slice(0, 36).map(client => ({
      ...client,
      'client-id-variable': 'CLIENT',
      'client-name': 'By the manifest',
      'if-exists': 'update',
    }));
    for (const { 'client-id': clientId } of clients) bench.vantage.addClient({ clientId, clientName: 'Before' });
    const isUpdated = (clientId: string) =>
      bench.vantage.requests.some(({ method, path }) => method === 'PUT' && path.endsWith(`/clients/${clientId}/`));
    let writes = 0;
    let changed: readonly string[] = [];
    const change = () => {
      writes += 1;
      // The last write of this minute.
      if (writes === 70) {
        changed = clients.map(client => client['client-id']).filter(clientId => !isUpdated(clientId));
        for (const clientId of changed) {
          bench.vantage.removeClient(clientId);
          bench.vantage.addClient({ clientId, clientName: 'By hand', requireConsent: true });
        }
      }
    };
    const done = await bench.fleet(clients, { timeout: '3m' }, { when: [/^(?:PUT|POST) \/repos\//u, change] });
    expect(done.failure).toBeUndefined();
    expect(changed).toHaveLength(1);
    expect(changed.map(clientId => bench.vantage.client(clientId))).toEqual([
      expect.objectContaining({ clientName: 'By the manifest', requireConsent: true }),
    ]);
  });

  test('that has no time for the secret of a client that the run created: the client has failed, and its targets are named', async () => {
    await using bench = await Bench.open({ github: { seed } });
    const clients = CLIENTS.map(client => ({ ...client, 'client-id-variable': 'CLIENT' }));
    const last = clients.slice(-1);
    expect((await bench.fleet(last)).failure).toBeUndefined();
    // Nothing but the answer to its creation shows that the secret in the target no longer works.
    bench.vantage.removeClient('client-stage-39');
    // One by one, so that it is the last one on a busy machine, too.
    const done = await bench.fleet(clients, { timeout: '30s', concurrency: '1' });
    expect(bench.vantage.client('client-stage-39')).toBeDefined();
    const result = done.results.find(({ clientId }) => clientId === 'client-stage-39');
    expect({ ...result, begun: result?.begun }).toMatchObject({
      outcome: 'created',
      errorCode: 'timeout',
      begun: undefined,
    });
    const title = done.log.findIndex(line => line.includes('client-stage-39: failed (timeout, client created)'));
    expect(title).toBeGreaterThan(0);
    expect(done.log.slice(title).find(line => line.includes('[timeout]'))).toContain(
      'These targets may hold a secret that no longer works',
    );
  });
});
