import { MARK_PREFIX } from '../model/mark.ts';
import { defaultEnd, LONGEST_LIFE, type SecretRequest, SHORTEST } from '../model/secret-life.ts';
import { type Duration, earlier, later, type Moment, parseDuration, resolveMoment } from '../model/time.ts';
import type { InputReader } from './reader.ts';

const ROTATE_BEFORE_TAKES = 'it takes a duration such as 30d, shorter than the life of the secret';

/** Reads what the workflow says of the secret, and refuses a life that Vantage never grants. */
export function readSecret(input: InputReader, now: Date): SecretRequest {
  const startTime = input.moment(
    'secret-start-time',
    'it takes RFC 3339 (2027-01-31T09:00:00Z) or a duration from now',
  );
  const revokeAtJobEnd = readRevokeAtJobEnd(input);
  const expiration = readExpiration(input, revokeAtJobEnd);
  const description = readDescription(input);
  refuseImpossibleLife(input, now, startTime, expiration);
  const rotate = input.choice('rotate', ['always', 'when-due', 'never']);
  const rotateBefore = readRotateBefore(input, now);
  if (rotate === 'when-due') {
    refuseEndlessRotation(input, now, rotateBefore, startTime, expiration);
  }
  const currentSecret = input.secret('current-secret');
  const pruneAfter = readPruneAfter(input);
  return {
    rotate,
    rotateBefore,
    ...(currentSecret ? { currentSecret } : {}),
    ...(pruneAfter ? { pruneAfter } : {}),
    revokeAtJobEnd,
    ...(description === undefined ? {} : { description }),
    ...(startTime ? { startTime } : {}),
    ...(expiration ? { expiration } : {}),
    verify: input.flag('verify'),
  };
}

/** How much of its life a secret must have left. */
export function readRotateBefore(input: InputReader, now: Date): Duration {
  const rotateBefore = parseDuration(input.text('rotate-before') ?? '');
  if (rotateBefore === undefined || later(now, rotateBefore) <= now) {
    input.reject('rotate-before', ROTATE_BEFORE_TAKES);
    return {};
  }
  return rotateBefore;
}

/** A secret that is due as soon as it is made would be minted for ever. */
function refuseEndlessRotation(
  input: InputReader,
  now: Date,
  rotateBefore: Duration,
  startTime?: Moment,
  expiration?: Moment,
): void {
  const start = startTime ? resolveMoment(startTime, now) : now;
  const end = expiration ? resolveMoment(expiration, start) : defaultEnd(now);
  if (earlier(end, rotateBefore) <= start || earlier(end, rotateBefore) <= now) {
    input.reject('rotate-before', ROTATE_BEFORE_TAKES);
  }
}

/**
 * A secret that was superseded may still be on its way into a target, in a run that minted it before. No run takes
 * longer than a day, so pruning waits at least for that.
 */
function readPruneAfter(input: InputReader): Duration | undefined {
  const text = input.text('prune-after');
  if (text === undefined) {
    return undefined;
  }
  const pruneAfter = parseDuration(text);
  const now = new Date(0);
  return pruneAfter && later(now, pruneAfter) >= later(now, SHORTEST)
    ? pruneAfter
    : input.reject(
        'prune-after',
        'it takes a duration of 1d or more, such as 7d: a run may take a day to store its secret',
      );
}

/** A secret that is to end with its job lives no longer than it must, as the runner may vanish before it deletes it. */
function readExpiration(input: InputReader, revokeAtJobEnd: boolean): Moment | undefined {
  return revokeAtJobEnd && !input.isSet('secret-expiration')
    ? { after: SHORTEST }
    : input.moment(
        'secret-expiration',
        'it takes RFC 3339 (2027-01-31T09:00:00Z) or a duration from the start, such as 90d, 12w, P6M or P1Y',
      );
}

function readRevokeAtJobEnd(input: InputReader): boolean {
  const revokes = input.flag('revoke-at-job-end');
  if (revokes && input.isSet('write-to')) {
    input.reject('revoke-at-job-end', 'a secret that is written to GitHub is to outlive its job: leave out write-to');
  }
  return revokes;
}

function readDescription(input: InputReader): string | undefined {
  const description = input.text('secret-description');
  if (description === undefined) {
    return undefined;
  }
  if (/\p{Cc}/u.test(description)) {
    return input.reject('secret-description', 'it takes one line without control characters');
  }
  return description.includes(MARK_PREFIX)
    ? input.reject('secret-description', `it takes no "${MARK_PREFIX.trim()}": the action writes its own mark after it`)
    : description;
}

function refuseImpossibleLife(input: InputReader, now: Date, startTime?: Moment, expiration?: Moment): void {
  const start = startTime ? resolveMoment(startTime, now) : now;
  if (expiration === undefined) {
    if (!input.isSet('secret-expiration') && !isPossibleLife(start, defaultEnd(now))) {
      input.reject(
        'secret-start-time',
        'a secret without secret-expiration ends six months from now, which must be 1 day to 3 years after its start',
      );
    }
    return;
  }
  const end = resolveMoment(expiration, start);
  if (!isPossibleLife(start, end)) {
    const hint = /\dm$/u.test(input.text('secret-expiration') ?? '') ? ' (m is minutes; months are P6M)' : '';
    input.reject('secret-expiration', `the rule of lives: a secret ends 1 day to 3 years after its start${hint}`);
  } else if (end <= now) {
    input.reject('secret-expiration', 'it takes a time to come');
  }
}

function isPossibleLife(start: Date, end: Date): boolean {
  return end >= later(start, SHORTEST) && end <= later(start, LONGEST_LIFE);
}
