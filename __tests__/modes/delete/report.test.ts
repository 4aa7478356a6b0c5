import { describe, expect, test } from '@jest/globals';
import { Failure } from '../../../src/model/failure.ts';
import type { SweepRequest } from '../../../src/model/request.ts';
import { Secret } from '../../../src/model/secret.ts';
import type { DeleteRequest } from '../../../src/modes/delete/inputs.ts';
import { type DeleteRecord, newDeleteRecord, reportDelete } from '../../../src/modes/delete/record.ts';
import { summarizeDelete } from '../../../src/modes/delete/summary.ts';
import { newSweepRecord, reportSweep, type SweepRecord, type SweptClient } from '../../../src/modes/sweep/record.ts';
import { summarizeSweep } from '../../../src/modes/sweep/summary.ts';
import { type ReportedRun, renderOutputs } from '../../../src/report/outputs.ts';
import { renderSummary } from '../../../src/report/summary.ts';
import { expectToFollowSchema } from '../../support/schema.ts';
import { RUN, WORKFLOW } from '../../support/workflow.ts';

const common = {
  vantage: { baseUrl: 'https://vantage.example', tenantId: 'acme', apiVersion: 'v2' },
  signIn: { kind: 'access-token', accessToken: new Secret('canary-of-the-token') },
  run: RUN,
  workflow: WORKFLOW,
  warnings: [],
} as const;
const deletion: DeleteRequest = { ...common, clientId: 'invoices' };
const sweep: SweepRequest = {
  ...common,
  pattern: { prefix: 'invoices-pr-', suffix: '' },
  maxDeletes: 20,
  concurrency: 8,
  github: { token: new Secret('canary-of-github'), apiUrl: 'https://api.github.com', isOwn: true },
};
const summaryOfDelete = (record: DeleteRecord, failure?: Failure, request = deletion) =>
  renderSummary(
    markdown => summarizeDelete(request, record, markdown),
    failure,
    text => text,
  );
const summaryOfSweep = (record: SweepRecord) =>
  renderSummary(
    markdown => summarizeSweep(sweep, record, markdown),
    undefined,
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

/** Markdown's own characters that a backslash cannot escape, outside of code and below the title. */
const bare = (summary: string) =>
  summary
    .replace(/^### .*$/mu, '')
    .replaceAll(/\\.|`[^`\n]*`/gu, '')
    .match(/[<>[\]*`]/gu) ?? [];

describe('a deletion', () => {
  test.each([
    ['unknown', 'unknown', 'false', 'unknown'],
    ['present', 'exists', 'false', 'kept'],
    ['absent', 'did not exist', 'false', 'absent'],
    ['deleted', 'deleted, with all its secrets', 'true', 'deleted'],
  ] as const)('of a client that is %s', (client, said, isDeleted, outcome) => {
    const record = { ...newDeleteRecord('invoices'), client, changed: client === 'deleted' };
    expect(outputsOfDelete(record)).toEqual({
      'client-id': 'invoices',
      'client-deleted': isDeleted,
      changed: isDeleted,
      plan: '',
      results: JSON.stringify([{ ...head('delete'), clientId: 'invoices', outcome, errorCode: '', cleared: [] }]),
    });
    expect(summaryOfDelete(record)).toContain(`| Client | invoices — ${said} |`);
  });

  test('names what was deleted from GitHub, as text', () => {
    const deletedFromGitHub = [`environment octo-org/octo-repo ${HOSTILE} as A`];
    const summary = summaryOfDelete({ ...newDeleteRecord('invoices'), deletedFromGitHub });
    expect(bare(summary)).toEqual([]);
    expect(summary.replaceAll(/\\(.)|`([^`\n]*)`/gu, '$1$2')).toContain(deletedFromGitHub[0]);
  });

  test('names secrets and variables of the targets in prose, so that nobody mistakes them for the environment', () => {
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
    expect(summary).toContain('| Deleted | secret A in environment "staging" of octo-org/octo-repo |');
    expect(summary).toContain(
      '| Kept | variable B in environment "staging" of octo-org/octo-repo: it names another client |',
    );
  });

  test('names what is kept, and why, as text', () => {
    const kept = [{ line: `environment octo-org/octo-repo ${HOSTILE} as A`, why: `variable B there names ${HOSTILE}` }];
    const record = { ...newDeleteRecord('invoices'), kept };
    const summary = summaryOfDelete(record);
    expect(bare(summary)).toEqual([]);
    expect(summary.replaceAll(/\\(.)|`([^`\n]*)`/gu, '$1$2')).toContain(`| Kept | ${kept[0]?.line}: ${kept[0]?.why} |`);
    expect(JSON.parse(outputsOfDelete(record).results ?? '')).toEqual([
      { ...head('delete'), clientId: 'invoices', outcome: 'unknown', errorCode: '', cleared: [], kept },
    ]);
  });

  test('that failed says so first', () => {
    const failure = new Failure('unsupported', { operation: 'deleting client "invoices"', reason: 'it answered 405' });
    const [title, , line] = summaryOfDelete(newDeleteRecord('invoices'), failure).split('\n');
    expect(title).toBe('### ❌ Deletion of Vantage client `invoices`');
    expect(line).toBe('**unsupported**: deleting client "invoices" failed: it answered 405.');
    expect(JSON.parse(outputsOfDelete(newDeleteRecord('invoices'), failure).results ?? '')).toEqual([
      expect.objectContaining({ outcome: 'unknown', errorCode: 'unsupported' }),
    ]);
  });
});

