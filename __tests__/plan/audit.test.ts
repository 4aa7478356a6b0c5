import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { markNonce, ownershipMark } from '../../src/model/mark.ts';
import type { ListedSecret, ReadableClient } from '../../src/model/vantage.ts';
import { type AuditedClient, type AuditedSecret, auditClient, mostSevereFirst } from '../../src/plan/audit.ts';
import { FINDING_KINDS, type FindingKind, finding } from '../../src/plan/findings.ts';
import { digests, OTHER_WORKFLOW, WORKFLOW } from '../support/workflow.ts';

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;
const NOON = Date.UTC(2028, 1, 29, 12);
const TERMS = { now: new Date(NOON), expiringWithin: { days: 30 } };
const at = (offset: number) => new Date(NOON + offset).toISOString();

/** The mark of a secret that this action created some time after noon. */
function mark(offset: number, { workflow = WORKFLOW, targets = ['repository octo-org/tools'] } = {}): string {
  return ownershipMark(workflow, digests(targets, workflow), markNonce(new Date(NOON + offset), 'c0ffee00'));
}

/** A secret in the middle of a life of half a year, by default. */
function secret(id: string, given: Partial<ListedSecret> = {}): ListedSecret {
  return {
    id,
    description: null,
    valueDisplay: 'abc',
    startTime: at(-90 * DAY),
    expiration: at(90 * DAY),
    ...given,
  };
}

/** A client with safe settings. */
const CLEAN: ReadableClient = {
  clientId: 'invoices',
  clientName: 'Invoices',
  requireClientSecret: true,
  allowOfflineAccess: true,
  allowNoPkce: false,
  allowRopc: false,
  allowedGrantTypes: ['authorization_code', 'client_credentials'],
  redirectUris: ['https://invoices.example/callback', 'com.example.invoices:/callback'],
  accessTokenLifetime: 86_400,
  refreshTokenLifetime: 30 * 86_400,
};

function audit(
  settings: Partial<ReadableClient> = {},
  secrets: readonly ListedSecret[] = [secret('good')],
): AuditedClient {
  return auditClient(
    { client: { ...CLEAN, ...settings }, secrets: { kind: 'found', found: secrets, whole: true } },
    TERMS,
  );
}

/** The findings, each as its kind and the ID of its secret. */
function found({ findings }: AuditedClient): readonly string[] {
  return findings.map(({ kind, secretId }) => (secretId === undefined ? kind : `${kind} ${secretId}`));
}
const states = ({ secrets = [] }: AuditedClient) =>
  secrets.map(({ state, superseded }) => (superseded ? `${state}, superseded` : state));

test('a client with safe settings has no findings', () => {
  expect(audit()).toEqual({
    clientId: 'invoices',
    clientName: 'Invoices',
    secrets: [{ id: 'good', state: 'valid', startTime: at(-90 * DAY), expiration: at(90 * DAY), superseded: false }],
    findings: [],
  });
});

