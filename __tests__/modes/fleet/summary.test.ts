import { describe, expect, test } from '@jest/globals';
import { Failure, together, withAdvice } from '../../../src/model/failure.ts';
import type { FleetRequest } from '../../../src/model/request.ts';
import { fleetFailure } from '../../../src/modes/fleet/failure.ts';
import { type EndedClient, newFleetRecord, noteEnd } from '../../../src/modes/fleet/record.ts';
import { summarizeFleet } from '../../../src/modes/fleet/summary.ts';
import type { OrphanedClient } from '../../../src/plan/orphans.ts';
import { renderSummary } from '../../../src/report/summary.ts';
import { readSummary } from '../../support/markdown.ts';
import { ensureRequest } from '../../support/stage.ts';
import { COMMON_REQUEST, RUN } from '../../support/workflow.ts';

const NOW = new Date('2027-01-31T09:00:05Z');

interface Scenario {
  readonly clients: number;
  /** The clients that have ended, by their index. */
  readonly ends?: (index: number) => Partial<EndedClient> | undefined;
  readonly dryRun?: boolean;
  readonly shard?: FleetRequest['shard'];
  readonly orphaned?: readonly OrphanedClient[];
  readonly stopped?: Failure;
}

const nameOf = (index: number) => `client-${index}`;

/** The summary of a fleet, as people read it. */
function summaryOf({ clients, ends = () => ({}), dryRun = false, shard, orphaned = [], stopped }: Scenario) {
  const request: FleetRequest = {
    ...COMMON_REQUEST,
    run: { ...RUN, dryRun },
    clients: Array.from({ length: clients }, (_, index) => ({
      line: index + 2,
      request: ensureRequest([], { client: { clientId: nameOf(index) } }),
    })),
    manifestClientIds: Array.from({ length: clients }, (_, index) => nameOf(index)),
    shard,
    concurrency: 8,
    github: undefined,
  };
  const record = newFleetRecord(request);
  record.orphaned = orphaned;
  record.stopped = stopped;
  for (let index = 0; index < clients; index += 1) {
    const end = ends(index);
    if (end) {
      noteEnd(record, {
        clientId: nameOf(index),
        line: index + 2,
        state: 'unchanged',
        changes: [],
        result: {},
        ...end,
      });
    }
  }
  const failure = fleetFailure(request, record);
  const markdown = renderSummary(
    (markdown, failure) => summarizeFleet({ request, record, markdown, failure }),
    failure,
    text => text,
    NOW,
  );
  return { ...readSummary(markdown), failure, bytes: Buffer.byteLength(markdown) };
}

const refused = (operation: string) =>
  new Failure('github-permission', {
    operation,
    request: 'PUT https://api.github.com/repos/acme/web/actions/secrets/X',
    reason: 'it answered 403',
    advice: 'Give the token Secrets: write.',
  });

