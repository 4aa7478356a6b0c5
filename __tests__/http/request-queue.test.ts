import { describe, expect, test } from '@jest/globals';
import type { TimeBudget } from '../../src/http/deadline.ts';
import type { AttemptResult } from '../../src/http/message.ts';
import { RequestQueue } from '../../src/http/request-queue.ts';
import { withFastTime } from '../support/fast-time.ts';

const SECOND = 1000;
const VANTAGE = 'https://vantage.example';
const ENDLESS: TimeBudget = { signal: new AbortController().signal, remaining: () => Number.POSITIVE_INFINITY };
const ANSWER: AttemptResult = { kind: 'answered', status: 200, headers: {}, body: '' };

/** When so many requests start that ask for their turn now, in milliseconds from now. */
async function startsOf(queue: RequestQueue, count: number): Promise<readonly number[]> {
  const now = performance.now();
  const starts: number[] = [];
  const attempt = async () => {
    starts.push(performance.now() - now);
    return ANSWER;
  };
  await Promise.all(Array.from({ length: count }, () => queue.run(attempt, ENDLESS)));
  return starts;
}

describe('a server that asks to wait', () => {
  test('is not sent anything sooner because it asks for less later', () =>
    withFastTime({}, async () => {
      const queue = new RequestQueue(VANTAGE);
      expect(queue.pause(20 * SECOND)).toBe(true);
      expect(queue.pause(SECOND)).toBe(false);
      const [start = 0] = await startsOf(queue, 1);
      expect(start).toBeGreaterThan(19 * SECOND);
    }));

  test('for longer than there is time is not waited for', async () => {
    const queue = new RequestQueue(VANTAGE);
    queue.pause(20 * SECOND);
    const result = await queue.run(async () => ANSWER, { ...ENDLESS, remaining: () => 5 * SECOND });
    expect(result).toMatchObject({
      kind: 'not-sent',
      cause: { message: 'it was not sent, because https://vantage.example asks to wait another 20 s' },
    });
  });
});

describe('a server whose pace is learned', () => {
  /** A queue of a server that accepted 10 requests in its first second, and then refused one. */
  async function refusedQueue() {
    const queue = new RequestQueue(VANTAGE, true);
    await startsOf(queue, 10);
    for (let count = 0; count < 10; count += 1) queue.accept();
    const said = queue.slowDown(performance.now(), SECOND);
    return { queue, said };
  }

  test('gets the requests after its refusal one by one, at that pace', () =>
    withFastTime({}, async () => {
      const { queue } = await refusedQueue();
      const starts = await startsOf(queue, 6);
      const between = starts.slice(1).map((start, index) => start - (starts[index] ?? 0));
      expect(starts[0]).toBeGreaterThan(0.9 * SECOND);
      expect(Math.min(...between)).toBeGreaterThan(0.09 * SECOND);
    }));

  test('is named once for each wait', () =>
    withFastTime({}, async () => {
      const { queue, said } = await refusedQueue();
      expect(said).toMatch(
        /^https:\/\/vantage\.example asks to wait 1\.0 s\. No request is sent .* a minute after that\.$/u,
      );
      expect(queue.slowDown(performance.now(), SECOND)).toBeUndefined();
    }));

  test('does not use up the time of a request while the others of the run are ahead of it', () =>
    withFastTime({}, async () => {
      const { queue } = await refusedQueue();
      const events: string[] = [];
      const hold = () => {
        events.push('held');
        return () => events.push('goes on');
      };
      const attempt = async () => {
        events.push('sent');
        return ANSWER;
      };
      await queue.run(attempt, { ...ENDLESS, hold });
      expect(events).toEqual(['held', 'goes on', 'sent']);
    }));
});

test('a server gets 50 requests at the same time at most, and each that ends makes room for one', async () => {
  const queue = new RequestQueue(VANTAGE);
  let underWay = 0;
  const most: number[] = [];
  const attempt = async () => {
    underWay += 1;
    most.push(underWay);
    await new Promise(resolve => setImmediate(resolve));
    underWay -= 1;
    return ANSWER;
  };
  const work = Array.from({ length: 220 }, () => queue.run(attempt, ENDLESS));
  await Promise.all(work);
  await Promise.all(Array.from({ length: 220 }, () => queue.run(attempt, ENDLESS)));
  expect({ most: Math.max(...most), sent: most.length }).toEqual({ most: 50, sent: 440 });
});
