import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Failure, together } from '../../../src/model/failure.ts';
import type { DeliveryRequest, EnsureRequest, GitHubRequest } from '../../../src/model/request.ts';
import { targetLine } from '../../../src/model/target.ts';
import { type EnsureRecord, newEnsureRecord } from '../../../src/modes/ensure/record.ts';
import { summarizeEnsure } from '../../../src/modes/ensure/summary.ts';
import { renderSummary } from '../../../src/report/summary.ts';
import { readSummary } from '../../support/markdown.ts';
import { ensureRequest } from '../../support/stage.ts';
import { DELIVERY, RUN, targetOf } from '../../support/workflow.ts';

const NOW = new Date('2027-01-31T09:00:05Z');

/** Without secrets to hide: the redactor has its own tests. */
const render = (...[request, record, failure]: [EnsureRequest, EnsureRecord, Failure | undefined]) =>
  renderSummary(
    (markdown, failure) => summarizeEnsure({ request, record, markdown, failure }),
    failure,
    text => text,
    NOW,
  );

const request = ({ tenantId = 'acme', dryRun = false } = {}): EnsureRequest => {
  const asked = ensureRequest();
  return { ...asked, vantage: { ...asked.vantage, tenantId }, run: { ...asked.run, dryRun } };
};
const record = (given: Partial<EnsureRecord> = {}): EnsureRecord => ({ ...newEnsureRecord('invoices'), ...given });
const secret = {
  mark: '[vantage-client octo-org/octo-repo to=e0ee8bb5 run=1.1 c0ffee]',
  id: 'secret-7',
  startTime: '2027-01-31T09:00:00Z',
  expiration: '2027-07-31T09:00:00Z',
  verified: 'true',
  fate: 'handed-out',
} as const;

const GITHUB_REQUEST = DELIVERY.github as GitHubRequest;
const LOST = { mark: 'mark-1', expiration: '2027-07-31T09:00:00.000Z' } as const;
const TARGETS: DeliveryRequest = {
  outputSecret: false,
  github: {
    ...GITHUB_REQUEST,
    clientIdVariable: 'ID',
    targets: [
      targetOf('environment staging'),
      targetOf('dependabot repository as OTHER'),
      targetOf('organization octo-org'),
    ],
  },
};
const TARGET_LINES = (TARGETS.github?.targets ?? []).map(targetLine);

/** The tables, each as its rows, each as its cells. */
function tablesOf(markdown: string): string[][][] {
  return (markdown.match(/^\|.*(?:\n\|.*)*/gmu) ?? []).map(table =>
    table.split('\n').map(line =>
      line
        .slice(2, -2)
        .split(' | ')
        .map(cell => cell.trim()),
    ),
  );
}

