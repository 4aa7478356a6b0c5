import type { Vantage } from '../../emulator/vantage/index.ts';

/**
 * The inputs of a step that signs in as the administrator, by client credentials, and ensures the client `invoices`.
 */
export function vantageInputs(
  vantage: Pick<Vantage, 'baseUrl' | 'tenantId' | 'administrator'>,
  overrides: Readonly<Record<string, string>> = {},
): Record<string, string> {
  return {
    'base-url': vantage.baseUrl,
    'tenant-id': vantage.tenantId,
    'auth-client-id': vantage.administrator.clientId,
    'auth-client-secret': vantage.administrator.clientSecret,
    'client-id': 'invoices',
    ...overrides,
  };
}

/**
 * All secrets that an embedded Vantage sent or received, for `findLeaks`: the administrator's credentials, the secrets
 * that it stores or ever created, every access token that it issued, and those in requests.
 */
export function canariesOf(
  vantage: Pick<Vantage, 'administrator' | 'clients' | 'createdSecrets' | 'issued' | 'requests'>,
): Record<string, string> {
  const canaries = new Map<string, string>();
  const add = (name: string, secret: string | null | undefined) => {
    if (secret && !canaries.has(secret)) canaries.set(secret, name);
  };
  add('administrator secret', vantage.administrator.clientSecret);
  add('administrator password', vantage.administrator.password);
  for (const { clientId, secrets } of vantage.clients()) {
    for (const { id, value } of secrets) add(`secret ${id} of ${clientId}`, value);
  }
  for (const [index, value] of vantage.createdSecrets.entries()) add(`created secret ${index}`, value);
  for (const [index, token] of vantage.issued.entries()) add(`issued access token ${index}`, token);
  vantage.requests.forEach(({ headers, body }, index) => {
    const [scheme, credentials = ''] = String(headers.authorization ?? '').split(' ');
    if (scheme === 'Bearer') add(`access token of request ${index}`, credentials);
    if (scheme === 'Basic') add(`Basic credentials of request ${index}`, credentials);
    if (String(headers['content-type']).startsWith('application/x-www-form-urlencoded')) {
      const form = new URLSearchParams(String(body));
      add(`client_secret of request ${index}`, form.get('client_secret'));
      add(`password of request ${index}`, form.get('password'));
    }
  });
  return Object.fromEntries([...canaries].map(([secret, name]) => [name, secret]));
}

/** Whether the token endpoint accepts a secret of a client. Clears the faults of Vantage. */
export async function accepts(
  vantage: Pick<Vantage, 'baseUrl' | 'faults'>,
  secret: string,
  clientId: string,
): Promise<boolean> {
  vantage.faults.clear();
  const response = await fetch(`${vantage.baseUrl}/auth2/connect/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId, client_secret: secret }),
  });
  const answer = (await response.json()) as { error?: string };
  return response.ok || answer.error !== 'invalid_client';
}