describe('the expiration of a secret', () => {
  test.each([
    ['at this moment', 0, 'expired', ['expired late']],
    ['a moment from now', 1, 'expiring', ['expiring late']],
    ['just inside the time given', 30 * DAY - 1, 'expiring', ['expiring late']],
    ['just as the time given is over', 30 * DAY, 'valid', []],
    ['long ago', -900 * DAY, 'expired', ['expired late']],
  ] as const)('%s', (_, end, state, findings) => {
    const audited = audit({}, [secret('late', { startTime: at(-1000 * DAY), expiration: at(end) }), secret('good')]);
    expect(states(audited)).toEqual([state, 'valid']);
    expect(found(audited)).toEqual(findings);
  });

  test('is compared by the calendar if the time is in months', () => {
    const terms = { ...TERMS, expiringWithin: { months: 1 } };
    const ends = (expiration: string) =>
      found(
        auditClient(
          { client: CLEAN, secrets: { kind: 'found', found: [secret('one', { expiration })], whole: true } },
          terms,
        ),
      );
    expect(ends('2028-03-29T11:59:59Z')).toEqual(['expiring one']);
    expect(ends('2028-03-29T12:00:00Z')).toEqual([]);
  });

  test('is reported by day and by distance', () => {
    const text = (expiration: string) => audit({}, [secret('1', { expiration })]).findings.at(-1)?.text;
    expect(text(at(3 * DAY + HOUR))).toBe('secret 1 expires 2028-03-03 (in 3 days)');
    expect(text(at(DAY))).toBe('secret 1 expires 2028-03-01 (in 24 hours)');
    expect(text(at(HOUR))).toBe('secret 1 expires 2028-02-29 (in 1 hour)');
    expect(text(at(-DAY))).toBe('secret 1 expired 2028-02-28 (24 hours ago)');
  });

  test.each([
    ['three years and the slack from now', '2031-03-01T12:00:00Z', []],
    ['a moment more', '2031-03-01T12:00:00.001Z', ['no-end one']],
    ['as late as .NET can tell', '9999-12-31T23:59:59.9999999Z', ['no-end one']],
    ['in the year 10000, as .NET’s last moment is in America', '9999-12-31T23:59:59.9999999-05:00', ['no-end one']],
    ['never, because Vantage reports no time', undefined, ['no-end one']],
    ['never, because what it reports is not a time', 'never', ['no-end one']],
  ])('%s', (_, expiration, findings) => {
    expect(found(audit({}, [secret('one', { expiration })]))).toEqual(findings);
  });

  test('is reported if it is missing or too late', () => {
    const text = (expiration: string | undefined) => audit({}, [secret('one', { expiration })]).findings[0]?.text;
    expect(text(undefined)).toBe('secret one has no expiration that Vantage reports');
    expect(text('2031-03-01T12:00:00.001Z')).toBe('secret one expires 2031-03-01, later than Vantage documents');
  });

  test('is reported with a truncated ID if the ID is long', () => {
    const text = (id: string) => audit({}, [secret(id, { expiration: undefined })]).findings[0]?.text;
    expect(text('123456789012')).toMatch(/^secret 123456789012 has/u);
    expect(text('1234567890123')).toMatch(/^secret 12345678… has/u);
  });

  test('can be three years after a future start, as Vantage grants it', () => {
    const life = { startTime: '2029-02-28T12:00:00Z', expiration: '2032-02-28T12:00:00Z' };
    expect(found(audit({}, [secret('next', life), secret('good')]))).toEqual([]);
    const longer = { ...life, expiration: '2032-02-29T12:00:00.001Z' };
    expect(found(audit({}, [secret('next', longer), secret('good')]))).toEqual(['no-end next']);
  });
});

describe('a client without a valid secret', () => {
  const over = secret('over', { expiration: at(-DAY) });
  const toCome = secret('to come', { startTime: at(DAY) });

  test.each([
    ['because it has none', [], ['no-valid-secret'], 'it has no secret'],
    ['because its only one has expired', [over], ['no-valid-secret', 'expired over'], 'its only secret is not valid'],
    ['because its only one has not started', [toCome], ['no-valid-secret'], 'its only secret is not valid'],
    [
      'because one has expired and the other one has not started',
      [over, toCome],
      ['no-valid-secret', 'expired over'],
      'none of its 2 secrets is valid',
    ],
  ] as const)('%s', (_, secrets, findings, text) => {
    expect(found(audit({}, secrets))).toEqual(findings);
    expect(audit({}, secrets).findings[0]?.text).toBe(text);
  });

  test.each([
    [[], 'it has no secret'],
    [[over], 'no secret that Vantage lists is valid, and its list of 1 may be incomplete'],
    [[over, toCome], 'no secret that Vantage lists is valid, and its list of 2 may be incomplete'],
  ] as const)('can have another secret if its list may be incomplete: %#', (secrets, text) => {
    const { findings } = auditClient(
      { client: CLEAN, secrets: { kind: 'found', found: secrets, whole: false } },
      TERMS,
    );
    expect(findings[0]).toEqual({ kind: 'no-valid-secret', class: 'expiring', text });
  });

  test('has a valid secret that starts at this moment', () => {
    expect(states(audit({}, [secret('now', { startTime: at(0) })]))).toEqual(['valid']);
  });

  test('has no finding if it needs no secret', () => {
    expect(found(audit({ requireClientSecret: false }, []))).toEqual([]);
    expect(found(audit({ requireClientSecret: false }, [over]))).toEqual(['expired over']);
  });

  test('needs a secret unless Vantage says otherwise', () => {
    expect(
      found(auditClient({ client: { clientId: 'a' }, secrets: { kind: 'found', found: [], whole: true } }, TERMS)),
    ).toEqual(['no-valid-secret']);
  });

  test('has a valid secret that expires soon, or whose times are not reported', () => {
    expect(found(audit({}, [secret('soon', { expiration: at(1) })]))).toEqual(['expiring soon']);
    const unreported = secret('unreported-times', { startTime: undefined, expiration: undefined });
    expect(found(audit({}, [unreported]))).toEqual(['no-end unreported-times']);
  });
});

