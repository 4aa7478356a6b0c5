import { describe, expect, test } from '@jest/globals';
import { Failure } from '../../../src/model/failure.ts';
import type { DeleteRequest, SweepRequest } from '../../../src/model/request.ts';
import { Secret } from '../../../src/model/secret.ts';
import { type DeleteRecord, newDeleteRecord, reportDelete } from '../../../src/modes/delete/record.ts';
import { summarizeDelete } from '../../../src/modes/delete/summary.ts';
import { newSweepRecord, reportSweep, type SweepRecord, type SweptClient } from '../../../src/modes/sweep/record.ts';
import { summarizeSweep } from '../../../src/modes/sweep/summary.ts';
import { type ReportedRun, renderOutputs } from '../../../src/report/outputs.ts';
import { renderSummary } from '../../../src/report/summary.ts';
import { readSummary } from '../../support/markdown.ts';
import { expectToFollowSchema } from '../../support/schema.ts';
import { COMMON_REQUEST, RUN } from '../../support/workflow.ts';

const deletion: DeleteRequest = { ...COMMON_REQUEST, clientId: 'invoices' };
const sweep: SweepRequest = {
  ...COMMON_REQUEST,
  pattern: { prefix: 'invoices-pr-', suffix: '' },
  maxDeletes: 20,
  concurrency: 8,
  github: { token: new Secret('canary-of-github'), apiUrl: 'https://api.github.com', isOwn: true },
};
const summaryOfDelete = (record: DeleteRecord, failure?: Failure, request = deletion) =>
  renderSummary(
    (markdown, failure) => summarizeDelete({ request, record, markdown, failure }),
    failure,
    text => text,
  );
const summaryOfSweep = (record: SweepRecord, failure?: Failure, request = sweep) =>
  renderSummary(
    (markdown, failure) => summarizeSweep({ request, record, markdown, failure }),
    failure,
    text => text,
  );
const swept = (pullRequest: number, step: SweptClient['step'], fate: SweptClient['fate']): SweptClient => ({
  clientId: `invoices-pr-${pullRequest}`,
  pullRequest,
  step,
  why: `pull request ${pullRequest} is ${step === 'delete' ? 'closed' : 'open'}`,
  fate,
});
const report = (run: ReportedRun, failure?: Failure) => {
  const rendered = renderOutputs(run, { tenant: 'acme', failure }, text => text);
  expectToFollowSchema(rendered.outputs);
  return rendered;
};
const outputsOfDelete = (record: DeleteRecord, failure?: Failure) => report(reportDelete(record), failure).outputs;
const head = (mode: 'delete' | 'sweep') => ({ schemaVersion: 1, mode, tenant: 'acme' });
const HOSTILE = '<img src=x> [click](https://evil.example) | `cell` **bold**';

