import { MARK_PREFIX } from '../model/mark.ts';
import { defaultEnd, LONGEST_LIFE, type SecretRequest, SHORTEST_LIFE } from '../model/secret.ts';
import { type Duration, earlier, later, type Moment, parseDuration, resolveMoment } from '../model/time.ts';
import type { InputReader } from './reader.ts';

const HOUR = 3_600_000;

/** The values of `rotate`, the default first. */
export const ROTATE = ['always', 'when-due', 'never'] as const;

/** Reads how to create and rotate the secret, and rejects a life that Vantage does not allow. */
export function readSecret(input: InputReader, now: Date): SecretRequest {
  const startTime = input.moment(
    'secret-start-time',
    'expected an RFC 3339 time (2027-01-31T09:00:00Z) or a duration from now',
  );
  const revokeAtJobEnd = readRevokeAtJobEnd(input);
  const expiration = readExpiration(input, revokeAtJobEnd);
  const description = readDescription(input);
  rejectImpossibleLife(input, now, startTime, expiration);
  const rotate = input.choice('rotate', ROTATE);
  const rotateBefore = readRotateBefore(input, now);
  if (rotate === 'when-due') {
    rejectEndlessRotation(input, now, { rotateBefore, revokeAtJobEnd, startTime, expiration });
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
  const rotateBefore = parseDuration(input.text('rotate-before') ?? '');
  if (rotateBefore === undefined || later(now, rotateBefore) <= now) {
    input.reject('rotate-before', 'expected a duration, such as 30d');
    return {};
  }
  return rotateBefore;
}

/** If a new secret were already due, each run would create another one. */
function rejectEndlessRotation(
  input: InputReader,
  now: Date,
  { rotateBefore, startTime, expiration, revokeAtJobEnd }: Omit<SecretRequest, 'rotate' | 'verify'>,
): void {
  const start = startTime ? resolveMoment(startTime, now) : now;
  const end = expiration ? resolveMoment(expiration, start) : defaultEnd(now);
  const isShorter = earlier(end, rotateBefore) > start && earlier(end, rotateBefore) > now;
  if (isShorter || !isPossibleLife(start, end) || end <= now) {
    return;
  }
  const name = `\`${input.nameOf('rotate-before')}\``;
  const kind = input.isDefault('rotate-before') ? 'the default ' : '';
  const life = describeLife(input, revokeAtJobEnd);
  const shorter = third(start < now ? now : start, end);
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

/** A third of a life, as an input takes it. */
function third(start: Date, end: Date): string {
  const hours = Math.max(1, Math.floor((end.getTime() - start.getTime()) / HOUR / 3));
  return hours < 24 ? `${hours}h` : `${Math.floor(hours / 24)}d`;
}

/**
 * The run that created a superseded secret may still be writing it to a target. No run takes longer than a day, so
 * pruning waits at least that long.
 */
function readPruneAfter(input: InputReader): Duration | undefined {
  const text = input.text('prune-after');
  if (text === undefined) {
    return undefined;
  }
  const pruneAfter = parseDuration(text);
  const now = new Date(0);
  return pruneAfter && later(now, pruneAfter) >= later(now, SHORTEST_LIFE)
    ? pruneAfter
    : input.reject(
        'prune-after',
        'expected a duration of at least 1d, such as 7d, because a run can take a day to store its secret',
      );
}

/** The runner may fail before the post step can revoke the secret, so the secret gets the shortest life. */
function readExpiration(input: InputReader, revokeAtJobEnd: boolean): Moment | undefined {
  return revokeAtJobEnd && !input.isSet('secret-expiration')
    ? { after: SHORTEST_LIFE }
    : input.moment(
        'secret-expiration',
        'expected an RFC 3339 time (2027-01-31T09:00:00Z) or a duration from the start, such as 90d, 12w, P6M, or P1Y',
      );
}

function readRevokeAtJobEnd(input: InputReader): boolean {
  const revokes = input.flag('revoke-at-job-end');
  if (revokes && input.isSet('write-to')) {
    input.reject(
      'revoke-at-job-end',
      'expected no write-to, because a secret that is stored in GitHub must outlive the job',
    );
  }
  return revokes;
}

function readDescription(input: InputReader): string | undefined {
  const description = input.line('secret-description');
  return description?.includes(MARK_PREFIX)
    ? input.reject(
        'secret-description',
        `expected no "${MARK_PREFIX.trim()}", because the action appends its own ownership mark`,
      )
    : description;
}

function rejectImpossibleLife(input: InputReader, now: Date, startTime?: Moment, expiration?: Moment): void {
  const start = startTime ? resolveMoment(startTime, now) : now;
  if (expiration === undefined) {
    if (!input.isSet('secret-expiration') && !isPossibleLife(start, defaultEnd(now))) {
      input.reject(
        'secret-start-time',
        `without ${input.nameOf('secret-expiration')}, the secret expires six months from now, which must be 1 day to 3 years after its start`,
      );
    }
    return;
  }
  const end = resolveMoment(expiration, start);
  if (!isPossibleLife(start, end)) {
    const hint = /\dm$/u.test(input.text('secret-expiration') ?? '') ? ' (m means minutes; for months, use P6M)' : '';
    input.reject(
      'secret-expiration',
      `expected 1 day to 3 years after the start of the secret, because Vantage allows no other life${hint}`,
    );
  } else if (end <= now) {
    input.reject('secret-expiration', 'expected a time in the future');
  }
}

function isPossibleLife(start: Date, end: Date): boolean {
  return end >= later(start, SHORTEST_LIFE) && end <= later(start, LONGEST_LIFE);
}