describe('a secret that this action created', () => {
  const old = { expiration: at(DAY), description: mark(-10 * DAY) };

  test('is listed with its repository and its targets', () => {
    expect(audit({}, [secret('own', { description: `Staging ${mark(0)}` })]).secrets).toMatchObject([
      {
        createdFor: {
          repository: 'octo-org/octo-repo',
          owner: 'github.com/1001',
          digests: digests(['repository octo-org/tools']),
        },
      },
    ]);
    expect(audit({}, [secret('foreign', { description: 'Staging' })]).secrets?.[0]).not.toHaveProperty('createdFor');
  });

  test.each([
    ['expires', at(DAY), 'expiring, superseded'],
    ['has expired', at(-DAY), 'expired, superseded'],
  ])('is not a finding when it %s, if a newer one replaced it', (_, expiration, state) => {
    const audited = audit({}, [secret('old', { ...old, expiration }), secret('new', { description: mark(-DAY) })]);
    expect(states(audited)).toEqual([state, 'valid']);
    expect(found(audited)).toEqual([]);
  });

  test.each([
    ['nothing replaced it', []],
    ['what replaced it has expired', [secret('new', { description: mark(-DAY), expiration: at(0) })]],
    ['what replaced it has not started', [secret('new', { description: mark(-DAY), startTime: at(1) })]],
    ['the other was created earlier', [secret('new', { description: mark(-11 * DAY) })]],
    ['both were created in the same second', [secret('new', { description: mark(-10 * DAY) })]],
    ['the other is for other targets', [secret('new', { description: mark(0, { targets: [] }) })]],
    ['the other is not marked', [secret('new')]],
  ] as const)('is a finding if %s', (_, others) => {
    const audited = audit({}, [secret('old', old), ...others]);
    expect(audited.secrets?.[0]?.superseded).toBe(false);
    expect(found(audited)).toContain('expiring old');
  });

  test('is not a finding after another repository replaced it in a shared target', () => {
    const theirs = secret('new', { description: mark(-DAY, { workflow: OTHER_WORKFLOW }) });
    const audited = audit({}, [secret('old', old), theirs]);
    expect(states(audited)).toEqual(['expiring, superseded', 'valid']);
    expect(found(audited)).toEqual([]);
  });

  test('is a finding while any of its targets has no newer one', () => {
    const targets = ['repository octo-org/tools', 'dependabot repository'];
    const both = secret('old', { ...old, description: mark(-10 * DAY, { targets }) });
    const [first, second] = targets.map(target =>
      secret(target, { description: mark(-DAY, { targets: [target] }) }),
    ) as [ListedSecret, ListedSecret];
    expect(found(audit({}, [both, first]))).toEqual(['expiring old']);
    expect(found(audit({}, [both, second]))).toEqual(['expiring old']);
    expect(found(audit({}, [both, first, second]))).toEqual([]);
  });

  test('is not replaced by a secret without a mark', () => {
    const two = [secret('a', { expiration: at(DAY) }), secret('b', { expiration: at(90 * DAY) })];
    expect(found(audit({}, two))).toEqual(['expiring a']);
  });

  test('is a finding without an expiration, even if superseded, because it still works', () => {
    const endless = secret('old', { description: mark(-10 * DAY), expiration: undefined });
    expect(found(audit({}, [endless, secret('new', { description: mark(0) })]))).toEqual(['no-end old']);
  });
});

