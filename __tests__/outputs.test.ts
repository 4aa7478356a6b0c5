import { describe, expect, test } from '@jest/globals';
import { encodingsOf } from './support/leaks.ts';
import { errorOf, expectHandedOut, World } from './support/world.ts';

describe('outputs that other programs read', () => {
  test.each(['prod', 'true', 'keep', 'mint'])('stay right with the credential %s', async word => {
    await using world = await World.open();
    const clientId = `invoices-prod-${word}`;
    const step = await world.step({ 'client-id': clientId, rotate: 'when-due', 'current-secret': word });
    expectHandedOut(step, world.secrets(clientId));
    expect(step.outputs).toMatchObject({
      'client-id': clientId,
      changed: 'true',
      'client-created': 'true',
      'secret-created': 'true',
      verified: 'true',
    });
    expect(JSON.parse(step.outputs.results ?? '')).toEqual([
      expect.objectContaining({ clientId, client: 'created', secret: expect.objectContaining({ verified: 'true' }) }),
    ]);
    expect(JSON.parse(step.outputs.plan ?? '')).toMatchObject({ clientId, client: 'create', secret: 'mint' });
    expect(Object.values(step.outputs).join('\n')).not.toContain('***');
  });

  test('show no credential that a server echoes, in whatever form', async () => {
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
      // The step itself looks for leaks in all that it wrote.
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
