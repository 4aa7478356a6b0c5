import { readManifest } from '../../inputs/manifest/index.ts';
import { OUTPUT_INPUTS, PATHS } from '../../inputs/manifest/keys.ts';
import type { InputReader } from '../../inputs/reader.ts';
import type { CommonRequest, FleetRequest } from '../../model/request.ts';
import { isInShard, MOST_SHARDS, parseShard, type Shard } from '../../model/shard.ts';
import type { InputReading } from '../mode.ts';

/** Completes the request with what all modes have in common. */
export type FleetOf = (common: CommonRequest) => FleetRequest;

/** Reads the inputs of `mode: ensure` with `manifest`, and the manifest. */
export async function readFleet(reading: InputReading): Promise<FleetOf | undefined> {
  const { input, workflow, now, apiVersion, warn } = reading;
  rejectReplacedInputs(input);
  const shard = readShard(input);
  const concurrency = input.count('concurrency', 1, 50);
  const manifest = await readManifest({
    step: input,
    workflow,
    now,
    apiVersion,
    isIncluded: clientId => shard === undefined || isInShard(clientId, shard),
    warn,
  });
  if (!manifest) {
    return undefined;
  }
  const { clients, clientIds: manifestClientIds } = manifest;
  const github = clients.find(({ delivery }) => delivery.github)?.delivery.github;
  return common => {
    const shared = { ...common, warnings: [] };
    return {
      ...common,
      clients: clients.map(({ line, client, secret, delivery }) => ({
        line,
        request: Object.freeze({ ...shared, client, secret, delivery }),
      })),
      manifestClientIds,
      shard,
      concurrency,
      github: github && { token: github.token, apiUrl: github.apiUrl, isOwn: github.isOwn },
    };
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
