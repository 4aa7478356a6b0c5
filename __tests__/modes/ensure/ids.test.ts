import { describe, expect, test } from '@jest/globals';
import { Bench } from '../../support/bench.ts';
import { CLIENT_ID } from '../../support/world.ts';

const deletionsOf = (requests: readonly { readonly method: string; readonly path: string }[]) =>
  requests.filter(({ method }) => method === 'DELETE').map(({ path }) => path.slice(path.indexOf('/clients/')));

describe('the ID of a secret that is to be deleted', () => {
  test('is sent with all digits, even if a double cannot represent it', async () => {
    await using bench = await Bench.open({ vantage: { shape: { secretIds: 'number' } } });
    const { record, remembered } = await bench.ensure();
    const [secret] = bench.secrets();
    expect(secret?.id).toBe('9007199254740995');
    expect(record.secret?.id).toBe('9007199254740995');
    const mark = bench.named(remembered.flat()[0] ?? '');
    const done = await bench.revokePending([mark]);
    expect(deletionsOf(done.vantage)).toEqual([`/clients/${CLIENT_ID}/secrets/9007199254740995/`]);
    expect(bench.secrets()).toEqual([]);
    expect(done.log.filter(line => line.startsWith('Warning: '))).toEqual([]);
  });

  test.each(['..', '.', '%2e%2e', '.%2E', '%252e%252e', '../../', 'a/../..', '..\\..'])(
    '%j reaches nothing else: no request is sent, and a warning says so',
    async id => {
      await using bench = await Bench.open();
      const { remembered } = await bench.ensure();
      const mark = bench.named(remembered.flat()[0] ?? '');
      const body = { items: [{ id, description: mark }], totalItemCount: 1 };
      bench.vantage.faults.add({ on: 'readSecrets', mishap: { kind: 'wrong-shape', body } });
      const done = await bench.revokePending([mark]);
      expect(deletionsOf(done.vantage)).toEqual([]);
      expect(bench.vantage.client(CLIENT_ID)).toBeDefined();
      expect(done.failure).toBeUndefined();
      expect(done.log.at(-1)).toMatch(
        /^Warning: A secret of client "invoices" may still exist, because its id ".*" cannot be part of a path\. /u,
      );
    },
  );
});

describe('a client whose ID is', () => {
  test.each(['..', '.', '%2e%2e'])(
    '%j is audited with what the list reports, and nothing else is requested',
    async clientId => {
      await using bench = await Bench.open();
      const body = [{ clientId, allowRopc: true }];
      bench.vantage.faults.add({ on: 'listClients', mishap: { kind: 'wrong-shape', body } });
      const done = await bench.run('audit');
      expect(done.failure).toBeUndefined();
      expect(done.vantage.map(({ route }) => route).filter(route => route !== 'token')).toEqual([
        'listClients',
        'listClients',
        'listClients',
      ]);
      const { findings } = done.record.clients[0] ?? {};
      expect(findings?.map(({ kind }) => kind)).toEqual(['unreadable', 'unreadable', 'ropc']);
      expect(findings?.[0]?.text).toBe(
        `its secrets cannot be listed: the id ${JSON.stringify(clientId)} cannot be part of a path`,
      );
    },
  );
});

test('an environment whose name a URL would normalize is refused, and nothing is created', async () => {
  await using bench = await Bench.open({ github: {} });
  const done = await bench.ensure({ 'write-to': 'environment a/../b' });
  expect(done.failure?.message).toContain('"a/../b" is empty, or contains "." or ".."');
  expect(done.failure?.code).toBe('invalid-input');
  expect(done.github).toEqual([]);
  expect(bench.secrets()).toEqual([]);
});