describe('a redirect URI', () => {
  test.each(['https://a.example', 'http://localhost:8080', 'HTTPS://a.example.', 'https://a.example:443'])(
    '%s matches foreign hosts',
    uri => {
      const { findings } = audit({ redirectUris: ['https://fine.example/', uri] });
      expect(findings).toEqual([expect.objectContaining({ kind: 'foreign-hosts', class: 'risky' })]);
      expect(findings[0]?.text).toContain(uri);
    },
  );

  test.each([
    'https://a.example/',
    'https://a.example/callback',
    'https://a.example?x',
    'https://a.example#x',
    'com.example.app:/callback',
    'custom://host',
    '',
  ])('%s does not', uri => {
    expect(found(audit({ redirectUris: [uri] }))).toEqual([]);
  });

  test('is reported once, and several separately', () => {
    const redirectUris = ['https://a.example', 'https://a.example', 'https://b.example'];
    expect(found(audit({ redirectUris }))).toEqual(['foreign-hosts', 'foreign-hosts']);
  });
});

describe('a setting', () => {
  test.each<readonly [string, Partial<ReadableClient>, readonly FindingKind[]]>([
    ['PKCE may be left out', { allowNoPkce: true }, ['no-pkce']],
    ['passwords by the flag', { allowRopc: true }, ['ropc']],
    ['passwords by the grant', { allowedGrantTypes: ['password'] }, ['ropc']],
    ['passwords by both', { allowRopc: true, allowedGrantTypes: ['password'] }, ['ropc']],
    ['a day of access and a second', { accessTokenLifetime: 86_401 }, ['long-lifetime']],
    ['the same as .NET writes it', { accessTokenLifetime: '1.00:00:01' }, ['long-lifetime']],
    ['a day as .NET writes it', { accessTokenLifetime: '1.00:00:00' }, []],
    ['the same in digits', { accessTokenLifetime: '86401' }, ['long-lifetime']],
    ['thirty days of refreshing and a second', { refreshTokenLifetime: 30 * 86_400 + 1 }, ['long-lifetime']],
    ['both too long', { accessTokenLifetime: 1e9, refreshTokenLifetime: 1e9 }, ['long-lifetime', 'long-lifetime']],
    ['no refresh tokens to live long', { allowOfflineAccess: false, refreshTokenLifetime: 1e9 }, []],
    ['an invalid lifetime', { accessTokenLifetime: 'long' }, []],
    ['flags that are none', { allowNoPkce: 'true', allowRopc: 1, allowedGrantTypes: 'password' }, []],
    ['access for long without refreshing', { allowOfflineAccess: false, accessTokenLifetime: 1e9 }, ['long-lifetime']],
    ['lists that hold anything', { redirectUris: [null, 7], allowedGrantTypes: [{}] }, []],
    ['a list in a list', { redirectUris: [['https://a.example']] }, []],
    ['no settings reported', { redirectUris: null, allowedGrantTypes: undefined, accessTokenLifetime: null }, []],
  ])('%s', (_, settings, findings) => {
    expect(found(audit(settings))).toEqual(findings);
  });
});

