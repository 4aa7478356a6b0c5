import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Failure } from '../../../src/model/failure.ts';
import type { EnsureRequest } from '../../../src/model/request.ts';
import { Secret } from '../../../src/model/secret.ts';
import type { EnsureRecord } from '../../../src/modes/ensure/record.ts';
import { summarizeEnsure } from '../../../src/modes/ensure/summary.ts';
import { renderSummary } from '../../../src/report/summary.ts';
import { RUN, WORKFLOW } from '../../support/workflow.ts';

/** Without secrets to hide: the redactor has its own tests. */
const render = (...[request, record, failure]: [EnsureRequest, EnsureRecord, Failure | undefined]) =>
  renderSummary(
    markdown => summarizeEnsure(request, record, markdown),
    failure,
    text => text,
  );

const request = (given: { tenantId?: string; dryRun?: boolean } = {}): EnsureRequest => ({
  vantage: { baseUrl: 'https://vantage.example', tenantId: given.tenantId ?? 'acme', apiVersion: 'v2' },
  signIn: { kind: 'access-token', accessToken: new Secret('canary-of-the-token') },
  client: { clientId: 'invoices', declared: {}, initial: {}, ifExists: 'adopt' },
  secret: { rotate: 'always', rotateBefore: { days: 30 }, verify: true, revokeAtJobEnd: false },
  delivery: { outputSecret: true },
  run: { ...RUN, dryRun: given.dryRun ?? false },
  workflow: WORKFLOW,
  warnings: [],
});
const record = (given: Partial<EnsureRecord> = {}): EnsureRecord => ({
  mode: 'ensure',
  clientId: 'invoices',
  clientCreated: false,
  clientUpdated: false,
  written: [],
  otherWrites: [],
  pruned: [],
  changed: false,
  ...given,
});
const secret = {
  mark: '[vantage-client octo-org/octo-repo to=e0ee8bb5 run=1.1 c0ffee]',
  id: 'secret-7',
  startTime: '2027-01-31T09:00:00Z',
  expiration: '2027-07-31T09:00:00Z',
  verified: 'true',
  fate: 'handed-out',
} as const;