const titleOf = (summary: string) => summary.split('\n')[0]?.replace(/^### /u, '');
const outcome = (given: Partial<EnsureRecord>, asked: EnsureRequest = request()) =>
  titleOf(render(asked, record(given), undefined));

describe('the title says how it went', () => {
  test.each<readonly [string, Partial<EnsureRecord>, string]>([
    ['a new secret', { secret }, '✅ `invoices`: new secret for this job, works until 31 Jul 2027'],
    [
      'a new secret that does not say when it expires',
      { secret: { ...secret, expiration: undefined } },
      '✅ `invoices`: new secret for this job',
    ],
    ['a client that was created', { clientCreated: true, drift: {} }, '✅ `invoices`: client created'],
    [
      'one that was updated',
      { clientUpdated: true, drift: { clientName: ['a', 'b'] } },
      '✅ `invoices`: client updated',
    ],
    ['deletions', { pruned: ['1', '2'] }, '✅ `invoices`: 2 superseded secrets deleted'],
    ['variables', { otherWrites: ['variable ID in repository a/b'] }, '✅ `invoices`: 1 change on GitHub'],
    ['nothing', { drift: {} }, '✅ `invoices`: nothing due'],
    [
      'nothing until later',
      { drift: {}, rotationDue: '2027-03-04T09:00:00Z' },
      '✅ `invoices`: nothing due before 4 Mar 2027',
    ],
    [
      'deletions, and nothing until later',
      { pruned: ['1'], rotationDue: '2027-03-04T09:00:00Z' },
      '✅ `invoices`: 1 superseded secret deleted, nothing due before 4 Mar 2027',
    ],
    ['drift', { drift: { clientName: ['a', 'b'] } }, '⚠️ `invoices`: nothing due, 1 setting differs'],
    [
      'drift next to a new secret',
      { secret, drift: { clientName: ['a', 'b'], allowNoPkce: [false, true] } },
      '⚠️ `invoices`: new secret for this job, works until 31 Jul 2027, 2 settings differ',
    ],
    [
      'drift that an update left',
      { clientUpdated: true, driftLeft: true, drift: { clientName: ['a', 'b'] } },
      '⚠️ `invoices`: client updated, 1 setting differs',
    ],
    [
      'a further secret that may exist',
      { secret, secretLost: true },
      '⚠️ `invoices`: new secret for this job, works until 31 Jul 2027, another secret may exist that nobody holds',
    ],
  ])('of a run: %s', (_, given, title) => {
    expect(outcome(given)).toBe(title);
  });

  test('of a client that needs no secret', () => {
    const asked = { ...request(), secret: { ...request().secret, rotate: 'never' } as const };
    expect(outcome({ drift: {} }, asked)).toBe('✅ `invoices`: client exists, nothing to do');
  });

  test('of a secret that targets have, and the job', () => {
    const written = ['actions repository octo-org/octo-repo as A', 'actions repository octo-org/website as A'];
    expect(outcome({ secret, written })).toContain(': new secret in 2 places and for this job, works');
    const asked = { ...request(), delivery: DELIVERY };
    expect(outcome({ secret, written: written.slice(1) }, asked)).toContain(': new secret in 1 place, works');
  });

  const failure = new Failure('conflict', { operation: 'creating client "invoices"', reason: 'it already exists' });
  test.each<readonly [string, Partial<EnsureRecord>, Failure, string]>([
    ['what failed', {}, failure, '❌ `invoices`: creating the client failed'],
    [
      'what failed for a client',
      {},
      new Failure('forbidden', { operation: 'creating a secret for client "invoices"', reason: 'no' }),
      '❌ `invoices`: creating a secret failed',
    ],
    [
      'a secret that could not be revoked',
      { secret: { ...secret, fate: 'minted' } },
      failure,
      '❌ `invoices`: a new secret exists that nobody holds',
    ],
    ['a secret that may exist', { lost: [LOST] }, failure, '❌ `invoices`: a secret may exist that nobody holds'],
    [
      'secrets that may exist',
      { lost: [LOST, LOST] },
      failure,
      '❌ `invoices`: up to 2 secrets may exist that nobody holds',
    ],
  ])('of a run that failed: %s', (_, given, why, title) => {
    expect(titleOf(render(request(), record(given), why))).toBe(title);
  });
});

describe('the lines below it', () => {
  test('of a new secret say whether it is verified, when it expires and when the next one is due', () => {
    const asked = { ...request(), secret: { ...request().secret, rotate: 'when-due' } as const };
    const shown = render(
      asked,
      record({ secret, clientCreated: true, rotationDue: '2027-07-01T09:00:00Z' }),
      undefined,
    );
    expect(shown.split('\n')[2]).toBe(
      'Client created · secret verified · expires 31 Jul 2027 (in 181 days) · next rotation on or after **1 Jul 2027**',
    );
    const always = render(request(), record({ secret: { ...secret, verified: 'skipped' }, drift: {} }), undefined);
    expect(always.split('\n')[2]).toBe('Client kept · secret not verified · expires 31 Jul 2027 (in 181 days)');
  });

  test('of no secret say which one is in use, and not what the title says', () => {
    const why = 'the secret in environment a/b c as D expires at 2027-07-31T09:00:00.000Z';
    const shown = render(request(), record({ drift: {}, plan: { why, reason: 'not-due' } }), undefined);
    expect(shown.split('\n')[2]).toBe('The secret in environment a/b c as D expires on 31 Jul 2027 (in 181 days).');
    expect(render(request(), record({ clientCreated: true }), undefined)).not.toContain('Client created');
  });

  test('say that the settings of a client were not compared, or that it may be new', () => {
    expect(render(request(), record(), undefined)).toContain('\nThe settings of the client were not compared.\n');
    expect(render(request(), record({ clientUnknown: true }), undefined)).toContain(
      '\nIt is not known whether this run created the client.\n',
    );
  });

  test('list the targets with links to their secrets, and what was created', () => {
    const [shown] = tablesOf(
      render(
        { ...request(), delivery: TARGETS },
        record({
          secret,
          written: TARGET_LINES,
          otherWrites: ['environment "staging" of octo-org/octo-repo', 'variable ID in environment "staging"'],
        }),
        undefined,
      ),
    );
    expect(shown).toEqual([
      ['Written to', 'Secret', 'Variables'],
      ['---', '---', '---'],
      [
        'environment [`staging`](https://github.com/octo-org/octo-repo/settings/environments) of `octo-org/octo-repo` (created)',
        '`VANTAGE_CLIENT_SECRET`',
        '`ID`',
      ],
      [
        'Dependabot of [`octo-org/octo-repo`](https://github.com/octo-org/octo-repo/settings/secrets/dependabot)',
        '`OTHER`',
        '',
      ],
      [
        'organization [`octo-org`](https://github.com/organizations/octo-org/settings/secrets/actions)',
        '`VANTAGE_CLIENT_SECRET`',
        '`ID`',
      ],
    ]);
  });

  test('count older secrets that still work, and those that were deleted', () => {
    const said = (given: Partial<EnsureRecord>) => render(request(), record({ secret, ...given }), undefined);
    expect(said({ liveBefore: ['1'], pruned: [] })).toContain('\n1 older secret of this repository still works.\n');
    expect(said({ liveBefore: ['1', '2', '3'], pruned: ['3'] })).toContain(
      '\n2 older secrets of this repository still work. 1 superseded secret was deleted.\n',
    );
    expect(said({ liveBefore: [], pruned: [] })).not.toMatch(/older|superseded/u);
    expect(said({ pruned: ['3', '4'] })).toContain('\n2 superseded secrets were deleted.\n');
  });

  test('list what was written without a new secret', () => {
    const otherWrites = ['variable ID in repository a/b', 'access of this repository to secret A in organization b'];
    const shown = render(request(), record({ otherWrites, drift: {} }), undefined);
    for (const text of otherWrites) expect(shown).toContain(`- Written: ${text}\n`);
  });

  test('have ids, hosts and exact times folded', () => {
    const shown = render(request(), record({ secret, plan: { reason: 'always' } }), undefined);
    const folded = shown.slice(shown.indexOf('<details><summary>Details</summary>'));
    for (const text of [secret.id, secret.mark, secret.startTime, secret.expiration, 'https://vantage.example', 'acme'])
      expect(folded).toContain(`\`${text}\``);
    expect(shown.indexOf(secret.mark)).toBeGreaterThan(shown.indexOf('<details>'));
    expect(folded).toMatch(/\n<\/details>$/u);
  });

  test('never contain a credential', () => {
    expect(render(request(), record({ secret }), undefined)).not.toContain('canary');
  });
});

describe('drift', () => {
  const drift = {
    clientName: ['New', 'Old'],
    redirectUris: [
      ['https://a.example/', 'https://same.example/'],
      ['https://same.example/', 'https://b.example/|x', 'https://c.example/'],
    ],
    allowNoPkce: [false, true],
    allowedCorsOrigins: [[], ['https://c.example']],
  } as const;
  const block = (shown: string) => /```diff\n(.*?)\n```/su.exec(shown)?.[1]?.split('\n');

  test('is a list of what to add and to remove, one item a line', () => {
    expect(block(render(request(), record({ drift }), undefined))).toEqual([
      '  clientName',
      '-   Old',
      '+   New',
      '  redirectUris',
      '-   https://b.example/|x',
      '-   https://c.example/',
      '+   https://a.example/',
      '  allowNoPkce',
      '-   true',
      '+   false',
      '  allowedCorsOrigins',
      '-   https://c.example',
      '+   []',
    ]);
  });

  test.each<readonly [string, Partial<EnsureRecord>, string, string]>([
    ['that is left', {}, '4 settings differ: red in Vantage, green in the workflow', 'set `if-exists: update`'],
    ['that was written', { clientUpdated: true }, '4 settings changed, from red to green', ''],
    [
      'that Vantage did not apply',
      { clientUpdated: true, driftLeft: true },
      '4 settings differ: red in Vantage, green in the workflow',
      'Vantage did not apply all settings.',
    ],
  ])('%s says what to do', (_, given, heading, advice) => {
    const shown = render(request(), record({ drift, ...given }), undefined);
    expect(shown).toContain(`\n#### ${heading}\n`);
    expect(shown.includes('> **To do:**')).toBe(advice !== '');
    expect(shown).toContain(advice);
    expect(shown.indexOf('> **To do:**')).toBeLessThan(shown.indexOf('```diff'));
  });

  test('shows 25 lines of a setting, and no line that runs off the page', () => {
    const many = Array.from({ length: 40 }, (_, index) => `https://h${index}.example/`);
    const shown = block(
      render(
        request(),
        record({ drift: { redirectUris: [many, []], clientName: ['a', 'b '.repeat(200)] } }),
        undefined,
      ),
    );
    expect(shown?.filter(line => line.startsWith('+   https'))).toHaveLength(24);
    expect(shown).toContain('    and 16 more lines');
    expect(Math.max(...(shown ?? []).map(({ length }) => length))).toBeLessThanOrEqual(114);
  });

  test('cannot end its block', () => {
    const hostile = '\n```\n# a\n````\n</details>';
    const shown = render(request(), record({ drift: { clientName: ['````', hostile] } }), undefined);
    expect(shown.match(/^`````(?:diff)?$/gmu)).toEqual(['`````diff', '`````']);
    expect(shown).not.toMatch(/^# a/mu);
  });
});

describe('a dry run', () => {
  const preview = {
    lines: [
      { sign: '+', what: 'client', name: 'invoices', note: 'client_credentials' },
      { sign: '+', what: 'secret', name: 'invoices', note: 'expires 2027-07-31T09:00:00.000Z' },
      { sign: '!', what: 'write', name: 'A of environment a/b c' },
      { sign: '-', what: 'secret', name: '6a10d7c9', note: 'superseded, created 2026-12-08T09:00:00.000Z' },
    ],
    offers: [
      { what: 'Audit the tenant', offered: 'no', why: 'GET https://vantage.example/ answered 404' },
      { what: 'Update a client', offered: 'not tried' },
    ],
  } as const;
  const dry = (given: Partial<EnsureRecord>) => render(request({ dryRun: true }), record(given), undefined);

  test('shows the plan as a block in which GitHub colors what is created, written and deleted', () => {
    const why = 'the secret in environment a/b c as A expires at 2027-02-10T09:00:00.000Z';
    const shown = dry({ preview, plan: { secret: 'mint', why } });
    expect(shown.split('\n').slice(0, 11)).toEqual([
      '### 📝 Plan for `invoices`: create the client, create a secret, write it to 1 place, delete 1 old secret',
      '',
      '**Dry run: nothing was changed.** A secret is due: the secret in environment a/b c as A expires on 10 Feb 2027 (in 10 days).',
      '',
      '```diff',
      '+ client  invoices · client_credentials',
      '+ secret  invoices · expires 31 Jul 2027 (in 181 days)',
      '! write   A of environment a/b c',
      '- secret  6a10d7c9 · superseded, created 8 Dec 2026 (54 days ago)',
      '```',
      '',
    ]);
  });

  test('of nothing says so, and until when', () => {
    const plan = {
      secret: 'none',
      why: 'current-secret expires at 2027-07-31T09:00:00.000Z',
      dueAt: '2027-07-01T09:00:00Z',
    };
    expect(dry({ preview: { lines: [] }, plan })).toContain(
      '### 📝 Plan for `invoices`: nothing to do\n\n**Dry run: nothing was changed.** No secret is due: current-secret expires on 31 Jul 2027 (in 181 days). Nothing is due before 1 Jul 2027 (in 151 days).\n',
    );
  });

  test('shows what an update changes, and advises nothing', () => {
    const shown = dry({ preview, plan: { client: 'update' }, drift: { clientName: ['a', 'b'] } });
    expect(shown).toContain('#### 1 setting to change, from red to green');
    expect(shown).not.toContain('To do');
  });

  test('says which undocumented operations the tenant offers', () => {
    const table = tablesOf(dry({ preview })).find(([head]) => head?.includes('Offered'));
    expect(table?.slice(2)).toEqual([
      ['Audit the tenant', 'no: GET `https://vantage.example/` answered 404'],
      ['Update a client', 'not tried'],
    ]);
    expect(dry({ preview: { lines: [] } })).not.toContain('What this tenant offers');
  });
});

describe('a failure', () => {
  const refused = (target: string, reason = 'it answered 403') =>
    new Failure('github-permission', {
      operation: `writing ${target}`,
      request: 'PUT https://api.github.com/repos',
      reason,
      advice: `The token needs \`Secrets: write\` on ${target}.`,
    });

  test('says what to do, why, the request and the code apart from each other', () => {
    const failure = new Failure('forbidden', {
      operation: 'creating client "invoices"',
      request: 'POST https://vantage.example/clients/',
      reason: 'it answered 403',
      advice: 'Give the account the role Tenant Administrator.',
      outcomeUnknown: true,
    });
    expect(render(request(), record(), failure).split('\n').slice(0, 11)).toEqual([
      '### ❌ `invoices`: creating the client failed',
      '',
      '> [!CAUTION]',
      '> **To do:** Give the account the role Tenant Administrator.',
      '>',
      '> **Why:** it answered 403. It may have taken effect.',
      '',
      'Error code `forbidden` at `POST https://vantage.example/clients/`',
      '',
      'Nothing was changed.',
      '',
    ]);
  });

  test('of several things lists each of them', () => {
    const failure = together('checking the targets', [refused('a/b'), refused('c/d')]);
    expect(render(request(), record(), failure).split('\n').slice(2, 15)).toEqual([
      '> [!CAUTION]',
      '> **To do:**',
      '>',
      '> 1. The token needs `Secrets: write` on a/b.',
      '> 1. The token needs `Secrets: write` on c/d.',
      '>',
      '> **Why:**',
      '>',
      '> - writing a/b: it answered 403 (`PUT https://api.github.com/repos`)',
      '> - writing c/d: it answered 403 (`PUT https://api.github.com/repos`)',
      '',
      'Error code `github-permission`',
      '',
    ]);
    const many = together(
      'it',
      Array.from({ length: 30 }, (_, index) => refused(`a/${index}`, `it answered ${400 + index}`)),
    );
    const lines = render(request(), record(), many).split('\n');
    expect(lines).toContain('> - And 20 more.');
    expect(lines.filter(line => line.startsWith('> 1. '))).toHaveLength(10);
    const alike = together(
      'it',
      Array.from({ length: 30 }, (_, index) => refused(`a/${index}`)),
    );
    expect(render(request(), record(), alike)).toContain(
      '> - 30 times: it answered 403. The first: writing a/0 (`PUT https://api.github.com/repos`)\n\n',
    );
  });

  test('of a delivery that reached some targets shows each target', () => {
    const [first = '', second = '', third = ''] = TARGET_LINES;
    const failure = new Failure('partial-hand-off', {
      operation: 'writing',
      reason: 'it is in use',
      advice: 'Fix what failed and run the step again.',
      failures: [refused('octo-org/octo-repo')],
    });
    const given = {
      secret,
      changed: true,
      written: [first],
      unwritten: [{ line: second, why: 'it answered 403', maybe: false }],
    };
    const shown = render({ ...request(), delivery: TARGETS }, record(given), failure);
    expect(titleOf(shown)).toBe('❌ `invoices`: `octo-org/octo-repo` did not get the new secret (1 of 2)');
    expect(
      tablesOf(shown)[0]
        ?.slice(2)
        .map(row => row.slice(1)),
    ).toEqual([
      ['`VANTAGE_CLIENT_SECRET`', '✅ new secret'],
      ['`OTHER`', '❌ it answered 403'],
      ['`VANTAGE_CLIENT_SECRET`', 'not due'],
    ]);
    expect(shown).toContain('> **Why:** writing octo-org/octo-repo: it answered 403.');
    const unsure = { ...given, unwritten: [...given.unwritten, { line: third, why: 'reset', maybe: true }] };
    const other = render({ ...request(), delivery: TARGETS }, record(unsure), failure);
    expect(titleOf(other)).toBe('❌ `invoices`: 2 targets did not get the new secret (2 of 3)');
    expect(tablesOf(other)[0]?.at(-1)?.at(-1)).toBe('❓ may have it: reset');
  });

  test('that leaves secrets behind names each by its mark, and says where to delete it', () => {
    const failure = new Failure('secret-unaccounted', { operation: 'it', reason: 'reset', advice: 'A long text.' });
    const shown = render(request(), record({ lost: [LOST, { ...LOST, mark: 'mark-2' }] }), failure);
    expect(shown).toContain(
      '> 1. In Vantage, open the secrets of client `invoices`, and delete the one with the description `mark-1`, if it is there. It expires 31 Jul 2027 (in 181 days).\n> 1. ',
    );
    expect(shown).toContain('description `mark-2`');
    expect(shown).not.toContain('A long text');
    const undelivered = render(request(), record({ secret: { ...secret, fate: 'minted' } }), failure);
    expect(undelivered).toContain(`description \`${secret.mark}\``);
    expect(undelivered).toContain('secret created and not delivered, verified');
  });
});

describe('text of others does not become markup', () => {
  const HOSTILE =
    '<img src=x onerror=alert(1)> [click](https://evil.example) **bold** `code` | cell # ~x~ ![i](u) \\| end \\';
  /** Backticks would end code, so code shows them as apostrophes. Bars stand between two pieces of code. */
  const loose = (text: string) => text.replaceAll(/[`'|\s]+/gu, '');
  const everything = (read: ReturnType<typeof readSummary>) => loose(JSON.stringify(read));
  const NAMES = [
    'tenantId',
    'id',
    'startTime',
    'expiration',
    'mark',
    'clientId',
    'why',
    'offer',
    'line',
    'write',
  ] as const;
  const TEXTS = ['setting', 'wanted', 'found', 'planned', 'operation', 'reason', 'advice', 'request', 'lost'] as const;
  type Place = (typeof NAMES)[number] | (typeof TEXTS)[number];

  /** Summaries with a text in one place: of a success, of a dry run and of a failure. */
  function shown(text: string, place?: Place): readonly string[] {
    const at = (name: Place, otherwise: string) => (name === place ? text : otherwise);
    const given = record({
      clientId: at('clientId', 'invoices'),
      drift: { [at('setting', 'clientName')]: [at('wanted', 'a'), [at('found', 'b')]] },
      plan: { why: at('why', 'w'), secret: 'mint' },
      written: [TARGET_LINES[0] ?? '', at('line', 'x')],
      otherWrites: [at('write', 'w')],
      secret: {
        ...secret,
        id: at('id', secret.id),
        startTime: at('startTime', secret.startTime),
        expiration: at('expiration', secret.expiration),
        mark: at('mark', secret.mark),
      },
    });
    const asked = { ...request({ tenantId: at('tenantId', 'acme') }), delivery: TARGETS };
    const lines = [{ sign: '+', what: 'client', name: at('planned', 'p'), note: at('planned', 'n') }] as const;
    const offers = [{ what: 'Audit', offered: 'no', why: at('offer', 'o') }] as const;
    const failure = new Failure('unexpected-response', {
      operation: at('operation', 'it'),
      reason: at('reason', 'no'),
      request: at('request', 'GET /'),
      advice: at('advice', 'Look.'),
    });
    const lost = [{ mark: at('lost', 'm'), expiration: at('lost', 'e') }];
    const { secret: _, ...unwritten } = given;
    return [
      render(asked, given, undefined),
      render({ ...asked, run: { ...RUN, dryRun: true } }, { ...given, preview: { lines, offers } }, undefined),
      render(asked, given, failure),
      render(asked, given, together('all', [failure, new Failure('timeout', failure.parts)])),
      render(asked, { ...given, lost }, failure),
      render({ ...asked, delivery: { outputSecret: true } }, unwritten, undefined),
    ];
  }

  test.each([...NAMES, ...TEXTS])('as %s', place => {
    const read = shown(HOSTILE, place).map(readSummary);
    const own = shown('harmless').map(readSummary);
    expect(read.map(({ tables }) => tables.map(({ rows }) => rows.length))).toEqual(
      own.map(({ tables }) => tables.map(({ rows }) => rows.length)),
    );
    expect(read.some(one => everything(one).includes(loose(JSON.stringify(HOSTILE).slice(1, -1))))).toBe(true);
  });

  test.each([
    'https://evil.example/a',
    'HTTP://evil.example',
    '(see ftp://evil.example)',
    'www.evil.example',
    'me@evil.example',
    'mailto:me@evil.example',
    '@octo-org/everyone',
    '#123',
    'octo-org/octo-repo#123',
    'GH-123',
    'ffac537e6cbbf934b08745a378932722df287a53',
    'ffac537',
  ])('nor does text that GitHub makes a link of: %s', link => {
    const said = `before ${link} after`;
    for (const place of [...NAMES, ...TEXTS]) {
      for (const summary of shown(said, place)) {
        const outside = summary
          .replaceAll(/^```diff\n.*?\n```$/gmsu, '')
          .replaceAll(/`[^`\n]*`/gu, '')
          .replaceAll(/\\(.)/gu, '$1');
        expect(outside).not.toContain(link);
      }
    }
  });

  test('nor do control characters appear, or line breaks end a line', () => {
    const breaks = [
      '\n',
      '\r\n',
      '\n\n# heading\n',
      '\n---\n',
      '\n- item\n',
      '\n    code\n',
      '\u2028',
      '\n```\n',
      '\n> [!TIP]\n',
    ];
    const own = shown('harmless').map(summary => summary.split('\n').length);
    for (const place of [...NAMES, ...TEXTS]) {
      for (const text of [...breaks, '\u001b[31mred\u0007 \u009b1m\u202eevil\u2066\u200f\u0000']) {
        const summaries = shown(`7${text}x`, place);
        for (const summary of summaries) {
          expect(/[[\p{Cc}\p{Bidi_Control}\u2028]--[\n]]/v.test(summary)).toBe(false);
        }
        expect(summaries.map(summary => summary.split(/\r\n|\r|\n/u).length)).toEqual(own);
      }
    }
  });

  test('nor does any other text', () => {
    const any = fc.string({
      unit: fc.constantFrom(...'|\\`<>*_[]()#~!-+ \n\ra1'.split('')),
      minLength: 1,
      maxLength: 30,
    });
    fc.assert(
      fc.property(any, fc.constantFrom(...NAMES, ...TEXTS), (text, place) => {
        for (const summary of shown(text, place)) readSummary(summary);
      }),
      { numRuns: 100 },
    );
  });
});