test.each<readonly [Partial<ReadableClient>, string]>([
  [{ allowNoPkce: true }, 'the authorization code flow works without PKCE (allowNoPkce)'],
  [{ allowRopc: true }, 'users can give it their passwords (resource owner password credentials)'],
  [{ redirectUris: ['https://a.example'] }, 'redirect URI https://a.example also matches hosts that start with it'],
  [{ accessTokenLifetime: 129_600 }, 'accessTokenLifetime is 1.5 d; the default of Vantage is 1 d'],
  [{ refreshTokenLifetime: 31 * 86_400 }, 'refreshTokenLifetime is 31 d; the default of Vantage is 30 d'],
])('%j is reported as text, without a secret', (settings, text) => {
  const { findings } = audit(settings);
  expect(findings).toEqual([{ kind: expect.any(String), class: 'risky', text }]);
  expect(findings[0]).not.toHaveProperty('secretId');
});

describe('what cannot be read', () => {
  const unread = { kind: 'unreadable', reason: 'GET … answered 403', code: 'forbidden' } as const;

  test('is one finding for the secrets, and the settings are still checked', () => {
    const audited = auditClient({ client: { ...CLEAN, allowRopc: true }, secrets: unread }, TERMS);
    expect(found(audited)).toEqual(['unreadable', 'ropc']);
    expect(audited.findings[0]?.text).toBe('its secrets cannot be listed: GET … answered 403');
    expect(audited).not.toHaveProperty('secrets');
  });

  test('is one finding for the settings, and the secrets are still checked', () => {
    const secrets = { kind: 'found', found: [secret('one', { expiration: at(1) })], whole: true } as const;
    const reading = { client: { clientId: 'a' }, unreadSettings: 'it answered 500. Run it again.', secrets };
    expect(found(auditClient(reading, TERMS))).toEqual(['unreadable', 'expiring one']);
    expect(auditClient(reading, TERMS).findings[0]?.text).toBe(
      'its settings cannot be read: it answered 500. Run it again',
    );
  });
});

test.each([
  ['the same as the id', 'invoices'],
  ['empty', ''],
  ['none', null],
  ['not text', 7],
])('a name that is %s is left out', (_, clientName) => {
  expect(audit({ clientName })).not.toHaveProperty('clientName');
});

test('the result contains no part of a secret, not even its first characters', () => {
  const text = JSON.stringify(
    audit({}, [secret('1', { valueDisplay: 'CAN', description: `canary-in-words ${mark(0)}`, value: 'canary-value' })]),
  );
  expect(text).not.toContain('CAN');
  expect(text).not.toContain('canary');
});

/** Problems to plant in a client, each with its finding. */
const PLANTS: readonly {
  readonly settings?: Partial<ReadableClient>;
  readonly secret?: ListedSecret;
  readonly as: string;
}[] = [
  { secret: secret('s1', { expiration: at(-DAY) }), as: 'expired s1' },
  { secret: secret('s2', { expiration: at(DAY) }), as: 'expiring s2' },
  { secret: secret('s3', { expiration: undefined }), as: 'no-end s3' },
  { secret: secret('s4', { expiration: at(4000 * DAY) }), as: 'no-end s4' },
  {
    secret: secret('s5', { expiration: at(DAY), description: mark(-DAY, { targets: ['repository o/five'] }) }),
    as: 'expiring s5',
  },
  { settings: { redirectUris: ['https://a.example', 'https://b.example/'] }, as: 'foreign-hosts' },
  { settings: { allowNoPkce: true }, as: 'no-pkce' },
  { settings: { allowRopc: true }, as: 'ropc' },
  { settings: { accessTokenLifetime: 90_000 }, as: 'long-lifetime' },
];

/** Settings and secrets that are never a finding, whatever is next to them. */
const HARMLESS: readonly ListedSecret[] = [
  secret('good'),
  secret('long', { expiration: at(3 * 365 * DAY) }),
  secret('to come', { startTime: at(DAY) }),
  secret('older', { description: mark(-20 * DAY), expiration: at(-DAY) }),
  secret('old', { description: mark(-10 * DAY), expiration: at(DAY) }),
  secret('new', { description: mark(0) }),
];

