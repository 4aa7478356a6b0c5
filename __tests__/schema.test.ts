import { describe, expect, test } from '@jest/globals';
import { schemaFile } from '../scripts/generate/schema.ts';
import { Plan } from '../scripts/schema/plan.ts';
import { Results } from '../scripts/schema/results.ts';
import { schemaText, violationsOf } from './support/json-schemas.ts';
import { type Step, warningsOf } from './support/step.ts';
import { CLIENT_ID, World } from './support/world.ts';

// Every other test that runs a step checks its outputs against the schemas as well.

const resultOf = (step: Step) => JSON.parse(step.outputs.results ?? '')[0];
const planOf = (step: Step) => JSON.parse(step.outputs.plan ?? '');

describe('the JSON Schema of', () => {
  test.each([
    ['results', Results],
    ['plan', Plan],
  ])('%s is the one that ships with the action', (output, source) => {
    expect(schemaText(output)).toBe(schemaFile(source));
  });

  test.each<readonly ['results' | 'plan', unknown]>([
    ['results', [{ clientId: CLIENT_ID, client: 'kept', written: [], pruned: [] }]],
    ['results', [{ schemaVersion: 1, mode: 'delete', tenant: 'a', clientId: 'b', errorCode: '', cleared: [] }]],
    ['results', {}],
    ['plan', { schemaVersion: 2, mode: 'audit', clients: 1 }],
    ['plan', { schemaVersion: 1, mode: 'audit', clients: 1, more: true }],
    ['plan', { clients: 1 }],
  ])('%s rejects %j', (output, value) => {
    expect(violationsOf(output, JSON.stringify(value))).not.toEqual([]);
  });
});

describe('a result', () => {
  test('of a refused sign-in does not say that the client is kept', async () => {
    await using world = await World.open({ vantage: { clients: [{ clientId: CLIENT_ID }] } });
    const step = await world.step({ 'auth-client-secret': 'not-the-secret-of-anybody' });
    expect(resultOf(step)).toEqual({
      schemaVersion: 1,
      mode: 'ensure',
      tenant: world.vantage.tenantId,
      clientId: CLIENT_ID,
      outcome: 'unknown',
      errorCode: 'authentication-failed',
      reason: null,
      expiration: null,
      rotationDue: null,
      liveSecrets: null,
      written: [],
      pruned: [],
    });
    expect(step.outputs.plan).toBe('');
  });

  test('reports the outcome of the client and of the secret', async () => {
    await using world = await World.open();
    const step = await world.step();
    const [secret] = world.secrets();
    expect(resultOf(step)).toMatchObject({
      mode: 'ensure',
      tenant: world.vantage.tenantId,
      outcome: 'created',
      errorCode: '',
      reason: 'always',
      expiration: secret?.expiration,
      rotationDue: step.outputs['rotation-due'],
      liveSecrets: 1,
    });
    expect(planOf(step)).toMatchObject({ schemaVersion: 1, mode: 'ensure', reason: 'always', why: 'rotate is always' });
    const again = await world.step({ rotate: 'never' });
    expect(resultOf(again)).toMatchObject({ outcome: 'kept', reason: 'never', expiration: null, liveSecrets: null });
    expect(planOf(again)).toMatchObject({ secret: 'none', reason: 'never' });
  });
});

test('a step that always adds a secret, and deletes none, logs a warning once there are ten', async () => {
  await using world = await World.open({ vantage: { clients: [{ clientId: CLIENT_ID }] } });
  const first = await world.step();
  expect({ live: resultOf(first).liveSecrets, warnings: warningsOf(first) }).toEqual({ live: 1, warnings: [] });

  // Eight more such runs, and one secret that somebody else created.
  const { secrets, ...client } = world.client();
  const made = secrets.map(({ description, startTime, expiration }) => ({ description, startTime, expiration }));
  const others = Array.from({ length: 8 }, () => made).flat();
  world.vantage.addClient(client, [...secrets, ...others, { description: 'made by hand' }]);
  const tenth = await world.step();
  expect(resultOf(tenth).liveSecrets).toBe(10);
  expect(warningsOf(tenth)).toEqual([
    'Client "invoices" has 10 live secrets that the action created for this repository, including this one, and nothing deletes superseded secrets. Set `prune-after` to delete them, or set `rotate: when-due` to create fewer secrets.',
  ]);
});