/** The rows of all tables, each as its cells, unescaped. */
function cellsOf(markdown: string): string[][] {
  return markdown
    .split('\n')
    .filter(line => line.startsWith('|'))
    .map(line =>
      line
        .split(/(?<!\\)\|/u)
        .slice(1, -1)
        .map(cell => cell.trim().replace(/\\(.)|`([^`]*)`/gu, '$1$2')),
    );
}

describe('what it contains', () => {
  test.each([
    ['a client that was created', { clientCreated: true }, 'created'],
    ['one that was updated', { clientUpdated: true }, 'updated'],
    ['one that was compared', { drift: {} }, 'unchanged'],
    ['one that could not be compared', {}, 'not compared'],
  ])('of %s', (_, given, state) => {
    expect(cellsOf(render(request(), record(given), undefined))).toContainEqual(['Client', `invoices — ${state}`]);
  });

  test('of a secret', () => {
    const cells = cellsOf(render(request(), record({ secret }), undefined));
    expect(cells).toEqual(
      expect.arrayContaining([
        ['Secret', 'created and delivered'],
        ['Id', 'secret-7'],
        ['Verified', 'true'],
        ['Mark', secret.mark],
      ]),
    );
    expect(cells.flat().join()).toContain(secret.expiration);
    expect(cellsOf(render(request(), record(), undefined))).toContainEqual(['Secret', 'none created']);
  });

  test.each([
    ['minted', /not delivered$/u],
    ['revoked', /revoked/u],
  ] as const)('of a secret that was not delivered: %s', (fate, said) => {
    const cells = cellsOf(render(request(), record({ secret: { ...secret, fate } }), undefined));
    expect(cells.find(([name]) => name === 'Secret')?.[1]).toMatch(said);
  });

  test('of drift', () => {
    const drift = { redirectUris: [['https://a.example/'], ['https://b.example/|x']] } as const;
    expect(cellsOf(render(request(), record({ drift }), undefined))).toContainEqual([
      'redirectUris',
      '["https://a.example/"]',
      '["https://b.example/|x"]',
    ]);
  });

  test.each([
    ['existed before an update', {}, 'Found before'],
    ['remained after an update', { driftLeft: true }, 'Found'],
  ])('of drift that %s', (_, given, heading) => {
    const shown = record({ clientUpdated: true, drift: { clientName: ['a', 'b'] }, ...given });
    expect(cellsOf(render(request(), shown, undefined))).toContainEqual(['Setting', 'Declared', heading]);
  });

  test('of a failure', () => {
    const failure = new Failure('conflict', { operation: 'creating client "invoices"', reason: 'it already exists' });
    const summary = render(request(), record(), failure);
    expect(summary).toContain('❌');
    expect(summary).toContain('**conflict**: creating client "invoices" failed: it already exists.');
  });

  test('and never a credential', () => {
    expect(render(request(), record({ secret }), undefined)).not.toContain('canary');
  });
});

describe('text of others does not become markup', () => {
  const hostile =
    '<img src=x onerror=alert(1)> [click](https://evil.example) **bold** `code` | cell # ~x~ ![i](u) \\| end';
  const own = render(request(), record({ secret, drift: { clientName: ['a', 'b'] } }), undefined);

  /** Markdown's own characters that a backslash cannot escape, outside of code. */
  const bare = (markdown: string) =>
    markdown
      .replaceAll(/\\[\s\S]/gu, '')
      .replaceAll(/`[^`\n]*`/gu, '')
      .match(/[<>[\]*_`~!]|(?<=.)#(?!#)/gu) ?? [];

  test.each(['tenantId', 'id', 'startTime', 'expiration', 'mark', 'wanted', 'found', 'clientId'])('as %s', scope => {
    const at = (name: string, otherwise: string) => (name === scope ? hostile : otherwise);
    const summary = render(
      request({ tenantId: at('tenantId', 'acme') }),
      record({
        clientId: at('clientId', 'invoices'),
        drift: { clientName: [at('wanted', 'a'), at('found', 'b')] },
        secret: {
          ...secret,
          id: at('id', secret.id),
          startTime: at('startTime', secret.startTime),
          expiration: at('expiration', secret.expiration),
          mark: at('mark', secret.mark),
        },
      }),
      undefined,
    );
    expect(bare(summary.replace(/^### .*$/mu, ''))).toEqual([]);
    expect(cellsOf(summary).map(row => row.length)).toEqual(cellsOf(own).map(row => row.length));
    expect(cellsOf(summary).flat().join()).toContain(
      scope === 'wanted' || scope === 'found' ? JSON.stringify(hostile) : hostile,
    );
  });

  test('as a failure', () => {
    const failure = new Failure('unexpected-response', { operation: 'it', reason: hostile });
    const summary = render(request(), record(), failure);
    expect(bare(summary.replace('**unexpected-response**', '').replace(/^### .*$/mu, ''))).toEqual([]);
  });

  test('nor do backticks in a client ID end its code span', () => {
    const heading = render(request(), record({ clientId: 'a`<b>`c' }), undefined).split('\n')[0] ?? '';
    expect(heading.match(/`/gu)).toHaveLength(2);
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
    const shown = render(
      request(),
      record({ secret: { ...secret, id: said } }),
      new Failure('conflict', { operation: said, reason: said }),
    );
    const outside = shown.replaceAll(/`[^`\n]*`/gu, '').replaceAll(/\\(.)/gu, '$1');
    expect(outside).not.toContain(link);
    expect(cellsOf(shown)).toContainEqual(['Id', said]);
  });

  test('nor do control characters appear', () => {
    const said = '\u001b[31mred\u0007 \u009b1m\u202eevil\u2066\u200f\u0000';
    const shown = render(
      request(),
      record({ secret: { ...secret, id: said }, clientId: said }),
      new Failure('conflict', { operation: said, reason: said }),
    );
    expect(shown).not.toMatch(/[[\p{Cc}\p{Bidi_Control}]--[\n]]/v);
    expect(shown).toContain('evil');
  });

  test('nor do line breaks end a row', () => {
    const breaks = fc.constantFrom('\n', '\r\n', '\n\n# heading\n', '\n---\n', '\n- item\n', '\n    code\n');
    fc.assert(
      fc.property(breaks, text => {
        const shown = { ...secret, id: `7${text}x`, startTime: `2027${text}x`, expiration: `2028${text}x` };
        const drift = { clientName: ['a', `b${text}c`] } as const;
        const summary = render(request(), record({ secret: shown, drift }), undefined);
        expect(summary.split(/\r\n|\r|\n/u)).toHaveLength(own.split('\n').length);
      }),
    );
  });
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
    expect(Buffer.byteLength(summary)).toBeLessThan(10_000);
    expect(summary).toContain('| Setting | Declared | Found |');
    expect(summary).toContain('run=1.1 c0ffee');
    expect(summary.match(/…/gu)).toHaveLength(4);
  });

  test('or as its first part, with a line that says so', () => {
    const written = Array.from({ length: 40_000 }, (_, index) => `environment octo-org/octo-repo e${index} as SECRET`);
    const summary = render(
      request(),
      record({ secret, written }),
      new Failure('conflict', { operation: 'it', reason: 'no' }),
    );
    expect(Buffer.byteLength(summary)).toBeLessThan(1024 * 1024);
    expect(Buffer.byteLength(summary)).toBeGreaterThan(1000 * 1000);
    expect(summary).toContain('**conflict**: it failed: no.');
    expect(summary).toMatch(/ as SECRET \|\n\nThe rest is cut: GitHub accepts a summary of 1 MiB from a step\.$/u);
    const why = '😀'.repeat(400_000);
    expect(render(request(), record(), new Failure('conflict', { operation: 'it', reason: why }))).toMatch(
      /^### ❌ Vantage client `invoices`\n\n.*The rest is cut/su,
    );
  });
});
