import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startVantage, type Vantage } from '../../emulator/vantage/index.ts';
import { canariesOf, vantageInputs } from './vantage.ts';

let vantage: Vantage;
beforeAll(async () => {
  vantage = await startVantage();
});
afterAll(() => vantage.close());

test('the inputs of a step name this Vantage, and a test can replace them', () => {
  expect(vantageInputs(vantage, { 'client-id': 'orders', rotate: 'never' })).toMatchObject({
    'base-url': vantage.baseUrl,
    'tenant-id': vantage.tenantId,
    'client-id': 'orders',
    rotate: 'never',
  });
});

test('the canaries are everything that it stores or received, including deleted secrets', async () => {
  const token = await vantage.issueAccessToken();
  const clients = `${vantage.baseUrl}/api/adminapi2/v2/tenants/${vantage.tenantId}/clients/`;
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const send = async (path: string, body: object): Promise<{ id: string; value: string }> => {
    const response = await fetch(clients + path, { method: 'POST', headers, body: JSON.stringify(body) });
    return JSON.parse(await response.text());
  };
  await send('', {
    clientId: 'invoices',
    allowedGrantTypes: ['client_credentials'],
    allowedScopes: ['openid', 'permissions', 'publicapi.all'],
  });
  const kept = await send('invoices/secrets/', {});
  const deleted = await send('invoices/secrets/', {});
  await fetch(`${vantage.baseUrl}/auth2/connect/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: 'invoices',
      client_secret: deleted.value,
      scope: 'publicapi.all',
    }),
  });
  await fetch(`${clients}invoices/secrets/${deleted.id}/`, { method: 'DELETE', headers });

  const { clientSecret, password } = vantage.administrator;
  expect(new Set(Object.values(canariesOf(vantage)))).toEqual(
    new Set([clientSecret, password, kept.value, deleted.value, token, ...vantage.issued]),
  );
});