test('no part of a secret is shown, wherever it is', () => {
  const canary = 'canary_of*the|ledger+s-own/page=that:is-long';
  const redact = (text: string) => text.replaceAll(canary, '***');
  for (const text of [canary, `${'x'.repeat(290)}${canary}`, `2027-01-01T00:00:00Z${canary}`]) {
    const failure = new Failure('conflict', { operation: text, reason: text, request: text, advice: text });
    const given = record({
      secret: { ...secret, id: text, startTime: text, expiration: text },
      drift: { [text]: [text, [text]] },
      plan: { why: text },
      lost: [{ mark: text, expiration: text }],
      preview: {
        lines: [{ sign: '+', what: 'client', name: text }],
        offers: [{ what: 'x', offered: 'no', why: text }],
      },
    });
    for (const why of [undefined, failure, together('it', [failure, new Failure('timeout', failure.parts)])]) {
      for (const dryRun of [true, false]) {
        const summary = renderSummary(
          (markdown, failure) => summarizeEnsure({ request: request({ dryRun }), record: given, markdown, failure }),
          why,
          redact,
          NOW,
        ).replaceAll(/[\\`\s]|^[-+]/gmu, '');
        for (let from = 0; from + 6 <= canary.length; from += 1) {
          const part = canary.slice(from, from + 6);
          expect({ part, shows: summary.includes(part) }).toEqual({ part, shows: false });
        }
      }
    }
  }
});

describe('GitHub accepts the summary, whatever a server says', () => {
  const endless = '| <b> '.repeat(200_000);

  test('with truncated text', () => {
    const drift = { clientName: ['Invoices', endless], redirectUris: [[], [endless]] } as const;
    const summary = render(
      request(),
      record({ drift, secret: { ...secret, id: endless, startTime: endless } }),
      undefined,
    );
    readSummary(summary);
    expect(Buffer.byteLength(summary)).toBeLessThan(10_000);
    expect(summary).toContain('run=1.1 c0ffee');
    expect(summary.match(/…/gu)).toHaveLength(4);
  });

  test('or as its first part, with a line that says so, and with nothing left open', () => {
    const otherWrites = Array.from({ length: 40_000 }, (_, index) => `environment "e${index}" of octo-org/octo-repo`);
    const summary = render(request(), record({ otherWrites }), undefined);
    expect(Buffer.byteLength(summary)).toBeLessThan(1024 * 1024);
    expect(Buffer.byteLength(summary)).toBeGreaterThan(1000 * 1000);
    expect(summary).toMatch(
      / of octo-org\/octo-repo\n\nThe rest is cut: GitHub accepts a summary of 1 MiB from a step\.$/u,
    );
    const why = '😀'.repeat(400_000);
    expect(render(request(), record(), new Failure('conflict', { operation: 'it', reason: why }))).toMatch(
      /^### ❌ `invoices`: it failed\n\n.*The rest is cut/su,
    );
  });

  test('also if it is cut within a block or a folded part', () => {
    const long = Array.from(
      { length: 6000 },
      (_, index) => `line ${index} of a block that is ${'too '.repeat(60)}long`,
    );
    const folded = ['', '<details><summary>Details</summary>', '', ...long.map(line => `- ${line}`), '', '</details>'];
    const block = ['````diff', ...long.map(line => `+ ${line}`), '````'];
    for (const body of [folded, block, [...block.slice(0, 9), '````', ...folded]]) {
      const summary = renderSummary(
        () => ({ title: 'x', body }),
        undefined,
        text => text,
      );
      expect(readSummary(summary).text.at(-1)).toMatch(/^The rest is cut/u);
    }
  });
});
