import type { WorkflowContext } from '../../src/model/request.ts';
import { readRun } from '../../src/modes/read-run.ts';
import { RUNNER } from './workflow.ts';

/** A secret of the step, which no error may show. */
export const CANARY = 'canary-4d1f9c';

const GIVEN: Readonly<Record<string, string>> = {
  region: 'eu',
  'tenant-id': 'acme',
  'access-token': 'token-canary',
  'github-token': CANARY,
  'github-api-url': RUNNER.apiUrl,
};

/** Reads the inputs of a step. */
export async function readInputs(inputs: Readonly<Record<string, string>>, runner: Partial<WorkflowContext> = {}) {
  const given = { ...GIVEN, ...inputs };
  const redact = (text: string) => text.replaceAll(CANARY, '***');
  const now = new Date('2027-01-31T09:00:00.000Z');
  return readRun({ readInput: name => given[name] ?? '', redact }, { ...RUNNER, ...runner }, now);
}
