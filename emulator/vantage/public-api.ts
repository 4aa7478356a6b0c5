import type { IncomingHttpHeaders } from 'node:http';
import { type Answer, empty, json } from '../http/answer.ts';

/** The scopes of a token with which the public API can be used. */
const SCOPES = ['publicapi.all', 'global.wildcard'];

/** The sample of the documentation. */
const SKILLS = [{ id: 'Receipt', name: 'Receipt', type: 'Document' }];

/**
 * Lists the skills of the tenant for every client of it with the right scope. It is not documented which role a client
 * needs.
 */
export function listSkills(
  { authorization = '' }: IncomingHttpHeaders,
  authenticate: (accessToken: string) => { readonly scope: string } | undefined,
): Answer {
  const caller = authenticate(/^Bearer +(\S+)$/i.exec(authorization)?.[1] ?? '');
  if (!caller) return empty(401, { 'www-authenticate': 'Bearer' });
  return caller.scope.split(' ').some(scope => SCOPES.includes(scope)) ? json(200, SKILLS) : empty(403);
}
