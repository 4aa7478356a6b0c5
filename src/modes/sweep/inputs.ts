import { readClientIdPattern } from '../../inputs/client.ts';
import { readGitHubAccess } from '../../inputs/delivery.ts';
import type { SweepRequest } from '../../model/request.ts';
import type { FieldsOf, InputReading } from '../mode.ts';

const TOKEN_ADVICE =
  'mode sweep needs a token that can read pull requests: github.token, in a job with permissions: pull-requests: read';

const OWN_GITHUB_ONLY =
  'a sweep reads the pull requests of the workflow’s own repository, which does not exist on another GitHub: leave this input out';

/** Reads the inputs of `mode: sweep`. */
export function readSweep({ input, workflow }: InputReading): FieldsOf<SweepRequest> | undefined {
  const pattern = readClientIdPattern(input);
  const maxDeletes = input.count('max-deletes', 0, 100_000);
  const concurrency = input.count('concurrency', 1, 50);
  const github = readGitHubAccess(input, workflow, TOKEN_ADVICE);
  if (github && !github.isOwn) {
    return input.reject('github-api-url', OWN_GITHUB_ONLY);
  }
  return pattern && github ? { pattern, maxDeletes, concurrency, github } : undefined;
}