/** As people read it, without what stands between pieces of code, or for a backtick in it. */
const loose = (text: string) => text.replaceAll(/[`'|\s]+/gu, '');
const shows = (summary: string, text: string) => loose(JSON.stringify(readSummary(summary))).includes(loose(text));

describe('a deletion', () => {
  test.each([
    ['absent', 'nothing to delete, the client did not exist', 'false', 'absent'],
    ['deleted', 'client deleted with all its secrets', 'true', 'deleted'],
  ] as const)('of a client that is %s', (client, said, isDeleted, outcome) => {
    const record = { ...newDeleteRecord('invoices'), client, changed: client === 'deleted' };
    expect(outputsOfDelete(record)).toEqual({
      'client-id': 'invoices',
      'client-deleted': isDeleted,
      changed: isDeleted,
      plan: '',
      results: JSON.stringify([{ ...head('delete'), clientId: 'invoices', outcome, errorCode: '', cleared: [] }]),
    });
    expect(readSummary(summaryOfDelete(record)).title).toBe(`✅ invoices: ${said}`);
  });

  test('names what was deleted from GitHub, as text', () => {
    const deletedFromGitHub = [`environment octo-org/octo-repo ${HOSTILE} as A`];
    const summary = summaryOfDelete({ ...newDeleteRecord('invoices'), client: 'absent', deletedFromGitHub });
    expect(shows(summary, deletedFromGitHub[0] ?? '')).toBe(true);
    expect(readSummary(summary).title).toBe(
      '✅ invoices: 1 secret or variable deleted on GitHub, the client did not exist',
    );
  });

  test('names the place and the name of each secret and variable, and those first that were not deleted', () => {
    const scope = {
      kind: 'environment',
      app: 'actions',
      owner: 'octo-org',
      repo: 'octo-repo',
      environment: 'staging',
    } as const;
    const github = { ...sweep.github, targets: [{ scope, secretName: 'A' }], clientIdVariable: 'B' };
    const record = {
      ...newDeleteRecord('invoices'),
      deletedFromGitHub: ['environment octo-org/octo-repo staging as A'],
      kept: [{ line: 'variable B of environment octo-org/octo-repo staging', why: 'it names another client' }],
    };
    const summary = summaryOfDelete(record, undefined, { ...deletion, github });
    expect(readSummary(summary).tables[0]?.rows).toEqual([
      ['environment staging of octo-org/octo-repo', 'variable B', '⚠️ kept: it names another client'],
      ['environment staging of octo-org/octo-repo', 'secret A', 'deleted'],
    ]);
    const notDeleted = [{ line: 'environment octo-org/octo-repo staging as A', why: 'not deleted: it answered 403' }];
    const failed = summaryOfDelete({ ...record, deletedFromGitHub: [], notDeleted }, undefined, {
      ...deletion,
      github,
    });
    expect(readSummary(failed).tables[0]?.rows).toEqual([
      ['environment staging of octo-org/octo-repo', 'secret A', '❌ not deleted: it answered 403'],
      ['environment staging of octo-org/octo-repo', 'variable B', '⚠️ kept: it names another client'],
    ]);
  });

  test('names what is kept, and why, as text', () => {
    const kept = [{ line: `environment octo-org/octo-repo ${HOSTILE} as A`, why: `variable B there names ${HOSTILE}` }];
    const record = { ...newDeleteRecord('invoices'), kept };
    const summary = summaryOfDelete({ ...record, client: 'deleted' });
    expect(shows(summary, kept[0]?.line ?? '')).toBe(true);
    expect(shows(summary, `⚠️ kept: ${kept[0]?.why}`)).toBe(true);
    const { title, alert } = readSummary(summary);
    expect(title).toBe('⚠️ invoices: client deleted with all its secrets, 1 kept on GitHub');
    expect(alert).toEqual(['To do: Look at what was kept, and delete by hand what nothing uses any more.']);
    expect(JSON.parse(outputsOfDelete(record).results ?? '')).toEqual([
      { ...head('delete'), clientId: 'invoices', outcome: 'unknown', errorCode: '', cleared: [], kept },
    ]);
  });

  test('that failed says so first', () => {
    const failure = new Failure('unsupported', { operation: 'deleting client "invoices"', reason: 'it answered 405' });
    const deletedFromGitHub = ['environment octo-org/octo-repo staging as A'];
    const { title, alert, text, tables } = readSummary(
      summaryOfDelete({ ...newDeleteRecord('invoices'), deletedFromGitHub, client: 'present' }, failure),
    );
    expect(title).toBe('❌ invoices: deleting the client failed');
    expect(alert).toEqual(['Why: it answered 405.']);
    expect(text).toEqual(['Error code unsupported', 'The client was kept.']);
    expect(tables[0]?.rows).toEqual([[deletedFromGitHub[0], '', 'deleted']]);
    expect(JSON.parse(outputsOfDelete(newDeleteRecord('invoices'), failure).results ?? '')).toEqual([
      expect.objectContaining({ outcome: 'unknown', errorCode: 'unsupported' }),
    ]);
  });
});

describe('the dry run of a deletion', () => {
  const dry = (lines: DeleteRecord['lines'], kept?: DeleteRecord['kept']) =>
    readSummary(
      summaryOfDelete(
        { ...newDeleteRecord('invoices'), ...(lines ? { lines } : {}), ...(kept ? { kept } : {}) },
        undefined,
      ),
    );

  test('shows what a run deletes', () => {
    const { title, diffs, text } = dry([
      { sign: '-', what: 'secret', name: 'A of environment a/b c' },
      { sign: '-', what: 'variable', name: 'B of environment a/b c' },
      { sign: '-', what: 'client', name: 'invoices', note: 'with all its secrets' },
    ]);
    expect(title).toBe('📝 Plan for invoices: delete the client, delete 2 secrets and variables on GitHub');
    expect(text).toEqual(['Dry run: nothing was changed.']);
    expect(diffs).toEqual([
      [
        '- secret    A of environment a/b c',
        '- variable  B of environment a/b c',
        '- client    invoices · with all its secrets',
      ],
    ]);
  });

  test('says if there is nothing to delete, if the client may be missing, and what is kept', () => {
    expect(dry([])).toMatchObject({ title: '📝 Plan for invoices: nothing to do', diffs: [] });
    expect(dry([{ sign: '-', what: 'client', name: 'invoices', note: 'if it exists' }]).title).toBe(
      '📝 Plan for invoices: delete the client if it exists',
    );
    expect(dry([], [{ line: 'A', why: 'it names another' }]).title).toBe(
      '📝 Plan for invoices: nothing to do, 1 kept on GitHub',
    );
  });
});

describe('a sweep', () => {
  const clients = [swept(1, 'delete', 'deleted'), swept(2, 'keep', 'kept'), swept(3, 'delete', 'failed')];

  test('lists every client, those that failed first', () => {
    const plan = { ...head('sweep'), steps: [] };
    const record = { ...newSweepRecord(), listed: 99, clients, changed: true, plan };
    const { outputs } = renderOutputs(reportSweep(record), { tenant: 'acme', failure: undefined }, text => text);
    expect(outputs).toMatchObject({ changed: 'true', plan: JSON.stringify(plan) });
    expect(JSON.parse(outputs.results ?? '')).toEqual(
      clients.map((client, index) => ({
        ...head('sweep'),
        outcome: ['deleted', 'kept', 'kept'][index],
        errorCode: '',
        ...client,
      })),
    );
    const { title, text, tables, folded } = readSummary(summaryOfSweep(record));
    expect(title).toBe('✅ invoices-pr-{pr}: 1 client deleted, 1 failed, 1 kept');
    expect(text).toEqual(['99 clients in the tenant, 3 of them like invoices-pr-{pr}']);
    expect(tables.slice(0, 2).map(({ under, rows }) => [under, rows])).toEqual([
      [
        'Of closed pull requests: 2',
        [
          ['invoices-pr-3', '#3', '❌ failed'],
          ['invoices-pr-1', '#1', 'deleted, with all its secrets'],
        ],
      ],
      ['Kept: 1', [['invoices-pr-2', 'pull request 2 is open']]],
    ]);
    expect(folded).toEqual(['Kept: 1', 'Details']);
    expect(summaryOfSweep(record)).toContain('[`#1`](https://github.com/octo-org/octo-repo/pull/1)');
  });

  test.each<readonly [string, readonly SweptClient[], string]>([
    ['nothing', [], 'nothing to delete'],
    ['open ones', [swept(1, 'keep', 'kept')], 'nothing to delete, 1 kept'],
    [
      'one that is gone',
      [swept(1, 'delete', 'gone'), swept(2, 'delete', 'deleted')],
      '1 client deleted, 1 gone already',
    ],
    ['one that was reopened', [swept(1, 'delete', 'kept')], '1 kept'],
    [
      'those that were not tried',
      [swept(1, 'delete', 'deleted'), swept(2, 'delete', 'to be deleted')],
      '1 client deleted, 1 not tried',
    ],
  ])('says in its title how it went: %s', (_, found, verdict) => {
    expect(readSummary(summaryOfSweep({ ...newSweepRecord(), clients: found })).title).toBe(
      `✅ invoices-pr-{pr}: ${verdict}`,
    );
  });

  test('as a dry run shows what a run deletes, and folds what it keeps', () => {
    const request = { ...sweep, run: { ...RUN, dryRun: true } };
    const found = [swept(1, 'delete', 'to be deleted'), swept(2, 'keep', 'kept')];
    const { title, text, headings, folded, tables } = readSummary(
      summaryOfSweep({ ...newSweepRecord(), clients: found }, undefined, request),
    );
    expect(title).toBe('📝 Plan for invoices-pr-{pr}: delete 1 client, keep 1');
    expect(text[0]).toBe('Dry run: nothing was changed.');
    expect({ headings, folded }).toEqual({ headings: ['To delete: 1'], folded: ['Kept: 1', 'Details'] });
    expect(tables[0]?.rows).toEqual([['invoices-pr-1', '#1']]);
    expect(readSummary(summaryOfSweep(newSweepRecord(), undefined, request)).title).toBe(
      '📝 Plan for invoices-pr-{pr}: nothing to delete',
    );
  });

  test('that keeps what nobody can decide shows it, and says what to do', () => {
    const found: readonly SweptClient[] = [
      { ...swept(1, 'keep', 'kept'), unproven: true, why: 'none of its secrets has an ownership mark' },
      { ...swept(2, 'keep', 'kept'), unreadable: true, why: 'pull request 2 cannot be read: it answered 403' },
      swept(3, 'keep', 'kept'),
    ];
    const { title, alert, tables, headings } = readSummary(summaryOfSweep({ ...newSweepRecord(), clients: found }));
    expect(title).toBe('⚠️ invoices-pr-{pr}: nothing to delete, 3 kept');
    expect(alert.slice(2)).toEqual([
      expect.stringMatching(/^In Vantage, delete by hand/u),
      expect.stringMatching(/^Find out why/u),
    ]);
    expect(headings).toEqual(['Kept, and needs a look: 2']);
    expect(tables[0]?.rows).toEqual(
      found.slice(0, 2).map(({ clientId, pullRequest, why }) => [clientId, `#${pullRequest}`, why]),
    );
    expect(tables[1]?.rows).toHaveLength(1);
  });

  test('that would delete too much says so, and shows what', () => {
    const failure = new Failure('too-many-deletes', {
      operation: 'sweeping',
      reason: 'too many',
      advice: 'Increase it.',
    });
    const found = Array.from({ length: 30 }, (_, index) => swept(index + 1, 'delete', 'to be deleted'));
    const { title, headings, tables } = readSummary(summaryOfSweep({ ...newSweepRecord(), clients: found }, failure));
    expect(title).toBe(
      '❌ invoices-pr-{pr}: nothing deleted, because 30 clients are more than max-deletes, which is 20',
    );
    expect(headings).toEqual(['To delete: 30']);
    expect(tables[0]?.rows).toHaveLength(30);
  });

  test('that failed says how far it came, and why each deletion failed', () => {
    const failure = new Failure('conflict', { operation: 'deleting the clients', reason: 'it answered 409' });
    const failed = new Failure('conflict', {
      operation: 'deleting it',
      reason: 'it answered 409',
      outcomeUnknown: false,
    });
    const lost = new Failure('conflict', { ...failed.parts, reason: 'no response', outcomeUnknown: true });
    const found = [
      swept(1, 'delete', 'deleted'),
      { ...swept(2, 'delete', 'failed'), failure: failed },
      { ...swept(3, 'delete', 'failed'), failure: lost },
    ];
    const { title, tables } = readSummary(summaryOfSweep({ ...newSweepRecord(), clients: found }, failure));
    expect(title).toBe('❌ invoices-pr-{pr}: 1 client deleted, 2 failed');
    expect(tables[0]?.rows.slice(0, 2).map(row => row[2])).toEqual([
      '❌ failed: it answered 409',
      '❌ failed: no response. It may have taken effect.',
    ]);
    expect(readSummary(summaryOfSweep(newSweepRecord(), failure)).title).toBe(
      '❌ invoices-pr-{pr}: deleting the clients failed',
    );
  });

  test.each<readonly [Partial<SweptClient>, Readonly<Record<string, unknown>>]>([
    [{ fate: 'to be deleted' }, { outcome: 'kept', errorCode: '' }],
    [{ fate: 'gone' }, { outcome: 'absent', errorCode: '' }],
    [
      {
        fate: 'failed',
        failure: new Failure('conflict', {
          operation: 'deleting it',
          reason: 'it answered 409',
          outcomeUnknown: false,
        }),
      },
      { outcome: 'kept', errorCode: 'conflict' },
    ],
    [
      {
        fate: 'failed',
        failure: new Failure('vantage-unavailable', {
          operation: 'deleting it',
          reason: 'it answered 503',
          outcomeUnknown: true,
        }),
      },
      { outcome: 'unknown', errorCode: 'vantage-unavailable' },
    ],
    [
      { step: 'keep', fate: 'kept', unproven: true },
      { outcome: 'kept', errorCode: '', unproven: true },
    ],
  ])('reports a client with %j', (given, reported) => {
    const client = { ...swept(7, 'delete', 'deleted'), ...given };
    const { failure: _, ...known } = client;
    expect(JSON.parse(report(reportSweep({ ...newSweepRecord(), clients: [client] })).outputs.results ?? '')).toEqual([
      { ...head('sweep'), ...known, ...reported },
    ]);
  });

  test('of nothing has no empty tables', () => {
    const summary = summaryOfSweep(newSweepRecord());
    expect(readSummary(summary).folded).toEqual(['Details']);
    expect(report(reportSweep(newSweepRecord())).outputs).toEqual({ changed: 'false', plan: '', results: '[]' });
  });

  test('of very many shows a hundred of what it deletes, and the number of the others', () => {
    const many = Array.from({ length: 1203 }, (_, index) => swept(index + 1, 'delete', 'deleted'));
    const { tables, text } = readSummary(summaryOfSweep({ ...newSweepRecord(), clients: many }));
    expect(tables[0]?.rows).toHaveLength(100);
    expect(text).toContain('And 1103 more, in the results output.');
  });

  test('shows what others wrote as text', () => {
    const why = `its secrets were created for ${HOSTILE}`;
    for (const given of [{}, { unproven: true }] as const) {
      const summary = summaryOfSweep({
        ...newSweepRecord(),
        clients: [{ ...swept(1, 'keep', 'kept'), ...given, why }],
      });
      expect(shows(summary, HOSTILE)).toBe(true);
    }
  });
});

