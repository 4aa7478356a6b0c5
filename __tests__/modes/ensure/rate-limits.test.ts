import { describe, expect, test } from '@jest/globals';
import { primaryRateLimit, secondaryRateLimit } from '../../../emulator/github/index.ts';
import { Bench, type BenchOptions, cancel, writesOf } from '../../support/bench.ts';
import { SEED } from '../../support/github.ts';
import { CLIENT_ID } from '../../support/world.ts';

const HOUR = 3600;
/** The maximum number of requests to one server at a time. */
const AT_ONCE = 50;

/** A Vantage with the client, and a GitHub with more repositories and a target in each. */
function fleet(count: number, github: BenchOptions['github'] = {}) {
  const names = Array.from({ length: count }, (_, index) => `shop-${index}`);
  const repositories = [...(SEED.repositories ?? []), ...names.map(repo => ({ owner: 'octo-org', repo }))];
  const options: BenchOptions = {
    vantage: { clients: [{ clientId: CLIENT_ID }] },
    github: { seed: { ...SEED, repositories }, ...github },
  };
  return { options, writeTo: names.map(repo => `repository octo-org/${repo}`).join('\n') };
}

describe('a rate limit of one request', () => {
  test.each([403, 429] as const)(
    'that lasts longer than the step stops the others of 320 requests (%d)',
    async status => {
      const { options, writeTo } = fleet(64, { limits: { requests: 20, status } });
      await using bench = await Bench.open(options);
      const variables = { 'client-id-variable': 'ID', 'expiration-variable': 'ENDS' };
      const run = await bench.ensure({ 'write-to': writeTo, ...variables });
      expect(run.failure).toMatchObject({ code: 'rate-limited', message: expect.stringContaining('`timeout`') });
      expect(run.github.length).toBeLessThanOrEqual(20 + AT_ONCE);
      expect(run.failure?.message).toContain(`answered ${status} (API rate limit exceeded`);
      expect(run.failure?.message).toMatch(/it was not sent, because GITHUB asks to wait another \d+ s/u);
      expect(writesOf(run)).toEqual([]);
    },
  );

  test('at a write, that lasts longer than the step, stops the writes that follow', async () => {
    const { options, writeTo } = fleet(30);
    await using bench = await Bench.open(options);
    bench.github.faults.add({ on: 'writeSecret', skip: 2, mishap: secondaryRateLimit(HOUR) });
    const run = await bench.ensure({ 'write-to': writeTo });
    expect(run.failure).toMatchObject({ code: 'partial-hand-off', outcomeUnknown: false });
    expect(run.github.filter(({ route }) => route === 'writeSecret')).toHaveLength(3);
    expect(run.record.written).toHaveLength(2);
    // Each target that does not hold the secret is named.
    expect(
      new Set(run.failure?.message.match(/[Ww]riting secret \S+ in repository octo-org\/shop-\d+ failed/gu)).size,
    ).toBe(28);
  });

  test('at the first write, before anything holds the secret, revokes the secret', async () => {
    const { options, writeTo } = fleet(30);
    await using bench = await Bench.open(options);
    bench.github.faults.add({ on: 'writeSecret', mishap: primaryRateLimit(Date.now() + HOUR * 1000) });
    const run = await bench.ensure({ 'write-to': writeTo });
    expect(run.failure?.code).toBe('rate-limited');
    expect(run.github.filter(({ route }) => route === 'writeSecret')).toHaveLength(1);
    expect(bench.secrets()).toEqual([]);
  });

  test('of a second delays all requests', async () => {
    const { options, writeTo } = fleet(64);
    const arrivals: number[] = [];
    const watch = async (moment: string) => {
      if (moment === 'arrived') arrivals.push(performance.now());
    };
    await using bench = await Bench.open({ ...options, github: { ...options.github, watch } });
    bench.github.faults.add({ on: 'publicKey', times: 1, mishap: secondaryRateLimit(1) });
    const dry = await bench.ensure({ 'write-to': writeTo, 'dry-run': 'true', timeout: '5m', 'request-timeout': '1m' });
    expect(dry.failure).toBeUndefined();
    const start = arrivals[0] ?? 0;
    const early = arrivals.filter(at => at < start + 950).length;
    expect(early).toBeLessThanOrEqual(AT_ONCE + 1);
    expect(dry.github.filter(({ route }) => route === 'publicKey')).toHaveLength(65);
    expect(dry.log.filter(line => line.includes('No request is sent'))).toEqual([
      'GITHUB asks to wait 1.0 s. No request is sent to it until then.',
    ]);
  });

  test('ends early in a run that is cancelled', async () => {
    const { options, writeTo } = fleet(64);
    await using bench = await Bench.open(options);
    bench.github.faults.add({ on: 'publicKey', times: 1, mishap: secondaryRateLimit(5) });
    const started = performance.now();
    const run = await bench.ensure({ 'write-to': writeTo, timeout: '60s' }, { when: [/No request is sent/u, cancel] });
    expect(run.failure).toMatchObject({ code: 'cancelled', outcomeUnknown: false });
    expect(performance.now() - started).toBeLessThan(4000);
    expect(run.github.length).toBeLessThanOrEqual(AT_ONCE);
    expect(writesOf(run)).toEqual([]);
  });

  test('does not delay requests to Vantage', async () => {
    await using bench = await Bench.open({ vantage: {}, github: {} });
    bench.github.faults.add({ on: 'publicKey', times: 1, mishap: secondaryRateLimit(1) });
    bench.vantage.faults.add({ on: 'token', times: 1, mishap: { kind: 'throttle', retryAfter: 0 } });
    const run = await bench.ensure({ 'write-to': 'repository' });
    expect(run.failure).toBeUndefined();
    expect(run.vantage.filter(({ route }) => route === 'token').length).toBeGreaterThan(1);
  });
});
