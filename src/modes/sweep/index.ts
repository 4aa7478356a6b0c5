import { readGitHubAccess } from '../../inputs/delivery.ts';
import type { InputReader } from '../../inputs/reader.ts';
import { type ClientIdPattern, NUMBER, parseClientIdPattern } from '../../model/client.ts';
import type { SweepRequest } from '../../model/request.ts';
import { defineMode, type FieldsOf, type InputReading } from '../mode.ts';
import { newSweepRecord, reportSweep } from './record.ts';

/** `mode: sweep`: deletes the clients of closed pull requests. */
export const sweepMode = defineMode(readSweep, request => {
  const record = newSweepRecord();
  return {
    ...reportSweep(record),
    request,
    github: request.github,
    execute: async context => (await import('./run.ts')).sweep(request, context, record),
    loadSummary: async () => {
      const { summarizeSweep } = await import('./summary.ts');
      return (markdown, failure) => summarizeSweep({ request, record, markdown, failure });
    },
  };
});

const TOKEN_ADVICE =
  'mode sweep needs a token that can read pull requests: github.token, in a job with permissions: pull-requests: read';

const OWN_GITHUB_ONLY =
  'a sweep reads the pull requests of the workflow’s own repository, which does not exist on another GitHub: leave this input out';

function readSweep({ input, workflow }: InputReading): FieldsOf<SweepRequest> | undefined {
  const pattern = readClientIdPattern(input);
  const maxDeletes = input.count('max-deletes', 0, 100_000);
  const concurrency = input.count('concurrency', 1, 50);
  const github = readGitHubAccess(input, workflow, TOKEN_ADVICE);
  if (github && !github.isOwn) {
    return input.reject('github-api-url', OWN_GITHUB_ONLY);
  }
  return pattern && github ? { pattern, maxDeletes, concurrency, github } : undefined;
}

/** Reads the pattern by which a sweep selects clients, and rejects one that could match other clients. */
function readClientIdPattern(input: InputReader): ClientIdPattern | undefined {
  const text = input.required('client-id-pattern', `expected a pattern such as invoices-pr-${NUMBER} for mode sweep`);
  if (text === undefined) {
    return undefined;
  }
  const pattern = parseClientIdPattern(text);
  return typeof pattern === 'string' ? input.reject('client-id-pattern', pattern) : pattern;
}
