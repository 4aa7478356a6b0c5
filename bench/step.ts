import { type ActionRun, runAction } from '../emulator/runner.ts';
import type { VantageProcess } from './vantage-process.ts';

export const SIGN_INS = ['access token', 'client credentials', 'password'] as const;
export type SignIn = (typeof SIGN_INS)[number];

/**
 * The inputs to sign in as the administrator. An access token is requested here, so the step sends no request for it.
 */
export async function signInInputs(vantage: VantageProcess, signIn: SignIn): Promise<Record<string, string>> {
  if (signIn === 'access token') return { 'access-token': await vantage.accessToken() };
  const { clientId, clientSecret, username, password } = vantage.facts.administrator;
  const client = { 'auth-client-id': clientId, 'auth-client-secret': clientSecret };
  return signIn === 'password' ? { ...client, username, password } : client;
}

/** Runs `dist` as a step of a workflow, for this client. */
export function runStep(
  vantage: VantageProcess,
  clientId: string,
  inputs: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {},
): Promise<ActionRun> {
  const { baseUrl, tenantId } = vantage.facts;
  return runAction({ inputs: { 'base-url': baseUrl, 'tenant-id': tenantId, 'client-id': clientId, ...inputs }, env });
}

/** How a step ended: `ok`, or its error code. */
export const outcome = (run: ActionRun): string => (run.exitCode === 0 ? 'ok' : run.outputs['error-code'] || 'failed');
