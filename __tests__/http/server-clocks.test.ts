import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { HttpRequest, HttpResponse } from '../../src/http/message.ts';
import { ServerClocks } from '../../src/http/server-clocks.ts';

const NOW = Date.parse('2027-01-31T09:00:00.400Z');
const HOUR = 3_600_000;
const VANTAGE = 'https://vantage.example';

/** A response after this delay, with these headers. */
function respond(clocks: ServerClocks, headers: Record<string, string>, took = 100, url = `${VANTAGE}/api/`): void {
  const request: HttpRequest = { method: 'GET', url: new URL(url), headers: {} };
  const answer: HttpResponse = { kind: 'answered', status: 200, headers, body: '' };
  clocks.learn(request, answer, took);
}

/** How far ahead the clock of an origin is assumed to be, in milliseconds. */
const ahead = (clocks: ServerClocks, origin = VANTAGE) => clocks.now(origin).getTime() - NOW;
const dated = (milliseconds: number) => ({ date: new Date(NOW + milliseconds).toUTCString() });

beforeEach(() => {
  jest.useFakeTimers({ now: NOW });
});
afterEach(() => {
  jest.useRealTimers();
});

describe('the clock of a server', () => {
  test('is the runner’s until the server reports its time', () => {
    expect(ahead(new ServerClocks())).toBe(0);
  });

  test.each([
    ['the same', 0, 100, 0],
    ['the same, because the response took two seconds', -2000, 2000, 0],
    ['a little behind, which whole seconds can explain', -400, 100, 0],
    // The date is truncated to whole seconds, so it is 400 ms earlier.
    ['an hour ahead', HOUR, 100, HOUR - 400],
    ['an hour behind', -HOUR, 100, -HOUR - 400 + 1000 + 100],
  ])('is %s', (_, milliseconds, took, expected) => {
    const clocks = new ServerClocks();
    respond(clocks, dated(milliseconds), took);
    expect(ahead(clocks)).toBe(expected);
  });

  test('can be read for one moment at two servers, although the runner’s clock continues in between', () => {
    const clocks = new ServerClocks();
    respond(clocks, dated(HOUR));
    const vantage = clocks.now(VANTAGE, NOW);
    jest.setSystemTime(NOW + 1);
    expect(vantage.getTime() - clocks.now('https://github.example', NOW).getTime()).toBe(HOUR - 400);
  });

  test('is kept per origin, as the latest response reports it', () => {
    const clocks = new ServerClocks();
    respond(clocks, dated(HOUR));
    respond(clocks, dated(-HOUR), 0, 'https://api.github.com/repos');
    expect(ahead(clocks)).toBe(HOUR - 400);
    expect(ahead(clocks, 'https://api.github.com')).toBe(-HOUR + 600);
    respond(clocks, dated(0));
    expect(ahead(clocks)).toBe(0);
  });

  test.each([
    ['none', {}],
    ['one that is not a date', { date: 'yesterday' }],
    ['one without a zone', { date: '2027-01-31T10:00:00' }],
    ['one from a cache', { ...dated(HOUR), age: '3600' }],
  ])('is unchanged if a response has %s', (_, headers) => {
    const clocks = new ServerClocks();
    respond(clocks, headers);
    expect(ahead(clocks)).toBe(0);
  });
});