test('a sweep of more clients than fit into the outputs reports how many are left out', () => {
  const clients = Array.from({ length: 5000 }, (_, index) => ({
    clientId: `invoices-pr-${index + 1}`,
    pullRequest: index + 1,
    step: 'keep' as const,
    why: `pull request ${index + 1} is open`,
    fate: 'kept' as const,
  }));
  const steps = clients.map(({ fate: _, ...step }) => step);
  const record = { ...newSweepRecord(), clients, plan: { schemaVersion: 1, mode: 'sweep', steps } };
  const rendered = report(reportSweep(record));
  const { results = '', plan = '' } = rendered.outputs;
  const shown: unknown[] = JSON.parse(results);
  expect(results.length).toBeLessThan(2 ** 19);
  expect(plan.length).toBeLessThan(2 ** 19);
  expect(shown).toEqual(
    clients.slice(0, shown.length).map(client => ({ ...head('sweep'), outcome: 'kept', errorCode: '', ...client })),
  );
  const planned = JSON.parse(plan);
  expect(planned).toEqual({ ...record.plan, steps: steps.slice(0, planned.steps.length) });
  expect(planned.steps.length).toBeGreaterThan(1000);
  expect(shown.length).toBeLessThan(5000);
  expect(rendered.cut).toContain(`too small for ${5000 - shown.length} of the clients`);
  expect(report(reportSweep(newSweepRecord())).cut).toBeUndefined();
});
