import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { cancel } from '../emulator/runner.ts';
import { Forwarder } from './support/forwarder.ts';
import { PrivateNetwork } from './support/private-network.ts';
import { BEHIND_PROXY, startProxy } from './support/proxy.ts';
import { errorOf, marksOf, warningsOf } from './support/step.ts';
import { type StepOptions, World } from './support/world.ts';

// Whatever the network does, and whenever it does it, the step ends in time and says how it ended.

/** What the step does when the connection stops working. */
const PHASES = ['resolve', 'connect', 'proxy', 'TLS', 'headers', 'body'] as const;
type Phase = (typeof PHASES)[number];
const TIMES = ['before', 'after'] as const;
const ENDS = ['timeout', 'cancel'] as const;
const ROWS = PHASES.flatMap(phase => TIMES.flatMap(time => ENDS.map(end => ({ phase, time, end }))));
type Row = (typeof ROWS)[number];

const STALL_LOOKUP = pathToFileURL(path.join(import.meta.dirname, 'support', 'stall-lookup.mjs')).href;
/** Milliseconds that the step may take. */
const TIMEOUT = 5000;
/** Milliseconds that a process may take to start and to end on a busy machine. */
const START = 5000;
/** Milliseconds within which a cancelled step ends. */
const CANCELLED = 7000;
/**
 * Milliseconds for which Vantage delays its response to the creation of a secret, so that the network can fail
 * meanwhile.
 */
const KEPT_BACK = 300;

let privateNetwork: PrivateNetwork;

beforeAll(async () => {
  privateNetwork = await PrivateNetwork.create();
});
afterAll(() => privateNetwork[Symbol.asyncDispose]());

/** Lets a network that worked until then fail. */
interface Network extends AsyncDisposable {
  readonly baseUrl: string;
  readonly env: Readonly<Record<string, string>>;
  fail(): Promise<void>;
}

async function openNetwork(phase: Phase, { vantage }: World): Promise<Network> {
  const { protocol, port } = new URL(vantage.baseUrl);
  const proxy = phase === 'proxy' ? await startProxy() : undefined;
  const forwarder = await Forwarder.start(Number(proxy ? new URL(proxy.url).port : port));
  const flag = path.join(privateNetwork.directory, `stalls-${forwarder.port}`);
  const fail = async () => {
    switch (phase) {
      case 'resolve':
        await writeFile(flag, '');
        await forwarder.stall();
        return;
      case 'body':
        vantage.faults.add({ mishap: { kind: 'stall-after-head' } });
        return;
      case 'headers':
      case 'TLS':
      case 'proxy':
        await forwarder.stall();
        return;
      case 'connect':
        await forwarder.stall();
        await Promise.race([forwarder.cut(), sleep(KEPT_BACK * 2)]);
        await forwarder.drop();
    }
  };
  return {
    baseUrl: proxy ? `${protocol}//${BEHIND_PROXY}:${port}` : `${protocol}//localhost:${forwarder.port}`,
    env: {
      ...privateNetwork.trusting,
      ...(proxy ? { HTTPS_PROXY: `http://127.0.0.1:${forwarder.port}` } : {}),
      ...(phase === 'resolve' ? { NODE_OPTIONS: `--import=${STALL_LOOKUP}`, STALL_LOOKUP_WHEN: flag } : {}),
    },
    fail,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([forwarder[Symbol.asyncDispose](), proxy?.close()]);
    },
  };
}

/** Runs a step whose network fails in a phase, and returns what a user sees of its end. */
async function runStalled({ phase, time, end }: Row) {
  await using world = await (phase === 'TLS' || phase === 'proxy' ? privateNetwork.openWorld() : World.open());
  await using network = await openNetwork(phase, world);
  world.vantage.faults.add({ on: 'createSecret', times: 1, mishap: { kind: 'delay', ms: KEPT_BACK, when: 'after' } });
  if (time === 'before') {
    await network.fail();
  }
  let cancelledAt: number | undefined;
  const onStart: StepOptions['onStart'] = async child => {
    if (time === 'after') {
      await world.arrival('createSecret');
      await network.fail();
    }
    if (end === 'cancel') {
      await sleep(1500);
      cancelledAt = performance.now();
      await cancel(child);
    }
  };
  const inputs = { 'base-url': network.baseUrl, timeout: end === 'timeout' ? `PT${TIMEOUT / 1000}S` : '60s' };
  const started = performance.now();
  const step = await world.step(inputs, { env: network.env, onStart });
  const took = performance.now() - (cancelledAt ?? started);
  const marks = marksOf(step);
  return {
    exitCode: step.exitCode,
    code: step.outputs['error-code'],
    hasError: errorOf(step) !== '',
    hasSummary: step.summary !== '',
    isInTime: took < (end === 'timeout' ? TIMEOUT + START : CANCELLED) || `${took} ms`,
    secrets: marks.length,
    unnamed: marks.filter(mark => !warningsOf(step).some(line => line.includes(mark))),
  };
}

// Each step runs in a process. They wait as long as a step does, so they run together.
test.concurrent.each(ROWS)(
  'a step whose $phase never completes $time the creation, ended by $end, ends with an error, outputs and a summary',
  async row => {
    expect(await runStalled(row)).toEqual({
      exitCode: 1,
      code: row.end === 'timeout' ? 'timeout' : 'cancelled',
      hasError: true,
      hasSummary: true,
      isInTime: true,
      secrets: row.time === 'before' ? 0 : 1,
      unnamed: [],
    });
  },
);
