import { describe, expect, test } from '@jest/globals';
import { type EndedClient, newFleetRecord, noteEnd, planOf, reportFleet } from '../../../src/modes/fleet/record.ts';
import { renderOutputs } from '../../../src/report/outputs.ts';
import { ensureRequest } from '../../support/stage.ts';

const nameOf = (index: number) => `client-${index}`;

/** The outputs of a run with so many clients, each of which ended like this, and what they are too small for. */
function outputsOf(clients: number, endOf: (index: number) => Partial<EndedClient> | undefined) {
  const record = newFleetRecord({
    clients: Array.from({ length: clients }, (_, index) => ({
      line: index + 2,
      request: ensureRequest([], { client: { clientId: nameOf(index) } }),
    })),
  });
  for (let index = 0; index < clients; index += 1) {
    const clientId = nameOf(index);
    const end = endOf(index);
    if (end) {
      noteEnd(record, { clientId, line: index + 2, state: 'unchanged', changes: [], result: { clientId }, ...end });
    }
  }
  record.plan = planOf(record);
  const { outputs, cut } = renderOutputs(reportFleet(record), { tenant: 'acme', failure: undefined }, text => text);
  const results: readonly { readonly clientId: string }[] = JSON.parse(outputs.results ?? '[]');
  return { outputs, plan: JSON.parse(outputs.plan ?? 'null'), ids: results.map(({ clientId }) => clientId), cut };
}

describe('the outputs of a fleet', () => {
  test('are those of all modes, and none that only one client can have', () => {
    expect(Object.keys(outputsOf(1, () => ({})).outputs)).toEqual(['changed', 'plan', 'results']);
    expect(reportFleet(newFleetRecord({ clients: [] })).outputs(String)).toEqual({});
  });

  test('list the clients that need a look first', () => {
    const states = ['unchanged', 'planned', undefined, 'changed', 'failed'] as const;
    const { ids } = outputsOf(5, index => states[index] && { state: states[index] });
    expect(ids).toEqual(['client-4', 'client-1', 'client-3', 'client-2', 'client-0']);
  });

  test('say which results they contain if they are too small for all', () => {
    const long = 'x'.repeat(1000);
    const { ids, cut } = outputsOf(1000, index => ({
      state: index < 900 ? 'unchanged' : 'failed',
      result: { clientId: nameOf(index), expiration: long },
    }));
    expect(ids.slice(0, 101)).toEqual([...Array.from({ length: 100 }, (_, index) => nameOf(900 + index)), nameOf(0)]);
    expect(cut).toBe(
      `The \`results\` output is too small for ${1000 - ids.length} of the clients. It contains those that failed or changed.`,
    );
  });

  test('have the first 3000 steps of a plan, and count the others', () => {
    const { plan, cut } = outputsOf(3002, index => ({ state: 'planned', step: { clientId: nameOf(index) } }));
    expect(plan).toMatchObject({ clients: 3002, toDo: 3002 });
    expect(plan.steps).toEqual(Array.from({ length: 3000 }, (_, index) => ({ clientId: nameOf(index) })));
    expect(cut).toBe('The `plan` output is too small for 2 of its steps.');
  });
});
