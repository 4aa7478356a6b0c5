import { describe, expect, test } from '@jest/globals';
import { Failure } from '../../src/model/failure.ts';
import type { DeleteRequest, SweepRequest } from '../../src/model/request.ts';
import { Secret } from '../../src/model/secret.ts';
import { newDeleteRecord } from '../../src/modes/delete/record.ts';
import type { RunRecord } from '../../src/modes/record.ts';
import { newSweepRecord, type SweptClient } from '../../src/modes/sweep/record.ts';
import { leftOut, outputsOf } from '../../src/report/outputs.ts';
import type { StepEnd } from '../../src/report/results.ts';
import { renderSummary } from '../../src/report/summary.ts';
import { expectToFollowSchema } from '../support/schema.ts';
import { WORKFLOW } from '../support/workflow.ts';

const common = {
  vantage: { baseUrl: 'https://vantage.example', tenantId: 'acme', apiVersion: 'v2' },
  signIn: { kind: 'access-token', accessToken: new Secret('canary-of-the-token') },
  run: { dryRun: false, timeout: 300_000, requestTimeout: 30_000, summary: true },
  workflow: WORKFLOW,
  warnings: [],
} as const;
const deletion: DeleteRequest = { ...common, mode: 'delete', clientId: 'invoices' };
const sweep: SweepRequest = {
  ...common,
  mode: 'sweep',
  pattern: { prefix: 'invoices-pr-', suffix: '' },
  maxDeletes: 20,
  concurrency: 8,
  github: { token: new Secret('canary-of-github'), apiUrl: 'https://api.github.com', isOwn: true },
};
const render = (...[request, record, failure]: [DeleteRequest | SweepRequest, RunRecord, Failure | undefined]) =>
  renderSummary(request, record, failure, text => text);
const swept = (pullRequest: number, step: SweptClient['step'], fate: SweptClient['fate']): SweptClient => ({
  clientId: `invoices-pr-${pullRequest}`,
  pullRequest,
  step,
  why: `pull request ${pullRequest} is ${step === 'delete' ? 'closed' : 'open'}`,
  fate,
});
const endOf = (record: RunRecord, failure?: Failure): StepEnd => ({ record, tenant: 'acme', failure });
const outputs = (record: RunRecord, failure?: Failure) => {
  const told = outputsOf(endOf(record, failure), text => text);
  expectToFollowSchema(told);
  return told;
};
const head = (mode: RunRecord['mode']) => ({ schemaVersion: 1, mode, tenant: 'acme' });
const HOSTILE = '<img src=x> [click](https://evil.example) | `cell` **bold**';

/** Markdown's own characters that no backslash takes the power of, outside of code and below the title. */
const bare = (summary: string) =>
  summary
    .replace(/^### .*$/mu, '')
    .replaceAll(/\\.|`[^`\n]*`/gu, '')
    .match(/[<>[\]*`]/gu) ?? [];

