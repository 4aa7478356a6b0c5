import { setFlagsFromString } from 'node:v8';
import { readManifest } from '../../inputs/manifest/index.ts';
import { OUTPUT_INPUTS, PATHS } from '../../inputs/manifest/keys.ts';
import type { InputReader } from '../../inputs/reader.ts';
import { recordStep } from '../../inputs/saved-step.ts';
import type { FleetRequest } from '../../model/request.ts';
import { isInShard, MOST_SHARDS, parseShard, type Shard } from '../../model/shard.ts';
import type { Mode, ModeRun } from '../mode.ts';
import { newFleetRecord, reportFleet } from './record.ts';

/** `mode: ensure` with `manifest`: ensures each client of a file, and delivers a secret of each. */
export const fleetMode: Mode = async ({ input, workflow, now, apiVersion, warn }) => {
  keepMemorySmall();
  rejectReplacedInputs(input);
  const shard = readShard(input);
  const concurrency = input.count('concurrency', 1, 50);
  const isIncluded = (clientId: string) => shard === undefined || isInShard(clientId, shard);
  const manifest = await readManifest({ step: input, workflow, now, apiVersion, isIncluded, warn });
  if (!manifest) {
    return undefined;
  }
  const { clients, clientIds: manifestClientIds } = manifest;
  const github = clients.find(({ delivery }) => delivery.github)?.delivery.github;
  return common => {
    const request: FleetRequest = {
      ...common,
      clients: clients.map(({ line, client, secret, delivery }) => ({
        line,
        request: Object.freeze({ ...common, warnings: [], client, secret, delivery }),
      })),
      manifestClientIds,
      shard,
      concurrency,
      github: github && { token: github.token, apiUrl: github.apiUrl, isOwn: github.isOwn },
    };
    return startFleet(Object.freeze(request));
  };
};

function startFleet(request: FleetRequest): ModeRun {
  const record = newFleetRecord(request);
  return {
    ...reportFleet(record),
    request,
    github: request.github,
    savedStep: environment => recordStep(request, environment),
    execute: async context => (await import('./run.ts')).ensureFleet(request, context, record),
    loadSummary: async () => {
      const { summarizeFleet } = await import('./summary.ts');
      return (markdown, failure) => summarizeFleet({ request, record, markdown, failure });
    },
  };
}

/** The manifest sets these inputs for each client, so a value for all would contradict it. */
function rejectReplacedInputs(input: InputReader): void {
  for (const [name, path] of PATHS) {
    if (!input.isDefault(name)) {
      // Only a client has an id.
      const places = name === 'client-id' ? 'a client' : 'a client or of the defaults';
      input.reject(name, `expected it in the manifest, as ${path} of ${places}`);
    }
  }
  for (const name of OUTPUT_INPUTS.filter(one => !input.isDefault(one))) {
    input.reject(name, 'expected no such input with manifest, which delivers secrets to GitHub and none to the job');
  }
}

function readShard(input: InputReader): Shard | undefined {
  const text = input.text('shard');
  return text === undefined
    ? undefined
    : (parseShard(text) ??
        input.reject('shard', `expected a share such as 2/5, from 1/1 to ${MOST_SHARDS}/${MOST_SHARDS}`));
}

/**
 * Many small objects of a fleet live long, so Node would let the space for new objects grow to 130 MB, and collect those that
 * no longer live late. Measured: 158 MiB instead of 310 MiB at the most with 10,000 clients, and 130 MiB instead of 190 MiB
 * with 1,000 new secrets, for a tenth more processor time.
 */
function keepMemorySmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=30');
}