describe('in any combination', () => {
  const planted = fc.subarray([...PLANTS]);
  const order = fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true }));
  const shuffled = <Item>(items: readonly Item[], by: fc.Stream<number>): Item[] => {
    const keys = [...by.take(items.length)];
    return items
      .map((item, index) => ({ item, key: keys[index] ?? 0 }))
      .sort((a, b) => a.key - b.key)
      .map(({ item }) => item);
  };
  const together = (plants: typeof PLANTS, by: fc.Stream<number>) =>
    audit(
      Object.assign({}, ...plants.map(({ settings = {} }) => settings)),
      shuffled([...HARMLESS, ...plants.flatMap(plant => plant.secret ?? [])], by),
    );

  test('each planted problem is found once, and nothing else', () => {
    fc.assert(
      fc.property(planted, order, (plants, by) => {
        expect([...found(together(plants, by))].sort()).toEqual(plants.map(({ as }) => as).sort());
      }),
    );
  });

  test('the findings do not depend on the order of the secrets', () => {
    fc.assert(
      fc.property(planted, order, order, (plants, one, other) => {
        const text = ({ findings }: AuditedClient) => findings.map(finding => JSON.stringify(finding)).sort();
        expect(text(together(plants, one))).toEqual(text(together(plants, other)));
      }),
    );
  });

  test('a finding about a secret names a secret of the client, and its class is that of its kind', () => {
    const time = fc.option(
      fc.integer({ min: -1500, max: 1500 }).map(days => at(days * DAY)),
      { nil: undefined },
    );
    const anySecret = fc.record({
      startTime: time,
      expiration: time,
      description: fc.constantFrom(null, mark(0), mark(-DAY)),
    });
    fc.assert(
      fc.property(fc.array(anySecret, { maxLength: 8 }), given => {
        const audited = audit(
          {},
          given.map((times, index) => secret(String(index), times)),
        );
        const seen = new Set<string>();
        for (const { kind, class: of, secretId } of audited.findings) {
          expect(of).toBe(FINDING_KINDS[kind]);
          expect(seen.has(`${kind} ${secretId}`)).toBe(false);
          seen.add(`${kind} ${secretId}`);
          expect(secretId === undefined || Number(secretId) < given.length).toBe(true);
        }
        const works = audited.secrets?.some(({ state }) => state === 'valid' || state === 'expiring');
        const isForOneJob = ({ createdFor, startTime = '', expiration = '' }: AuditedSecret) => {
          const days = (Date.parse(expiration) - Date.parse(startTime)) / DAY;
          return createdFor !== undefined && days > 0 && days <= 2;
        };
        const isIdle = given.length > 0 && audited.secrets?.every(isForOneJob) === true;
        expect(found(audited).includes('no-valid-secret')).toBe(!works && !isIdle);
      }),
    );
  });
});

describe('a secret of this action for one job', () => {
  const job = (hours: number, given: Partial<ListedSecret> = {}) =>
    secret('job', {
      startTime: at(hours * HOUR - DAY),
      expiration: at(hours * HOUR + 5 * 60 * SECOND),
      description: mark(hours * HOUR - DAY),
      ...given,
    });

  test('is not a finding from its creation to its end, or after it', () => {
    for (const hours of [23, 1, -1, -900]) {
      expect(found(audit({}, [job(hours), secret('good')]))).toEqual([]);
      // Between its jobs, the client has no valid secret.
      expect(found(audit({}, [job(hours)]))).toEqual([]);
    }
    expect(states(audit({}, [job(1)]))).toEqual(['valid']);
  });

  test('is one like any other if somebody else created it, or if it lives longer', () => {
    expect(found(audit({}, [job(1, { description: null })]))).toEqual(['expiring job']);
    expect(found(audit({}, [job(1, { startTime: at(-2 * DAY) })]))).toEqual(['expiring job']);
    expect(found(audit({}, [job(-1, { description: null })]))).toEqual(['no-valid-secret', 'expired job']);
  });

  test('lives for two days at most, and at all', () => {
    const expiration = at(HOUR);
    expect(found(audit({}, [job(1, { startTime: at(HOUR - 2 * DAY), expiration })]))).toEqual([]);
    expect(found(audit({}, [job(1, { startTime: at(HOUR - 2 * DAY - 1), expiration })]))).toEqual(['expiring job']);
    const never = job(-1, { startTime: at(-HOUR), expiration: at(-HOUR) });
    expect(found(audit({}, [never]))).toEqual(['no-valid-secret', 'expired job']);
  });

  test('does not excuse a client whose other secret has expired', () => {
    const audited = audit({}, [job(-1), secret('over', { expiration: at(-DAY) })]);
    expect(found(audited)).toEqual(['no-valid-secret', 'expired over']);
  });
});

