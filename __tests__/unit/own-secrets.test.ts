import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { markNonce, ownershipMark, targetDigest } from '../../src/plan/mark.ts';
import { heldSince, instant, isValid, LONGEST_RUN, maybeHeldSince, ownSecrets } from '../../src/plan/own-secrets.ts';
import type { ListedSecret } from '../../src/vantage/schema.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const NOON = Date.UTC(2028, 1, 29, 12);
const OWNER = { repository: 'octo-org/octo-repo', digest: targetDigest(['actions repository']) };

const at = (offset: number) => new Date(NOON + offset);

function markAt(offset: number, { repository, digest } = OWNER): string {
  return ownershipMark({ repository, runId: '7', runAttempt: '2' }, digest, markNonce(at(offset), 'c0ffee00'));
}

function listed(id: string, description: string | null | undefined, times: Partial<ListedSecret> = {}): ListedSecret {
  return { id, description, valueDisplay: 'abc', startTime: undefined, expiration: undefined, ...times };
}

/** The action's own secrets, minted at these times, in milliseconds from noon. */
function own(...offsets: number[]) {
  return ownSecrets(
    offsets.map(offset => listed(String(offset), markAt(offset))),
    OWNER,
  );
}

/** Texts that Vantage may tell a time in, and what it is. */
const TOLD = [
  ['2027-01-31T09:00:00Z', '2027-01-31T09:00:00.000Z'],
  ['2027-01-31T09:00:00', '2027-01-31T09:00:00.000Z'],
  ['2027-07-31T09:00:00.1234567', '2027-07-31T09:00:00.123Z'],
  ['2027-07-31 09:00:00', '2027-07-31T09:00:00.000Z'],
  ['2027-07-31T09:00', '2027-07-31T09:00:00.000Z'],
  ['2027-07-31', '2027-07-31T00:00:00.000Z'],
  ['2027-07-31T09:00:00-05:00', '2027-07-31T14:00:00.000Z'],
  ['2027-07-31T09:00:00.0000000+00:00', '2027-07-31T09:00:00.000Z'],
] as const;

// A process reads its time zone at its start, so each zone needs a process of its own.
test.each(['America/New_York', 'Asia/Kolkata'])('a time without a zone is UTC on a runner in %s', async TZ => {
  const script = `
    import { instant } from ${JSON.stringify(new URL('../../src/plan/own-secrets.ts', import.meta.url).href)};
    console.log(JSON.stringify(${JSON.stringify(TOLD)}.map(([text]) => instant(text))));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    env: { TZ },
  });
  expect(JSON.parse(stdout)).toEqual(TOLD.map(([, time]) => time));
});

const ids = (secrets: readonly { readonly id: string }[]) => secrets.map(({ id }) => id);

describe('a secret is the action’s own', () => {
  test.each([
    ['the mark alone', markAt(0)],
    ['the mark after the words of the workflow', `Staging deployment ${markAt(0)}`],
    ['the mark after another mark', `${markAt(0, { ...OWNER, repository: 'octo-org/other' })} ${markAt(0)}`],
  ])('by %s', (_, description) => {
    expect(ids(ownSecrets([listed('one', description)], OWNER))).toEqual(['one']);
  });

  test.each([
    ['no description', null],
    ['a description that is not told', undefined],
    ['an empty one', ''],
    ['the mark of another repository', markAt(0, { ...OWNER, repository: 'octo-org/octo-repo-2' })],
    ['the mark of a repository whose name ends alike', markAt(0, { ...OWNER, repository: 'not-octo-org/octo-repo' })],
    ['the mark of other targets', markAt(0, { ...OWNER, digest: targetDigest(['actions environment']) })],
    ['the mark of a step output', markAt(0, { ...OWNER, digest: targetDigest([]) })],
    ['the mark, and words after it', `${markAt(0)} copied`],
    ['a mark that was cut off', markAt(0).slice(0, -1)],
    ['a mark with a nonce that tells no time', markAt(0).replace(/ [\da-f]{16}\]$/u, ' noon]')],
    ['a mark of a longer digest', markAt(0).replace(/ to=/u, ' to=0')],
  ])('not by %s', (_, description) => {
    expect(ownSecrets([listed('one', description)], OWNER)).toEqual([]);
  });

  test('as the mark tells when it was minted, and Vantage when it begins and ends', () => {
    const times = { startTime: '2028-02-29T12:00:00.1234567Z', expiration: '2028-08-29T12:00:00+00:00' };
    expect(ownSecrets([listed('one', markAt(999), times)], OWNER)).toEqual([
      {
        id: 'one',
        mintedAt: at(0),
        startTime: new Date('2028-02-29T12:00:00.123Z'),
        expiration: new Date('2028-08-29T12:00:00Z'),
      },
    ]);
  });

  test('and the newest comes first, in whatever order Vantage lists them', () => {
    expect(ids(own(-HOUR, HOUR, 0))).toEqual([String(HOUR), '0', String(-HOUR)]);
  });
});

describe('a target that was written at noon', () => {
  test('holds the newest secret that was minted before, as far as clocks can tell', () => {
    expect(heldSince(at(0), own(5 * MINUTE + SECOND, 5 * MINUTE, 0))?.id).toBe(String(5 * MINUTE));
    expect(heldSince(at(0), own(5 * MINUTE + SECOND, -HOUR))?.id).toBe(String(-HOUR));
  });

  test('holds none that was minted after', () => {
    expect(heldSince(at(0), own(5 * MINUTE + SECOND))).toBeUndefined();
    expect(heldSince(at(0), [])).toBeUndefined();
  });

  test('may hold any that a run minted which could still write then', () => {
    const earliest = -LONGEST_RUN - 5 * MINUTE;
    const secrets = own(6 * MINUTE, 5 * MINUTE, 0, -HOUR, earliest, earliest - SECOND);
    expect(ids(maybeHeldSince(at(0), secrets))).toEqual([5 * MINUTE, 0, -HOUR, earliest].map(String));
  });

  test('may hold the newest before, however long before', () => {
    expect(ids(maybeHeldSince(at(0), own(HOUR, -400 * 24 * HOUR, -500 * 24 * HOUR)))).toEqual([
      String(-400 * 24 * HOUR),
    ]);
  });
});

test.each(['0001-01-01T00:00:00', '0001-01-01T00:00:00Z', '', 'soon', undefined])('%s is no time', text => {
  expect(instant(text)).toBeUndefined();
});

test.each([
  ['with no times told', undefined, undefined, true],
  ['from its start on', at(0), undefined, true],
  ['not before', at(1), undefined, false],
  ['up to its end', undefined, at(1), true],
  ['not from its end on', undefined, at(0), false],
] as const)('a secret works %s', (_, startTime, expiration, works) => {
  expect(isValid({ startTime, expiration }, at(0))).toBe(works);
});

test.each([undefined, '', 'never', '2028-02-30T25:00:00Z'])('%j is no time', text => {
  expect(instant(text)).toBeUndefined();
});
