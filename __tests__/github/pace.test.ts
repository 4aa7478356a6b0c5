import { describe, expect, test } from '@jest/globals';
import { type PaceTime, WritePace } from '../../src/github/write-pace.ts';
import { pause as realPause } from '../../src/http/deadline.ts';
import { parseTarget } from '../../src/inputs/targets.ts';
import { asFailure } from '../../src/model/failure.ts';
import type { PreparedTarget, ResolvedScope } from '../../src/model/prepared-target.ts';
import { countWrites, reserveWrites, waitForTurn } from '../../src/modes/ensure/write-turns.ts';
import type { StepContext } from '../../src/modes/step-context.ts';
import { Stage } from '../support/stage.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A number of secrets of one place. */
function prepared(line: string, count: number, resolved: Omit<ResolvedScope, 'scope'> = {}): readonly PreparedTarget[] {
  const target = parseTarget(line, 'octo-org/octo-repo', 'NAME');
  if (typeof target === 'string') {
    throw new Error(target);
  }
  const found = { scope: target.scope, ...resolved };
  return Array.from({ length: count }, () => ({ target, resolved: found }));
}

const KEY = { key: { id: '1', value: '' } };
const ENDLESS = { signal: new AbortController().signal, remaining: () => HOUR };

/** A time that passes only while everybody waits. */
function virtualTime() {
  const sleepers: { readonly until: number; readonly wake: () => void }[] = [];
  let now = 0;
  const time: PaceTime = {
    now: () => now,
    pause: (milliseconds, { signal }) =>
      new Promise(resolve => {
        sleepers.push({ until: now + milliseconds, wake: () => resolve(true) });
        signal.addEventListener('abort', () => resolve(false));
      }),
  };
  const run = async (work: Promise<unknown>) => {
    let isOver = false;
    const ended = work.finally(() => {
      isOver = true;
    });
    while (!isOver) {
      await new Promise(resolve => setImmediate(resolve));
      const [next] = sleepers.sort((one, other) => one.until - other.until);
      if (next) {
        sleepers.shift();
        now = next.until;
        next.wake();
      }
    }
    await ended;
  };
  return { time, run };
}

test.each([
  [0, 0],
  [1, 0],
  [70, 0],
  [71, MINUTE],
  [140, MINUTE],
  [141, 2 * MINUTE],
  [450, 6 * MINUTE],
  [451, HOUR],
  [520, HOUR],
  [521, HOUR + MINUTE],
  [900, HOUR + 6 * MINUTE],
  [901, 2 * HOUR],
])('the last of %d writes starts after %d ms', (writes, time) => {
  const pace = WritePace.open(1, virtualTime().time);
  expect(pace.timeUntilLast(writes)).toBe(time);
  expect(pace.reserve(writes)).toBe(time);
});

