import type { GitHub, NamedRepository, Permissions } from '../emulator/github/index.ts';
import type { Vantage } from '../emulator/vantage/index.ts';

/** All permissions that a delivery, its preflight and a sweep need. */
export const PERMISSIONS: Permissions = {
  actions: 'read',
  actions_variables: 'write',
  administration: 'write',
  environments: 'write',
  organization_actions_variables: 'write',
  organization_secrets: 'write',
  pull_requests: 'read',
  secrets: 'write',
};

/** Whether the token endpoint accepts a secret of a client. */
export async function accepts(
  { baseUrl }: Pick<Vantage, 'baseUrl'>,
  clientId: string,
  value: string,
): Promise<boolean> {
  const response = await fetch(`${baseUrl}/auth2/connect/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId, client_secret: value }),
  });
  const answer = (await response.json()) as { error?: string };
  return response.ok || answer.error !== 'invalid_client';
}

/** The current name of a repository. */
export function namedRepository({ repositories }: Pick<GitHub, 'repositories'>, id: number): NamedRepository {
  const found = repositories.all().find(repository => repository.id === id);
  if (!found) {
    throw new Error(`there is no repository ${id}`);
  }
  return found;
}