describe('a sweep', () => {
  const clients = [swept(1, 'delete', 'deleted'), swept(2, 'keep', 'kept'), swept(3, 'delete', 'failed')];

  test('lists every client, deleted ones first', () => {
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
    const summary = summaryOfSweep(record);
    for (const row of [
      '| Tenant | acme, 99 clients |',
      '| Match the pattern | 3 |',
      '| Of closed pull requests | 2 |',
      '| Deleted | 1 |',
      '<summary>Of closed pull requests: 2</summary>',
      '<summary>Kept: 1</summary>',
    ]) {
      expect(summary).toContain(row);
    }
    expect(summary.indexOf('| invoices-pr-3 |')).toBeLessThan(summary.indexOf('| invoices-pr-2 |'));
  });

  test.each<readonly [Partial<SweptClient>, Readonly<Record<string, unknown>>]>([
    [{ fate: 'to be deleted' }, { outcome: 'kept', errorCode: '' }],
    [{ fate: 'gone' }, { outcome: 'absent', errorCode: '' }],
    [
      { fate: 'failed', failure: { code: 'conflict', outcomeUnknown: false } },
      { outcome: 'kept', errorCode: 'conflict' },
    ],
    [
      { fate: 'failed', failure: { code: 'vantage-unavailable', outcomeUnknown: true } },
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
    expect(summary).not.toContain('<details>');
    expect(report(reportSweep(newSweepRecord())).outputs).toEqual({ changed: 'false', plan: '', results: '[]' });
  });

  test('of very many shows a thousand, and the number of the others', () => {
    const many = Array.from({ length: 1203 }, (_, index) => swept(index + 1, 'delete', 'deleted'));
    const summary = summaryOfSweep({ ...newSweepRecord(), clients: many });
    expect(summary).toContain('| invoices-pr-1000 |');
    expect(summary).not.toContain('| invoices-pr-1001 |');
    expect(summary).toContain('And 203 more.');
  });

  test('shows what others wrote as text', () => {
    const why = `its secrets were created for ${HOSTILE}`;
    const summary = summaryOfSweep({ ...newSweepRecord(), clients: [{ ...swept(1, 'keep', 'kept'), why }] });
    expect(bare(summary.replaceAll(/<\/?(?:details|summary)>/gu, ''))).toEqual([]);
    expect(summary.replaceAll(/\\(.)|`([^`\n]*)`/gu, '$1$2')).toContain(HOSTILE);
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