describe('the pace', () => {
  /** The most writes in any window of this length. */
  const mostIn = (window: number, at: readonly number[]) =>
    Math.max(...at.map(from => at.filter(time => time >= from && time < from + window).length));

  test('is one that GitHub accepts, and as fast as it is calculated', async () => {
    const { time, run } = virtualTime();
    const pace = WritePace.open(1, time);
    const at: number[] = [];
    const writeAll = async () => {
      for (let write = 0; write < 1000; write += 1) {
        await pace.turn(ENDLESS);
        at.push(time.now());
      }
    };
    await run(writeAll());
    expect(mostIn(MINUTE, at)).toBe(70);
    expect(mostIn(HOUR, at)).toBe(450);
    expect(at.map((start, index) => start - pace.timeUntilLast(index + 1)).filter(late => late !== 0)).toEqual([]);
  });

  test('is shared by the clients of a run, whoever reserves and whoever gives back', async () => {
    const { time, run } = virtualTime();
    const pace = WritePace.open(1, time);
    const at: number[] = [];
    /** Reserves three turns, and writes one, two or three times, after a time that differs. */
    const client = async (index: number) => {
      const own = pace.forAnother();
      own.reserve(3);
      await own.ready(ENDLESS);
      await time.pause((index * 7919) % 30_000, ENDLESS);
      for (let write = 0; write <= index % 3; write += 1) {
        await own.turn(ENDLESS);
        at.push(time.now());
      }
      own.release();
    };
    const queue = Array.from({ length: 400 }, (_, index) => index).values();
    const worker = async () => {
      for (const index of queue) {
        await client(index);
      }
    };
    await run(Promise.all(Array.from({ length: 8 }, worker)));
    expect(at).toHaveLength(799);
    // Turns that are taken late may come closer to later ones: GitHub allows 80 and 500.
    expect(mostIn(MINUTE, at)).toBeLessThanOrEqual(80);
    expect(mostIn(HOUR, at)).toBeLessThanOrEqual(500);
    expect(Math.max(...at)).toBeLessThan(2 * HOUR);
  });

  test('is a fifth of that for each of five jobs', () => {
    const pace = WritePace.open(5, virtualTime().time);
    expect(pace.rate).toEqual({ perMinute: 14, perHour: 90 });
    expect([14, 15, 90, 91].map(writes => pace.timeUntilLast(writes))).toEqual([0, MINUTE, 6 * MINUTE, HOUR]);
    expect(pace.reserve(91)).toBe(HOUR);
    expect(WritePace.open(256).rate).toEqual({ perMinute: 1, perHour: 1 });
  });

  test('gives back what a client does not write', () => {
    const pace = WritePace.open(1, virtualTime().time);
    const one = pace.forAnother();
    const other = pace.forAnother();
    expect(one.reserve(70)).toBe(0);
    expect(other.reserve(1)).toBe(MINUTE);
    one.release();
    other.release();
    expect(other.reserve(70)).toBe(0);
  });

  test('counts the turns that were given back by when they start, not by when they were reserved', () => {
    const pace = WritePace.open(1, virtualTime().time);
    const one = pace.forAnother();
    const other = pace.forAnother();
    one.reserve(70);
    other.reserve(1);
    one.release();
    expect(other.reserve(2)).toBe(MINUTE);
    expect(other.timeUntilFirst()).toBe(0);
  });

  test('counts a turn that is taken late from then on', async () => {
    const { time, run } = virtualTime();
    const pace = WritePace.open(1, time);
    const own = pace.forAnother();
    own.reserve(70);
    const writeLate = async () => {
      await time.pause(50_000, ENDLESS);
      for (let write = 0; write < 70; write += 1) await own.turn(ENDLESS);
    };
    await run(writeLate());
    expect(pace.reserve(1)).toBe(MINUTE);
  });

  test('lets no write start before its turn, however finely the time is measured', async () => {
    const pauses: number[] = [];
    let now = 0.25;
    const pace = WritePace.open(1, {
      now: () => now,
      pause: async milliseconds => {
        pauses.push(milliseconds);
        return true;
      },
    });
    pace.forAnother().reserve(70);
    const own = pace.forAnother();
    own.reserve(1);
    now = 0.75;
    expect(await own.turn(ENDLESS)).toBe(true);
    expect(pauses).toEqual([MINUTE]);
  });

  test('ends a wait when the time ends, and gives its turn back', async () => {
    const pace = WritePace.open(1, { now: () => 0, pause: realPause });
    const cancellation = new AbortController();
    const budget = { signal: cancellation.signal, remaining: () => HOUR };
    pace.forAnother().reserve(70);
    const turn = pace.turn(budget);
    cancellation.abort();
    expect(await turn).toBe(false);
    expect(await pace.turn(budget)).toBe(false);
    expect(pace.reserve(70)).toBe(MINUTE);
  });

  test('gives no turn after the time has ended, although none must wait', async () => {
    expect(await WritePace.open().turn({ signal: AbortSignal.abort(), remaining: () => 0 })).toBe(false);
  });
});