test('a secret whose life is shorter than the time given is expiring in the second half of it, not from the start', () => {
  const living = (from: number, to: number) =>
    found(audit({}, [secret('1', { startTime: at(from * DAY), expiration: at(to * DAY) })]));
  expect(living(-1, 19)).toEqual([]);
  expect(living(-9, 11)).toEqual([]);
  expect(living(-11, 9)).toEqual(['expiring 1']);
  expect(living(-19, 1)).toEqual(['expiring 1']);
});

describe('most severe first', () => {
  const one = (clientId: string, settings: Partial<ReadableClient>, secrets?: readonly ListedSecret[]) =>
    audit({ ...settings, clientId }, secrets);
  const unread = (clientId: string) =>
    auditClient(
      { client: { ...CLEAN, clientId }, secrets: { kind: 'unreadable', reason: 'x', code: 'unsupported' } },
      TERMS,
    );
  const rank = () => [
    one('y-soon', {}, [secret('1', { expiration: at(5 * DAY) }), secret('2', { expiration: at(DAY) })]),
    one('x-later', {}, [secret('1', { expiration: at(2 * DAY) })]),
    one('z-ended', { allowRopc: true }, [secret('1', { expiration: at(-DAY) }), secret('2')]),
    one('w-dead', {}, [secret('1', { expiration: at(-9 * DAY) }), secret('2', { expiration: at(-5 * DAY) })]),
    // Only the secret that has expired counts: not one that works, and not one with another finding.
    one('a-ended', {}, [
      secret('1', { expiration: at(-7 * DAY) }),
      secret('2'),
      secret('3', { expiration: at(4000 * DAY) }),
    ]),
    one('v-dead', {}, [secret('1', { expiration: at(-40 * DAY) })]),
    one('a-none', {}, []),
    one('b-none', {}, []),
    one('w-risky', { allowRopc: true }),
    // The expiration of a secret without a finding does not count.
    one('x-risky', { allowRopc: true }, [secret('1', { expiration: at(40 * DAY) })]),
    one('z-endless', {}, [secret('1', { expiration: undefined })]),
    unread('v-unread'),
    one('a-clean', {}),
    one('b-clean', {}, [secret('1', { expiration: at(40 * DAY) })]),
  ];

  test('from any order: what expires first, then what expired last, then what is risky, then the rest, then by name', () => {
    const ranked = rank();
    fc.assert(
      fc.property(fc.shuffledSubarray(ranked, { minLength: ranked.length }), clients => {
        expect(mostSevereFirst(clients).map(({ clientId }) => clientId)).toEqual(
          ranked.map(({ clientId }) => clientId),
        );
      }),
    );
  });

  test('and those that expire at an unknown time after those that expire soon', () => {
    const expiring = (clientId: string, expiration?: string): AuditedClient => ({
      clientId,
      secrets: [{ id: '1', state: 'expiring', ...(expiration ? { expiration } : {}), superseded: false }],
      findings: [finding('expiring', 'x', '1')],
    });
    const clients = [expiring('a'), expiring('b', at(2 * DAY)), expiring('c', at(DAY))];
    expect(mostSevereFirst(clients).map(({ clientId }) => clientId)).toEqual(['c', 'b', 'a']);
  });

  test('without losing any', () => {
    expect(mostSevereFirst([])).toEqual([]);
    expect(mostSevereFirst([...rank(), ...rank()])).toHaveLength(2 * rank().length);
  });
});
