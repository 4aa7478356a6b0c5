import { describe, expect, test } from '@jest/globals';
import { encodingsOf } from './support/leaks.ts';
import { errorOf, expectDelivered, warningsOf } from './support/step.ts';
import { World } from './support/world.ts';

describe('outputs for other programs', () => {
  test.each(['prod', 'true', 'keep', 'mint'])('are correct with the credential %s', async word => {
    await using world = await World.open();
    const clientId = `invoices-prod-${word}`;
    const step = await world.step({ 'client-id': clientId, rotate: 'when-due', 'current-secret': word });
    expectDelivered(step, world.secrets(clientId));
    expect(step.outputs).toMatchObject({
      'client-id': clientId,
      changed: 'true',
      'client-created': 'true',
      'secret-created': 'true',
      verified: 'true',
    });
    expect(JSON.parse(step.outputs.results ?? '')).toEqual([
      expect.objectContaining({ clientId, outcome: 'created', secret: expect.objectContaining({ verified: 'true' }) }),
    ]);
    expect(JSON.parse(step.outputs.plan ?? '')).toMatchObject({ clientId, client: 'create', secret: 'mint' });
    expect(Object.values(step.outputs).join('\n')).not.toContain('***');
  });

  test('show no credential that a server echoes, in any form', async () => {
    await using world = await World.open();
    const { clientSecret } = world.vantage.administrator;
    for (const { form, text } of encodingsOf(clientSecret)) {
      const body = {
        clientId: 'invoices',
        clientName: `It is ${text}`,
        allowedScopes: [text],
        redirectUris: [`https://example.com/${text}`],
      };
      world.vantage.faults.clear();
      world.vantage.faults.add({ on: 'readClient', mishap: { kind: 'answer', status: 200, body } });
      // The step itself checks everything that it wrote for leaks.
      const step = await world.step({ 'dry-run': 'true', 'client-name': 'Invoices' });
      expect(errorOf(step)).toBe('');
      const drift = JSON.parse(step.outputs['client-drift'] ?? '');
      expect({ form, drift }).toEqual({
        form,
        drift: expect.objectContaining({ clientName: ['Invoices', expect.stringMatching(/^It is \S{0,3}\*{3}$/u)] }),
      });
    }
  });
});

test('also hide a secret that the server uses as a keyword of the action, or as a name', async () => {
  await using world = await World.open();
  const { clientSecret } = world.vantage.administrator;
  const clientName = { secret: clientSecret, reason: [clientSecret], [clientSecret]: { drift: clientSecret } };
  const body = { clientId: 'invoices', clientName };
  world.vantage.faults.add({ on: 'readClient', mishap: { kind: 'answer', status: 200, body } });
  // The step itself checks everything that it wrote for leaks.
  const { outputs } = await world.step({ 'dry-run': 'true', 'client-name': 'Invoices' });
  const drift = { clientName: ['Invoices', { secret: '***', reason: ['***'], '***': { drift: '***' } }] };
  expect(JSON.parse(outputs['client-drift'] ?? '')).toEqual(drift);
  expect(JSON.parse(outputs.plan ?? '').drift).toEqual(drift);
});

describe('a server that sends too much', () => {
  /** A client whose name has this number of characters. */
  async function stepWith(characters: number, inputs: Record<string, string> = {}) {
    await using world = await World.open({ vantage: { clients: [{ clientId: 'invoices' }] } });
    const body = { clientId: 'invoices', clientName: `It is ${'<'.repeat(characters)}` };
    world.vantage.faults.add({ on: 'readClient', mishap: { kind: 'answer', status: 200, body } });
    return await world.step({ 'client-name': 'Invoices', ...inputs });
  }
  const longestLine = (log: string) => Math.max(...log.split('\n').map(({ length }) => length));

  test.each([{ 'dry-run': 'true' }, {}])(
    'causes no endless line, and no summary that GitHub drops (%j)',
    async inputs => {
      const step = await stepWith(400_000, inputs);
      expect(longestLine(step.log)).toBeLessThan(2000);
      expect(step.log).toContain('"It is <<<');
      expect(Buffer.byteLength(step.summary)).toBeLessThan(10_000);
      expect(JSON.parse(step.outputs['client-drift'] ?? '').clientName[1]).toHaveLength(400_006);
    },
  );

  test('fills the outputs as far as GitHub accepts, and the step reports what is truncated', async () => {
    const step = await stepWith(600_000, { 'dry-run': 'true' });
    const drift = JSON.parse(step.outputs['client-drift'] ?? '');
    expect(drift.clientName).toEqual(['Invoices', expect.stringMatching(/^"It is <{200,300}…$/u)]);
    expect(JSON.parse(step.outputs.plan ?? '').drift).toEqual(drift);
    expect(warningsOf(step)).toContain(
      'The `client-drift` and `plan` outputs are too small for all of clientName. A value that is cut ends with "…".',
    );
  });
});
