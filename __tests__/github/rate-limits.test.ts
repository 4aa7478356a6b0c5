import { describe, expect, test } from '@jest/globals';
import { isRateLimited, RETRY_ON_GITHUB } from '../../src/github/failures.ts';
import type { HttpResponse } from '../../src/http/message.ts';

const MINUTE = 60_000;
const SECONDARY = JSON.stringify({ message: 'You have exceeded a secondary rate limit. Please wait a few minutes.' });

function answer(status: number, headers: Record<string, string> = {}, body = ''): HttpResponse {
  return { kind: 'answered', status, headers, body };
}
/** The header that says when requests are accepted again, in milliseconds from now. */
function reset(milliseconds: number): Record<string, string> {
  const seconds = Math.ceil((Date.now() + milliseconds) / 1000);
  return { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(seconds) };
}

describe('a rate limit', () => {
  test.each<readonly [string, HttpResponse]>([
    ['429', answer(429)],
    ['429 with Retry-After', answer(429, { 'retry-after': '60' })],
    ['403 with Retry-After', answer(403, { 'retry-after': '60' })],
    ['403 without remaining requests', answer(403, reset(MINUTE))],
    ['403 with a message about it', answer(403, {}, SECONDARY)],
    ['403 with a message in other letters', answer(403, { 'x-ratelimit-remaining': '4999' }, 'Secondary Rate Limit')],
  ])('is %s', (_, limited) => {
    expect(isRateLimited(limited)).toBe(true);
    expect(RETRY_ON_GITHUB.isTransient(limited)).toBe(true);
    expect(RETRY_ON_GITHUB.pausesServer(limited)).toBe(true);
  });

  test.each<readonly [string, HttpResponse]>([
    ['403 without a word about it', answer(403, {}, '{"message":"Resource not accessible by integration"}')],
    ['403 with remaining requests', answer(403, { 'x-ratelimit-remaining': '4999', 'x-ratelimit-reset': '1' })],
    ['401', answer(401)],
    ['404', answer(404, { 'x-ratelimit-remaining': '0' })],
    ['422 with a message about it', answer(422, {}, SECONDARY)],
    ['200 without remaining requests', answer(200, reset(MINUTE))],
    ['204', answer(204)],
  ])('is not %s, which is not retried', (_, other) => {
    expect(isRateLimited(other)).toBe(false);
    expect(RETRY_ON_GITHUB.isTransient(other)).toBe(false);
    expect(RETRY_ON_GITHUB.pausesServer(other)).toBe(false);
  });

  test.each([408, 500, 502, 503, 504])('is not %d, which is transient too', status => {
    expect(isRateLimited(answer(status))).toBe(false);
    expect(RETRY_ON_GITHUB.isTransient(answer(status))).toBe(true);
    expect(RETRY_ON_GITHUB.pausesServer(answer(status))).toBe(false);
  });
});

describe('the wait that a response asks for', () => {
  const date = new Date(Date.UTC(2030, 0, 1, 12, 0, 0)).toUTCString();
  const later = new Date(Date.UTC(2030, 0, 1, 12, 0, 9)).toUTCString();

  test.each<readonly [string, HttpResponse, number | undefined]>([
    ['Retry-After in seconds', answer(403, { 'retry-after': '7' }), 7000],
    ['Retry-After of zero', answer(429, { 'retry-after': '0' }), 0],
    ['Retry-After as a date, by the clock of GitHub', answer(429, { 'retry-after': later, date }), 9000],
    ['Retry-After before the reset', answer(403, { ...reset(MINUTE), 'retry-after': '2' }), 2000],
    ['Retry-After of an unavailable server', answer(503, { 'retry-after': '3' }), 3000],
    ['a minute if GitHub does not say', answer(403, {}, SECONDARY), MINUTE],
    ['a minute if Retry-After is invalid', answer(429, { 'retry-after': 'soon' }), MINUTE],
    ['a minute if requests remain', answer(403, { ...reset(0), 'x-ratelimit-remaining': '9' }, SECONDARY), MINUTE],
    ['a minute if the reset is invalid', answer(403, { ...reset(0), 'x-ratelimit-reset': 'soon' }), MINUTE],
    ['none after the reset', answer(403, reset(-MINUTE)), 0],
    ['none of an unavailable server', answer(502), undefined],
  ])('%s', (_, answered, wait) => {
    expect(RETRY_ON_GITHUB.wait(answered)).toBe(wait);
  });

  test('the time until the reset, to the second', () => {
    const wait = RETRY_ON_GITHUB.wait(answer(403, reset(90_000))) ?? 0;
    expect(wait).toBeGreaterThan(88_000);
    expect(wait).toBeLessThanOrEqual(91_000);
  });
});

test('every request to GitHub can be retried after its response was lost', () => {
  expect(RETRY_ON_GITHUB.retryAmbiguous).toBe(true);
});
