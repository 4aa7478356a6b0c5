import { expect, test } from '@jest/globals';
import type { SeedClient, VantageOptions } from '../../../emulator/vantage/index.ts';
import { Bench } from '../../support/bench.ts';

/** A number of clients, with a number of bytes of redirect URIs each. */
const clientsOf = (count: number, bytes: number): SeedClient[] =>
  Array.from({ length: count }, (_, index) => ({
    clientId: `client-${index}`,
    redirectUris: Array.from({ length: Math.ceil(bytes / 100) }, (_uri, at) =>
      `https://a.example/${at}`.padEnd(97, 'x'),
    ),
  }));
const SWEEP = { 'client-id-pattern': 'none-{pr}', timeout: '5m', 'request-timeout': '1m' };
const sweep = async (vantage: VantageOptions) => {
  await using bench = await Bench.open({ vantage, github: {} });
  return await bench.run('sweep', SWEEP);
};

test.each([
  ['300 clients of 4.5 KiB', 300, 4608, {}],
  ['300 clients of 4.5 KiB, always in one page', 300, 4608, { paging: 'ignored' }],
  ['1,000 clients of 20 KiB', 1000, 20_480, {}],
  ['200 clients of 100 KiB, which need smaller pages than the first one', 200, 102_400, {}],
] as const)('%s are listed completely', async (_, count, bytes, shape) => {
  const done = await sweep({ clients: clientsOf(count, bytes), shape });
  expect(done.failure).toBeUndefined();
  // With the administrator's client.
  expect(done.record.listed).toBe(count + 1);
});

test('a response about one client has the same limit as all others', async () => {
  await using bench = await Bench.open();
  bench.vantage.faults.add({ on: 'createClient', mishap: { kind: 'oversize', status: 201 } });
  const done = await bench.ensure();
  expect(done.failure).toMatchObject({
    code: 'unexpected-response',
    message: expect.stringContaining('the body of its response exceeds the limit of 1024 KiB'),
  });
});

test('a list that fits in no page, however small, is reported, and not read forever', async () => {
  await using bench = await Bench.open({ github: {} });
  const mishap = { kind: 'oversize', bytes: 16 * 1024 * 1024 + 1, declared: false } as const;
  bench.vantage.faults.add({ on: 'listClients', mishap });
  const done = await bench.run('sweep', SWEEP);
  expect(done.failure).toMatchObject({
    code: 'unexpected-response',
    message: expect.stringMatching(
      /a page with one of its clients is too large: GET .* exceeds the limit of 16384 KiB/u,
    ),
  });
  expect(done.vantage.filter(({ route }) => route === 'listClients')).toHaveLength(8);
});
