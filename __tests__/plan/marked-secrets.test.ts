import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { markNonce, ownershipMark } from '../../src/model/mark.ts';
import type { ListedSecret } from '../../src/model/vantage.ts';
import {
  countLiveSecrets,
  isValid,
  LONGEST_RUN,
  likelyHeldSecrets,
  liveOwnSecrets,
  markedSecrets,
  marksAreReadable,
  otherSecretWrittenAt,
  parseVantageTime,
  possiblyHeldSecrets,
  secretsFor,
} from '../../src/plan/marked-secrets.ts';
import { destinations, digests, OTHER_WORKFLOW, WORKFLOW } from '../support/workflow.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const NOON = Date.UTC(2028, 1, 29, 12);
const TO = digests(['repository']);

const at = (offset: number) => new Date(NOON + offset);

function markAt(offset: number, { workflow = WORKFLOW, to = TO } = {}): string {
  return ownershipMark(workflow, to, markNonce(at(offset), 'c0ffee00'));
}

function listed(id: string, description: string | null | undefined, times: Partial<ListedSecret> = {}): ListedSecret {
  return { id, description, valueDisplay: 'abc', startTime: undefined, expiration: undefined, ...times };
}

/** Secrets of the action, created at these times, in milliseconds from noon. */
function created(...offsets: number[]) {
  return markedSecrets(offsets.map(offset => listed(String(offset), markAt(offset))));
}

/** Times as Vantage may report them, and their values. */
const REPORTED_TIMES = [
  ['2027-01-31T09:00:00Z', '2027-01-31T09:00:00.000Z'],
  ['2027-01-31T09:00:00', '2027-01-31T09:00:00.000Z'],
  ['2027-07-31T09:00:00.1234567', '2027-07-31T09:00:00.123Z'],
  ['2027-07-31 09:00:00', '2027-07-31T09:00:00.000Z'],
  ['2027-07-31T09:00', '2027-07-31T09:00:00.000Z'],
  ['2027-07-31', '2027-07-31T00:00:00.000Z'],
  ['2027-07-31T09:00:00-05:00', '2027-07-31T14:00:00.000Z'],
  ['2027-07-31T09:00:00.0000000+00:00', '2027-07-31T09:00:00.000Z'],
] as const;