describe('the summary of a fleet', () => {
  test('that has nothing to do is one line and its details', () => {
    const { title, headings, folded, alert } = summaryOf({ clients: 1000 });
    expect({ title, headings, folded, alert }).toEqual({
      title: '✅ 1000 clients: 1000 unchanged',
      headings: [],
      folded: ['Details'],
      alert: [],
    });
  });

  test('says what changed, client by client', () => {
    const changes = ['client created', 'new secret in 2 places'];
    const { title, tables } = summaryOf({
      clients: 40,
      shard: { index: 2, count: 5 },
      ends: index => (index % 2 === 0 ? { state: 'changed', changes } : {}),
    });
    expect(title).toBe('✅ 40 clients of shard 2/5: 20 changed, 20 unchanged');
    expect(tables[0]).toMatchObject({ under: 'Changed: 20', head: ['Client', 'What changed'] });
    expect(tables[0]?.rows).toHaveLength(20);
    expect(tables[0]?.rows[0]).toEqual(['client-0', 'client created, new secret in 2 places']);
  });

  test('names what failed first, and what to do about it once', () => {
    const { title, alert, tables, text, failure } = summaryOf({
      clients: 300,
      ends: index =>
        index < 100
          ? { state: 'failed', failure: refused(`writing the secret of ${nameOf(index)}`) }
          : index < 200
            ? { state: 'changed', changes: ['client created'] }
            : index < 290
              ? {}
              : undefined,
      stopped: new Failure('cancelled', { operation: 'the step', reason: 'the workflow was cancelled' }),
    });
    expect(failure?.code).toBe('cancelled');
    expect(title).toBe('❌ 300 clients: 100 failed, 10 not begun, 100 changed, 90 unchanged');
    expect(alert.join('\n')).toMatch(/To do:.*Secrets: write.*Run the job again/su);
    expect(tables.map(({ under, rows }) => [under, rows.length])).toEqual([
      ['Failed: 100', 50],
      ['Not begun: 10', 10],
      ['Changed: 100', 25],
      ['Details', 3],
    ]);
    expect(tables[0]?.rows[0]?.slice(0, 3)).toEqual(['client-0', '2', 'github-permission']);
    expect(text.filter(line => /^And \d+ more\.$/u.test(line))).toEqual(['And 50 more.', 'And 75 more.']);
  });

  test('lists five kinds of advice at most, and the next run', () => {
    const withAdvice = (index: number) =>
      new Failure('conflict', { operation: 'ensuring', reason: 'it is taken', advice: `Choose name ${index}.` });
    const { alert } = summaryOf({ clients: 8, ends: index => ({ state: 'failed', failure: withAdvice(index) }) });
    expect(alert.filter(line => /^(?:Choose|Do|Run)/u.test(line))).toEqual([
      ...['Choose name 0.', 'Choose name 1.', 'Choose name 2.', 'Choose name 3.', 'Choose name 4.'],
      'Do what the log says in the groups of the other clients that failed.',
      'Run the job again. It does only what is left.',
    ]);
  });

  test('says what to do about each target of a client, and in the table only why it failed', () => {
    const partial = new Failure('partial-hand-off', {
      operation: 'writing to every target',
      reason: 'it is kept',
      advice: 'Fix what failed and run the step again.',
      failures: [refused('writing one')],
    });
    expect(summaryOf({ clients: 1, ends: () => ({ state: 'failed', failure: partial }) }).alert).toEqual([
      'To do:',
      '',
      'Give the token Secrets: write.',
      'Run the job again. It does only what is left.',
    ]);
    const failure = together('writing the new secret', [refused('writing one'), refused('writing two')]);
    const { alert, tables } = summaryOf({ clients: 1, ends: () => ({ state: 'failed', failure }) });
    expect(alert).toEqual([
      'To do:',
      '',
      'Give the token Secrets: write.',
      'Run the job again. It does only what is left.',
    ]);
    const at = 'failed at PUT https://api.github.com/repos/acme/web/actions/secrets/X: it answered 403.';
    expect(tables[0]?.rows[0]?.[3]).toBe(`writing the new secret failed: writing one ${at} · writing two ${at}`);
  });

  test('says how to repair targets that no later run repairs, whatever else failed', () => {
    const repair = 'These targets may hold a secret that no longer works: X. Run this step once with `rotate: always`.';
    const partial = new Failure('partial-hand-off', {
      operation: 'writing to every target',
      reason: refused('writing one').message,
      advice: 'Fix what failed and run the step again.',
      failures: [refused('writing one')],
    });
    const alike = together('writing the new secret', [refused('writing one'), refused('writing two')]);
    for (const failure of [partial, alike]) {
      const ends = () => ({ state: 'failed', failure: withAdvice(failure, repair) }) as const;
      const { alert, tables } = summaryOf({ clients: 1, ends });
      expect(alert.join('\n')).toMatch(
        /Give the token.*These targets may hold.*Run this step once with rotate: always.*Run the job again/su,
      );
      expect(tables[0]?.rows[0]?.[3]).toMatch(/it answered 403\.$/u);
    }
  });

  test('says to run the job again if clients are only not begun', () => {
    const { title, alert } = summaryOf({
      clients: 3,
      ends: index => (index === 0 ? {} : undefined),
      stopped: new Failure('timeout', { operation: 'the step', reason: 'its time ran out' }),
    });
    expect(title).toBe('❌ 3 clients: 2 not begun, 1 unchanged');
    expect(alert.join(' ')).toContain('Run the job again.');
  });

  test('does not look fine if only a secret may exist that nobody holds', () => {
    const { title } = summaryOf({ clients: 2, ends: index => (index === 0 ? { secretLost: true } : {}) });
    expect(title).toBe('⚠️ 2 clients: 2 unchanged');
  });

  test('of a dry run shows what a run would do, and its lines', () => {
    const { title, text, tables, diffs, folded } = summaryOf({
      clients: 40,
      dryRun: true,
      ends: index =>
        index < 2
          ? {
              state: 'planned',
              step: { why: 'environment acme/web production as X does not exist yet' },
              lines: [
                { sign: '+', what: 'client', name: nameOf(index) },
                { sign: '+', what: 'secret', name: nameOf(index), note: 'expires 2027-07-31T09:00:00.000Z' },
                { sign: '!', what: 'write', name: 'X of environment acme/web production' },
              ],
            }
          : {},
    });
    expect(title).toBe('📝 Plan for 40 clients: 2 to change, 38 unchanged');
    expect(text).toContain('Dry run: nothing was changed.');
    expect(tables[0]?.rows).toEqual([
      [
        'client-0',
        'create the client, create a secret, write it to 1 place',
        'environment acme/web production as X does not exist yet',
      ],
      [
        'client-1',
        'create the client, create a secret, write it to 1 place',
        'environment acme/web production as X does not exist yet',
      ],
    ]);
    expect(folded).toContain('The plan, line by line');
    expect(diffs[0]).toHaveLength(6);
  });

  test('names clients that are not in the manifest, and what to do with them', () => {
    const { title, alert, tables } = summaryOf({
      clients: 2,
      orphaned: [
        { clientId: 'old', liveSecrets: 2 },
        { clientId: 'older', liveSecrets: null },
      ],
    });
    expect(title).toBe('⚠️ 2 clients: 2 unchanged');
    expect(alert.join(' ')).toContain('mode: delete');
    expect(tables[0]).toMatchObject({
      under: 'Not in the manifest: 2',
      rows: [
        ['old', '2'],
        ['older', 'unknown'],
      ],
    });
  });

  test('does not look fine if settings differ, or if a secret may exist that nobody holds', () => {
    const { title, alert, tables } = summaryOf({
      clients: 3,
      ends: index =>
        index === 0
          ? { differs: ['redirectUris', 'allowNoPkce'] }
          : index === 1
            ? { state: 'changed', secretLost: true }
            : {},
    });
    expect(title).toMatch(/^⚠️ /u);
    expect(alert.join(' ')).toMatch(/delete those secrets.*ifExists: update/u);
    expect(tables.map(({ under }) => under)).toEqual([
      'Changed: 1',
      'Settings differ: 1',
      'Another secret may exist that nobody holds: 1',
      'Details',
    ]);
    expect(tables[1]?.rows).toEqual([['client-0', 'redirectUris, allowNoPkce']]);
  });

  test('of 10,000 clients that all fail with long words is small enough', () => {
    const { bytes, tables } = summaryOf({
      clients: 10_000,
      ends: index => ({ state: 'failed', failure: refused(`writing ${'x'.repeat(5000)} of ${nameOf(index)}`) }),
    });
    expect(bytes).toBeLessThan(256 * 1024);
    expect(tables[0]?.under).toBe('Failed: 10000');
  });
});
