import { MARK_PREFIX } from '../model/mark.ts';
import { defaultEnd, LONGEST_LIFE, type SecretRequest, SHORTEST_LIFE } from '../model/secret.ts';
import {
  type Duration,
  earlier,
  later,
  type Moment,
  parseDuration,
  parseMoment,
  resolveMoment,
} from '../model/time.ts';
import type { InputReader } from './reader.ts';

const HOUR = 3_600_000;

/** The values of `rotate`, the default first. */
export const ROTATE = ['always', 'when-due', 'never'] as const;

/** Reads how to create and rotate the secret, and rejects a life that Vantage does not allow. */
export function readSecret(input: InputReader, now: Date): SecretRequest {
  const startReason = 'expected an RFC 3339 time (2027-01-31T09:00:00Z) or a duration from now';
  const startTime = input.parsed('secret-start-time', parseMoment, startReason);
  const revokeAtJobEnd = readRevokeAtJobEnd(input);
  const expiration = readExpiration(input, revokeAtJobEnd);
  const description = readDescription(input);
  const start = startTime ? resolveMoment(startTime, now) : now;
  const end = expiration ? resolveMoment(expiration, start) : defaultEnd(now);
  const isPossible = end >= later(start, SHORTEST_LIFE) && end <= later(start, LONGEST_LIFE);
  if (!isPossible) {
    rejectLength(input, expiration !== undefined);
  } else if (end <= now) {
    input.reject('secret-expiration', 'expected a time in the future');
  }
  const rotate = input.choice('rotate', ROTATE);
  const rotateBefore = readRotateBefore(input, now);
  const rotatesFrom = earlier(end, rotateBefore);
  if (rotate === 'when-due' && isPossible && end > now && (rotatesFrom <= start || rotatesFrom <= now)) {
    rejectEndlessRotation(input, end.getTime() - Math.max(start.getTime(), now.getTime()), revokeAtJobEnd);
  }
  return {
    rotate,
    rotateBefore,
    currentSecret: input.secret('current-secret'),
    pruneAfter: readPruneAfter(input),
    revokeAtJobEnd,
    description,
    startTime,
    expiration,
    verify: input.flag('verify'),
  };
}

/** Reads the remaining life below which a secret is due or expiring. */
export function readRotateBefore(input: InputReader, now: Date): Duration {
  const parse = (text: string) => {
    const duration = parseDuration(text);
    return duration && later(now, duration) > now ? duration : undefined;
  };
  return input.parsed('rotate-before', parse, 'expected a duration, such as 30d') ?? {};
}

/** If a new secret were already due, each run would create another one. @param left the milliseconds that it lives. */
function rejectEndlessRotation(input: InputReader, left: number, revokeAtJobEnd: boolean): void {
  const name = `\`${input.nameOf('rotate-before')}\``;
  const kind = input.isDefault('rotate-before') ? 'the default ' : '';
  const life = describeLife(input, revokeAtJobEnd);
  const hours = Math.max(1, Math.floor(left / HOUR / 3));
  const shorter = hours < 24 ? `${hours}h` : `${Math.floor(hours / 24)}d`;
  input.reject('rotate-before', `expected less than ${life}, such as ${shorter}`, {
    line: `${kind}${name} of ${input.shown('rotate-before')} is not shorter than ${life} (set it to less, such as ${shorter})`,
  });
}

/** The life of a new secret, as the workflow asks for it. */
function describeLife(input: InputReader, revokeAtJobEnd: boolean): string {
  if (input.isSet('secret-expiration')) {
    return `\`${input.nameOf('secret-expiration')}\` ${input.shown('secret-expiration')}`;
  }
  return revokeAtJobEnd
    ? 'the one day that a secret gets with `revoke-at-job-end`'
    : 'the six months that a secret gets by default';
}

/**
 * The run that created a superseded secret may still be writing it to a target. No run takes longer than a day, so
 * pruning waits at least that long.
 */
function readPruneAfter(input: InputReader): Duration | undefined {
  const parse = (text: string) => {
    const [duration, now] = [parseDuration(text), new Date(0)];
    return duration && later(now, duration) >= later(now, SHORTEST_LIFE) ? duration : undefined;
  };
  const why = 'because a run can take a day to store its secret';
  return input.parsed('prune-after', parse, `expected a duration of at least 1d, such as 7d, ${why}`);
}

/** The runner may fail before the post step can revoke the secret, so the secret gets the shortest life. */
function readExpiration(input: InputReader, revokeAtJobEnd: boolean): Moment | undefined {
  if (revokeAtJobEnd && !input.isSet('secret-expiration')) {
    return { after: SHORTEST_LIFE };
  }
  const duration = 'a duration from the start, such as 90d, 12w, P6M, or P1Y';
  const reason = `expected an RFC 3339 time (2027-01-31T09:00:00Z) or ${duration}`;
  return input.parsed('secret-expiration', parseMoment, reason);
}

function readRevokeAtJobEnd(input: InputReader): boolean {
  const revokes = input.flag('revoke-at-job-end');
  if (revokes && input.isSet('write-to')) {
    const why = 'because a secret that is stored in GitHub must outlive the job';
    input.reject('revoke-at-job-end', `expected no write-to, ${why}`);
  }
  return revokes;
}

function readDescription(input: InputReader): string | undefined {
  const description = input.line('secret-description');
  const reason = `expected no "${MARK_PREFIX.trim()}", because the action appends its own ownership mark`;
  return description?.includes(MARK_PREFIX) ? input.reject('secret-description', reason) : description;
}

/** @param hasExpiration whether the workflow says when the secret expires. An expiration that was rejected says nothing. */
function rejectLength(input: InputReader, hasExpiration: boolean): void {
  if (hasExpiration) {
    const hint = /\dm$/u.test(input.text('secret-expiration') ?? '') ? ' (m means minutes; for months, use P6M)' : '';
    const why = `because Vantage allows no other life${hint}`;
    input.reject('secret-expiration', `expected 1 day to 3 years after the start of the secret, ${why}`);
  } else if (!input.isSet('secret-expiration')) {
    const without = `without ${input.nameOf('secret-expiration')}, the secret expires six months from now`;
    input.reject('secret-start-time', `${without}, which must be 1 day to 3 years after its start`);
  }
}