// A process reads its time zone when it starts, so each zone needs its own process.
test.each(['America/New_York', 'Asia/Kolkata'])('a time without a zone is UTC on a runner in %s', async TZ => {
  const script = `
    import { parseVantageTime } from ${JSON.stringify(new URL('../../src/plan/marked-secrets.ts', import.meta.url).href)};
    console.log(JSON.stringify(${JSON.stringify(REPORTED_TIMES)}.map(([text]) => parseVantageTime(text))));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    env: { TZ },
  });
  expect(JSON.parse(stdout)).toEqual(REPORTED_TIMES.map(([, time]) => time));
});

const SERVER = { apiUrl: 'https://github.acme.example/api/v3' } as const;
const ids = (secrets: readonly { readonly id: string }[]) => secrets.map(({ id }) => id);

describe('a secret belongs to the action', () => {
  test.each([
    ['only the mark', markAt(0)],
    ['the mark after the description of the workflow', `Staging deployment ${markAt(0)}`],
    ['the mark of another repository', markAt(0, { workflow: OTHER_WORKFLOW })],
  ])('by %s', (_, description) => {
    expect(ids(markedSecrets([listed('one', description)]))).toEqual(['one']);
  });

  test.each([
    ['no description', null],
    ['a description that is not reported', undefined],
    ['an empty one', ''],
    ['the mark, then other text', `${markAt(0)} copied`],
    ['the mark after another mark', `${markAt(0, { workflow: OTHER_WORKFLOW })} ${markAt(0)}`],
    ['a truncated mark', markAt(0).slice(0, -1)],
    ['a mark with a malformed nonce', markAt(0).replace(/ [\da-f]{16}\]$/u, ' noon]')],
    ['a mark with a longer digest', markAt(0).replace(/ to=/u, ' to=0')],
    ['a mark without an ID', markAt(0).replace(/ id=\S+/u, '')],
  ])('not by %s', (_, description) => {
    expect(markedSecrets([listed('one', description)])).toEqual([]);
  });

  test('with the creation time of its mark, and the start and expiration that Vantage reports', () => {
    const times = { startTime: '2028-02-29T12:00:00.1234567Z', expiration: '2028-08-29T12:00:00+00:00' };
    expect(markedSecrets([listed('one', markAt(999), times)])).toEqual([
      {
        id: 'one',
        mark: {
          repository: 'octo-org/octo-repo',
          owner: 'github.com/1001',
          digests: TO,
          createdAt: at(0),
          nonce: markNonce(at(0), 'c0ffee00'),
        },
        startTime: new Date('2028-02-29T12:00:00.123Z'),
        expiration: new Date('2028-08-29T12:00:00Z'),
      },
    ]);
  });

  test('newest first, in whatever order Vantage lists them', () => {
    expect(ids(created(-HOUR, HOUR, 0))).toEqual([String(HOUR), '0', String(-HOUR)]);
  });
});

describe('a secret is for a target', () => {
  const secretsOf = (line: string | undefined, description: string) =>
    destinations(line === undefined ? [] : [line]).flatMap(one =>
      ids(secretsFor(one, markedSecrets([listed('one', description)]))),
    );

  test.each([
    ['its mark names only the target', markAt(0)],
    ['its mark names the target among others', markAt(0, { to: digests(['environment production', 'repository']) })],
    ['another repository created it', markAt(0, { workflow: OTHER_WORKFLOW })],
  ])('if %s', (_, description) => {
    expect(secretsOf('repository', description)).toEqual(['one']);
  });

  test.each([
    ['of other targets', markAt(0, { to: digests(['environment production']) })],
    ['of a step output', markAt(0, { to: digests([]) })],
    ['of the same target on another GitHub', markAt(0, { to: digests(['repository'], WORKFLOW, SERVER) })],
  ])('not by the mark %s', (_, description) => {
    expect(secretsOf('repository', description)).toEqual([]);
  });

  test('and for an output if its mark names the output', () => {
    expect(secretsOf(undefined, markAt(0, { to: digests([]) }))).toEqual(['one']);
    expect(secretsOf(undefined, markAt(0))).toEqual([]);
  });
});

describe('a target that was written at noon', () => {
  test('holds the newest secret that was created before, as far as clocks show', () => {
    const held = (...offsets: number[]) => ids(likelyHeldSecrets(at(0), created(...offsets)));
    expect(held(5 * MINUTE + SECOND, 5 * MINUTE)[0]).toBe(String(5 * MINUTE));
    expect(held(5 * MINUTE + SECOND, -HOUR)[0]).toBe(String(-HOUR));
  });

  test('or one of those that simultaneous runs created shortly before', () => {
    expect(ids(likelyHeldSecrets(at(0), created(5 * MINUTE, 0, -HOUR)))).toEqual([5 * MINUTE, 0, -HOUR].map(String));
    const run = 10 * MINUTE;
    const earliest = -run - 5 * MINUTE;
    expect(ids(likelyHeldSecrets(at(0), created(0, earliest, earliest - SECOND), run))).toEqual(
      [0, earliest].map(String),
    );
    const day = -LONGEST_RUN - 5 * MINUTE;
    expect(ids(likelyHeldSecrets(at(0), created(0, day, day - SECOND)))).toEqual([0, day].map(String));
  });

  test('holds no secret that was created afterwards, or longer before than a run can take', () => {
    expect(likelyHeldSecrets(at(0), created(5 * MINUTE + SECOND))).toEqual([]);
    expect(likelyHeldSecrets(at(0), created(-LONGEST_RUN - 5 * MINUTE - SECOND))).toEqual([]);
    expect(likelyHeldSecrets(at(0), [])).toEqual([]);
  });

  test('can hold any secret of a run that could still write then', () => {
    const earliest = -LONGEST_RUN - 5 * MINUTE;
    const secrets = created(6 * MINUTE, 5 * MINUTE, 0, -HOUR, earliest, earliest - SECOND);
    expect(ids(possiblyHeldSecrets(at(0), secrets))).toEqual([5 * MINUTE, 0, -HOUR, earliest].map(String));
  });

  test('can hold the newest secret before, however old', () => {
    expect(ids(possiblyHeldSecrets(at(0), created(HOUR, -400 * 24 * HOUR, -500 * 24 * HOUR)))).toEqual([
      String(-400 * 24 * HOUR),
    ]);
  });
});

test.each(['0001-01-01T00:00:00', '0001-01-01T00:00:00Z', '', 'soon', undefined])('%s is not a time', text => {
  expect(parseVantageTime(text)).toBeUndefined();
});

test.each([
  ['if no times are reported', undefined, undefined, true],
  ['from its start', at(0), undefined, true],
  ['but not before', at(1), undefined, false],
  ['until its expiration', undefined, at(1), true],
  ['but not from its expiration', undefined, at(0), false],
] as const)('a secret is valid %s', (_, startTime, expiration, works) => {
  expect(isValid({ startTime, expiration }, at(0))).toBe(works);
});

test.each([undefined, '', 'never', '2028-02-30T25:00:00Z'])('%j is not a time', text => {
  expect(parseVantageTime(text)).toBeUndefined();
});

test('a time is later than 1970, so that a default is not a time', () => {
  expect(parseVantageTime('1970-01-01T00:00:00Z')).toBeUndefined();
  expect(parseVantageTime('1970-01-01T00:00:00.001Z')).toEqual(new Date(1));
});

describe('the marks in a list', () => {
  const found = (...descriptions: readonly (string | null | undefined)[]) =>
    ({ kind: 'found', whole: true, found: descriptions.map((text, index) => listed(`${index}`, text)) }) as const;

  test('can be read if the list is complete, with all descriptions', () => {
    expect(marksAreReadable(found())).toBe(true);
    expect(marksAreReadable(found(null, '', 'Staging', markAt(0)))).toBe(true);
  });

  test('cannot be read otherwise', () => {
    expect(marksAreReadable({ ...found(null), whole: false })).toBe(false);
    expect(marksAreReadable(found(markAt(0), undefined))).toBe(false);
    expect(marksAreReadable(found(markAt(0), markAt(0).slice(0, -1)))).toBe(false);
    expect(marksAreReadable({ kind: 'unreadable', reason: 'it answered 404', code: 'unsupported' })).toBe(false);
    expect(marksAreReadable(undefined)).toBe(false);
  });
});

describe('a secret of another client that a target can hold', () => {
  const other = (offset: number) => {
    const [secret] = created(offset);
    if (secret === undefined) {
      throw new Error('the mark cannot be read');
    }
    return { clientId: `created ${offset}`, mark: secret.mark };
  };
  const first = (offsets: readonly number[], since?: Date) =>
    otherSecretWrittenAt(at(0), offsets.map(other), since)?.clientId;

  test('was created in the same run as the write', () => {
    expect(first([0])).toBe('created 0');
    expect(first([5 * MINUTE + SECOND, 5 * MINUTE])).toBe(`created ${5 * MINUTE}`);
    const earliest = -LONGEST_RUN - 5 * MINUTE;
    expect(first([earliest - SECOND, earliest])).toBe(`created ${earliest}`);
    expect(first([earliest - SECOND, 5 * MINUTE + SECOND])).toBeUndefined();
    expect(first([])).toBeUndefined();
  });

  test('was created after a given time', () => {
    expect(first([-MINUTE, 0], at(-MINUTE))).toBe('created 0');
    expect(first([-MINUTE], at(-MINUTE - 1))).toBe(`created ${-MINUTE}`);
    expect(first([-MINUTE], at(-MINUTE))).toBeUndefined();
    expect(first([LONGEST_RUN], at(0))).toBeUndefined();
  });
});

describe('the live secrets of a repository', () => {
  const live = (found: readonly ListedSecret[], whole = true) =>
    liveOwnSecrets({ kind: 'found', found, whole }, WORKFLOW, at(0));
  const own = (id: string, expiration?: string) => listed(id, markAt(-HOUR), { expiration });

  test('are those with its mark that have not expired, for any target', () => {
    expect(
      live([
        own('never'),
        own('next', at(1).toISOString()),
        own('now', at(0).toISOString()),
        own('past', at(-1).toISOString()),
        listed('elsewhere', markAt(-HOUR, { to: digests(['dependabot repository']) })),
        listed('theirs', markAt(-HOUR, { workflow: OTHER_WORKFLOW })),
        listed('manual', 'Staging'),
        listed('no description', null),
      ]),
    ).toEqual(['never', 'next', 'elsewhere']);
    expect(live([])).toEqual([]);
  });

  test('are not known if the list may not show all marks', () => {
    expect(live([own('one')], false)).toBeUndefined();
    expect(live([own('one'), listed('other', undefined)])).toBeUndefined();
    expect(liveOwnSecrets(undefined, WORKFLOW, at(0))).toBeUndefined();
    // The list may replace every description with null.
    expect(live([listed('one', null), listed('other', null)])).toBeUndefined();
  });

  test('are counted after the run: without those that were pruned, with the new one', () => {
    const before = { liveBefore: ['one', 'two', 'three'], pruned: [] };
    expect(countLiveSecrets(before)).toBe(3);
    expect(countLiveSecrets({ ...before, pruned: ['two', 'expired'] })).toBe(2);
    expect(countLiveSecrets({ ...before, pruned: ['two'], secret: { fate: 'delivered' } })).toBe(3);
    expect(countLiveSecrets({ ...before, secret: { fate: 'revoked' } })).toBe(3);
    expect(countLiveSecrets({ ...before, liveBefore: [], secret: { fate: 'delivered' } })).toBe(1);
    expect(countLiveSecrets({ ...before, secretLost: false })).toBe(3);
  });

  test('are not counted if they were not known, or if another secret may have been created', () => {
    expect(countLiveSecrets({ pruned: [], secret: { fate: 'delivered' } })).toBeUndefined();
    expect(countLiveSecrets({ liveBefore: ['one'], pruned: [], secretLost: true })).toBeUndefined();
  });
});
