import { once } from 'node:events';
import { type Embedded, REPOSITORY } from './setup.ts';
import { showSection, showTitle } from './show.ts';

/** Explains how to use the embedded servers, and waits to be interrupted. */
export async function keepRunning({ vantage, github }: Embedded, interrupted: AbortSignal): Promise<void> {
  const { baseUrl, tenantId, administrator } = vantage;
  const { clientId, clientSecret, username, password } = administrator;
  const token = github.issueToken({ kind: 'classic', scopes: ['repo', 'admin:org'] });
  showTitle(`Vantage stays at ${baseUrl} and GitHub at ${github.apiUrl} until Ctrl+C`);
  showSection(
    'In a workflow that runs on this machine (these credentials are valid only for these emulators)',
    `- uses: OWNER/vantage-client-action@v1
  with:
    base-url: ${baseUrl}
    tenant-id: ${tenantId}
    auth-client-id: ${clientId}
    auth-client-secret: ${clientSecret}
    client-id: my-client`,
  );
  showSection('To sign in as a user instead, add', `username: ${username}\npassword: ${password}`);
  showSection(
    'To write the secret to the embedded GitHub, add',
    `github-api-url: ${github.apiUrl}
github-token: ${token}
write-to: environment ${REPOSITORY} staging
create-environments: true`,
  );
  showSection(
    'From another terminal',
    `VANTAGE_ADMIN_CLIENT_ID='${clientId}' VANTAGE_ADMIN_CLIENT_SECRET='${clientSecret}' \\
GITHUB_TOKEN='${token}' \\
  npm start -- --base-url ${baseUrl} --tenant-id ${tenantId} --input client-id=my-client \\
  --input github-api-url=${github.apiUrl} --input write-to='repository ${REPOSITORY}'`,
  );
  if (!interrupted.aborted) await once(interrupted, 'abort');
}