describe('a deletion', () => {
  test.each([
    ['unknown', 'not found out', 'false', 'unknown'],
    ['there', 'there', 'false', 'kept'],
    ['gone', 'gone already', 'false', 'absent'],
    ['deleted', 'deleted, with all its secrets', 'true', 'deleted'],
  ] as const)('of a client that is %s', (client, said, isDeleted, outcome) => {
    const record = { ...newDeleteRecord('invoices'), client, changed: client === 'deleted' };
    expect(outputs(record)).toEqual({
      'client-id': 'invoices',
      'client-deleted': isDeleted,
      changed: isDeleted,
      plan: '',
      results: JSON.stringify([
        { ...head('delete'), clientId: 'invoices', outcome, errorCode: '', deletedFromGitHub: [] },
      ]),
    });
    expect(render(deletion, record, undefined)).toContain(`| Client | invoices — ${said} |`);
  });

  test('names what went from GitHub, as text', () => {
    const deletedFromGitHub = [`environment octo-org/octo-repo ${HOSTILE} as A`];
    const summary = render(deletion, { ...newDeleteRecord('invoices'), deletedFromGitHub }, undefined);
    expect(bare(summary)).toEqual([]);
    expect(summary.replaceAll(/\\(.)|`([^`\n]*)`/gu, '$1$2')).toContain(deletedFromGitHub[0]);
  });

  test('names what stays, and why, as text', () => {
    const kept = [{ line: `environment octo-org/octo-repo ${HOSTILE} as A`, why: `variable B there names ${HOSTILE}` }];
    const record = { ...newDeleteRecord('invoices'), kept };
    const summary = render(deletion, record, undefined);
    expect(bare(summary)).toEqual([]);
    expect(summary.replaceAll(/\\(.)|`([^`\n]*)`/gu, '$1$2')).toContain(`| Kept | ${kept[0]?.line}: ${kept[0]?.why} |`);
    expect(JSON.parse(outputs(record).results ?? '')).toEqual([
      { ...head('delete'), clientId: 'invoices', outcome: 'unknown', errorCode: '', deletedFromGitHub: [], kept },
    ]);
  });

  test('that failed says so first', () => {
    const failure = new Failure('unsupported', { operation: 'deleting client "invoices"', reason: 'it answered 405' });
    const [title, , line] = render(deletion, newDeleteRecord('invoices'), failure).split('\n');
    expect(title).toBe('### ❌ Deletion of Vantage client `invoices`');
    expect(line).toBe('**unsupported**: deleting client "invoices" failed: it answered 405.');
    expect(JSON.parse(outputs(newDeleteRecord('invoices'), failure).results ?? '')).toEqual([
      expect.objectContaining({ outcome: 'unknown', errorCode: 'unsupported' }),
    ]);
  });
});

describe('a sweep', () => {
  const clients = [swept(1, 'delete', 'deleted'), swept(2, 'keep', 'kept'), swept(3, 'delete', 'failed')];

  test('tells of every client, those that go first', () => {
    const plan = { ...head('sweep'), steps: [] };
    const record = { ...newSweepRecord(), listed: 99, clients, changed: true, plan };
    expect(outputsOf(endOf(record), text => text)).toMatchObject({ changed: 'true', plan: JSON.stringify(plan) });
    expect(JSON.parse(outputsOf(endOf(record), text => text).results ?? '')).toEqual(
      clients.map((client, index) => ({
        ...head('sweep'),
        outcome: ['deleted', 'kept', 'kept'][index],
        errorCode: '',
        ...client,
      })),
    );
    const summary = render(sweep, record, undefined);
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

  test('of nothing has no empty tables', () => {
    const summary = render(sweep, newSweepRecord(), undefined);
    expect(summary).not.toContain('<details>');
    expect(outputs(newSweepRecord())).toEqual({ changed: 'false', plan: '', results: '[]' });
  });

  test('of very many shows a thousand, and says how many more there are', () => {
    const many = Array.from({ length: 1203 }, (_, index) => swept(index + 1, 'delete', 'deleted'));
    const summary = render(sweep, { ...newSweepRecord(), clients: many }, undefined);
    expect(summary).toContain('| invoices-pr-1000 |');
    expect(summary).not.toContain('| invoices-pr-1001 |');
    expect(summary).toContain('And 203 more.');
  });

  test('shows what others wrote as text', () => {
    const why = `its secrets were created for ${HOSTILE}`;
    const summary = render(sweep, { ...newSweepRecord(), clients: [{ ...swept(1, 'keep', 'kept'), why }] }, undefined);
    expect(bare(summary.replaceAll(/<\/?(?:details|summary)>/gu, ''))).toEqual([]);
    expect(summary.replaceAll(/\\(.)|`([^`\n]*)`/gu, '$1$2')).toContain(HOSTILE);
  });
});

test('a sweep of more clients than the outputs have room for says how many are left out', () => {
  const clients = Array.from({ length: 5000 }, (_, index) => ({
    clientId: `invoices-pr-${index + 1}`,
    pullRequest: index + 1,
    step: 'keep' as const,
    why: `pull request ${index + 1} is open`,
    fate: 'kept' as const,
  }));
  const steps = clients.map(({ fate: _, ...step }) => step);
  const record = { ...newSweepRecord(), clients, plan: { schemaVersion: 1, mode: 'sweep', steps } };
  const { results = '', plan = '' } = outputs(record);
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
  expect(leftOut(endOf(record), text => text)).toContain(`no room for ${5000 - shown.length} of the clients`);
  expect(leftOut(endOf(newSweepRecord()), text => text)).toBeUndefined();
});
