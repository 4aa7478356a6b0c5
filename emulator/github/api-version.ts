import type { IncomingHttpHeaders } from 'node:http';
import { Refusal } from './refusal.ts';

/** The supported versions of the API (https://docs.github.com/rest/about-the-rest-api/api-versions). */
const VERSIONS = ['2022-11-28', '2026-03-10'];

/** The version of the API that a request names. Throws the refusal of a version that does not exist. */
export function readVersion(headers: IncomingHttpHeaders): string {
  const version = String(headers['x-github-api-version'] ?? VERSIONS[0]);
  if (VERSIONS.includes(version)) return version;
  throw new Refusal(400, `The API version ${version} does not exist. Supported are: ${VERSIONS.join(', ')}.`);
}

/** Throws the refusal of a request that does not accept JSON. */
export function checkAccept({ accept = '*/*' }: IncomingHttpHeaders): void {
  const isJson = /^(\*\/\*|application\/(\*|json|vnd\.github(\.[\w-]+)*\+json))$/i;
  if (accept.split(',').some(range => isJson.test(range.split(';')[0]?.trim() ?? ''))) return;
  throw new Refusal(415, `Unsupported 'Accept' header: '${accept}'. Must accept 'application/json'.`);
}
