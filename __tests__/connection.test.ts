import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { cancel } from '../emulator/runner.ts';
import type { VantageOptions } from '../emulator/vantage/index.ts';
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
/**
 * Milliseconds that the step may take: for one that has to create a secret, so many that a process does so, and sends a
 * request again, on a machine that has much else to do.
 */
const TIMEOUT = { before: 2000, after: 10_000 };
/** Milliseconds that a process may take to start and to end on such a machine. */
const START = 15_000;

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
  /** What follows when the step has sent something on a connection that it had, if it had one. */
  failCompletely(): Promise<void>;
}

/** @param isUsed whether the step has a connection when the network fails. */
async function openNetwork(phase: Phase, { vantage }: World, isUsed: boolean): Promise<Network> {
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
      case 'connect':
        await forwarder.stall();
    }
  };
  const failCompletely = async () => {
    if (phase === 'connect') {
      if (isUsed) await forwarder.cut();
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
    failCompletely,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([forwarder[Symbol.asyncDispose](), proxy?.close()]);
    },
  };
}

/** Runs a step whose network fails in a phase, and returns what a user sees of its end. */
async function runStalled({ phase, time, end }: Row) {
  // Vantage answers the creation of a secret once the network has failed.
  const hasFailed = Promise.withResolvers<void>();
  const vantage: VantageOptions = {
    watch: async (moment, { route }) => {
      if (moment === 'arrived' && route === 'createSecret') await hasFailed.promise;
    },
  };
  await using world = await (phase === 'TLS' || phase === 'proxy'
    ? privateNetwork.openWorld(vantage)
    : World.open({ vantage }));
  await using network = await openNetwork(phase, world, time === 'after');
  // That answer arrives, whatever fails from then on.
  world.vantage.faults.add({ on: 'createSecret', times: 1, mishap: { kind: 'delay', ms: 0 } });
  const fail = async () => {
    await network.fail();
    hasFailed.resolve();
    await network.failCompletely();
  };
  if (time === 'before') {
    await fail();
  }
  let began = Number.NaN;
  const onStart: StepOptions['onStart'] = async child => {
    child.stdout?.once('data', () => {
      began = performance.now();
    });
    if (time === 'after') {
      // With its body: without it, the forwarder would cut the connection.
      await world.arrival('createSecret', /description/u);
      await fail();
    }
    if (end === 'cancel') {
      // A process that does not run the step yet would just end.
      if (Number.isNaN(began)) await once(child.stdout ?? child, 'data');
      await sleep(1500);
      await cancel(child);
    }
  };
  const timeout = end === 'timeout' ? `PT${TIMEOUT[time] / 1000}S` : '60s';
  const step = await world.step({ 'base-url': network.baseUrl, timeout }, { env: network.env, onStart });
  const took = performance.now() - began;
  const marks = marksOf(step);
  return {
    exitCode: step.exitCode,
    code: step.outputs['error-code'],
    hasError: errorOf(step) !== '',
    hasSummary: step.summary !== '',
    // A step that is cancelled and does not end in time is killed, and has no exit code.
    isInTime: end === 'cancel' || took < TIMEOUT[time] + START || `${took} ms`,
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
