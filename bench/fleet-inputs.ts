import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { FleetRun } from './fleet-process.ts';
import { signInInputs } from './step.ts';
import type { VantageProcess } from './vantage-process.ts';

/** The fleet to measure against the latency of Vantage. */
export const MEASURED = { clients: 1000, latencyMs: 50, concurrency: 16 };

/** The places of many secrets: few enough in each repository for GitHub's limit of 100. */
export function placesOf(clients: number): readonly { readonly repo: string; readonly name: string }[] {
  return Array.from({ length: clients }, (_, index) => ({
    repo: `repo-${Math.floor(index / 100)}`,
    name: `SECRET_${index % 100}`,
  }));
}

/** A manifest with so many clients. @param extra further keys of a client, as lines of YAML. */
export function manifestOf(clients: number, rotate: string, extra: (index: number) => string = () => ''): string {
  const entries = Array.from(
    { length: clients },
    (_, index) => `  - clientId: client-${index}\n    clientName: Client ${index}\n${extra(index)}`,
  );
  return `defaults:\n  secret: { rotate: ${rotate} }\nclients:\n${entries.join('')}`;
}

/** The keys of a client whose secret goes to a place of `placesOf`. */
export function toPlace({ repo, name }: { readonly repo: string; readonly name: string }): string {
  return `    writeTo: [repository octo-org/${repo}]\n    secretName: ${name}\n`;
}

/** @throws Error if the run failed. */
export function assertEndedWell({ exitCode, lastLines }: FleetRun): void {
  if (exitCode !== 0) throw new Error(`The run failed:\n${lastLines.join('\n')}`);
}

export async function inputsFor(vantage: VantageProcess): Promise<Record<string, string>> {
  const { baseUrl, tenantId } = vantage.facts;
  return { ...(await signInInputs(vantage, 'client credentials')), 'base-url': baseUrl, 'tenant-id': tenantId };
}

/** As the runner passes them. */
export async function defaultInputs(): Promise<Record<string, string>> {
  const text = await readFile(join(import.meta.dirname, '..', 'action.yml'), 'utf8');
  const { inputs } = parse(text) as { readonly inputs: Readonly<Record<string, { readonly default?: string }>> };
  const given = Object.entries(inputs).flatMap(([name, { default: value = '' }]) =>
    value === '' || value.includes('${{') ? [] : [[name, value]],
  );
  return { ...Object.fromEntries(given), 'github-api-url': 'https://api.github.com', timeout: '1h' };
}