describe('the writes of a delivery', () => {
  test.each<readonly [string, readonly PreparedTarget[], number]>([
    ['none', [], 0],
    ['one per secret', prepared('repository', 3, KEY), 3],
    [
      'one more for each variable of a place',
      prepared('repository', 3, { ...KEY, variables: { clientId: { name: 'ID' }, expiration: { name: 'END' } } }),
      5,
    ],
    ['one more for a missing environment', prepared('environment staging', 2), 3],
    ['none for an existing environment', prepared('environment staging', 2, KEY), 2],
  ])('%s', (_, targets, writes) => {
    expect(countWrites(targets)).toBe(writes);
  });

  const contextWith = (remaining: number, pace = WritePace.open(1, virtualTime().time)) =>
    ({ github: { pace }, deadline: { work: { remaining: () => remaining } } }) as unknown as StepContext;
  const failureOf = (writes: number, context: StepContext) => {
    try {
      reserveWrites(prepared('repository', writes, KEY), context);
      return undefined;
    } catch (error) {
      return asFailure(error);
    }
  };

  test.each([
    [70, 1, undefined],
    [71, MINUTE + 1, undefined],
    [71, MINUTE, /71 writes.*after 1 min\. Set `timeout` to 3m,/u],
    [451, 59 * MINUTE, /451 writes.*after 60 min\. Set `timeout` to 62m,/u],
    [10_800, 2 * HOUR, /after 1386 min\. Set `timeout` to 1388m,/u],
    [10_801, 2 * HOUR, /after 1440 min\. No `timeout` is long enough/u],
  ])('%d take time: %d ms are enough, or not', (writes, remaining, refusal) => {
    const failure = failureOf(writes, contextWith(remaining));
    expect(failure?.code).toBe(refusal && 'invalid-input');
    expect(failure?.message ?? '').toMatch(refusal ?? /^$/u);
  });

  test('wait for those of other clients, and are refused if that takes too long', () => {
    const pace = WritePace.open();
    pace.forAnother().reserve(70);
    expect(failureOf(1, contextWith(2 * MINUTE, pace.forAnother()))).toBeUndefined();
    const failure = failureOf(1, contextWith(30_000, pace.forAnother()));
    expect(failure?.code).toBe('timeout');
    expect(failure?.message).toBe(
      'planning the delivery to GitHub failed: the writes of other clients come first, and at the pace that GitHub allows (450 an hour, 70 a minute) the last of the 1 writes of this one starts after 1 min. No secret was created. Run the step again in an hour, which does what is left, or raise `timeout`.',
    );
  });

  test.each([
    ['is not the reason if they could all start at once', 1, 0, 'timeout'],
    ['is not the reason if it would be long enough for them alone', 71, MINUTE + 1, 'timeout'],
    ['is the reason if it is too short even for them alone', 71, MINUTE, 'invalid-input'],
  ])('that come after those of other clients: the timeout %s', (_, writes, remaining, code) => {
    const pace = WritePace.open(1, virtualTime().time);
    pace.forAnother().reserve(70);
    expect(failureOf(writes, contextWith(remaining, pace))?.code).toBe(code);
  });

  test('end with the step that waits for its turn', async () => {
    const { time, run } = virtualTime();
    const pace = WritePace.open(1, time);
    pace.forAnother().reserve(70);
    pace.reserve(1);
    using stage = new Stage({ 'github.secrets.write': () => undefined });
    const { deadline, github } = stage.context;
    const withPace = github && { ...github, pace };
    const waiting = (given: Pick<StepContext, 'deadline' | 'github'>) =>
      waitForTurn(given).then(() => 'its turn', asFailure);
    const turn = waiting({ deadline, github: withPace });
    await run(turn);
    expect(await turn).toBe('its turn');
    deadline.cancel();
    expect(await waiting({ deadline, github: withPace })).toMatchObject({
      code: 'cancelled',
      message: 'waiting for the turn to write to GitHub failed: the workflow was cancelled.',
    });
    expect(await waiting({ deadline, github: undefined })).toBe('its turn');
  });

  test('end if the time of the step ends before their turn', async () => {
    const pace = WritePace.open(1, { now: () => 0, pause: realPause });
    pace.forAnother().reserve(70);
    pace.reserve(1);
    using stage = new Stage({ 'github.secrets.write': () => undefined }, { timeout: 10 });
    const { deadline, github } = stage.context;
    await expect(waitForTurn({ deadline, github: github && { ...github, pace } })).rejects.toMatchObject({
      code: 'timeout',
      message:
        "waiting for the turn to write to GitHub failed: the step's timeout of 0.01 s ran out. Raise `timeout` if GitHub needs longer, or run the step again.",
    });
  });
});
