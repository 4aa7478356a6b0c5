import type { Inputs as Reader } from '../../src/inputs/reader.ts';
import type { EnsureRequest, FleetRequest, WorkflowContext } from '../../src/model/request.ts';
import { readRun } from '../../src/modes/read-run.ts';

type Inputs = Readonly<Record<string, string>>;

/** What a fleet is, in addition to its clients. */
export interface FleetOptions {
  readonly concurrency?: number;
  readonly shard?: FleetRequest['shard'];
  /** The ids of the whole manifest, if this is a shard. */
  readonly manifestClientIds?: readonly string[];
}

/** The request of a fleet, as its reader makes it: each client is what a step with the same inputs asks for. */
export async function fleetRequest(
  clients: readonly Inputs[],
  input: Reader,
  runner: WorkflowContext,
  { concurrency = 8, shard, manifestClientIds }: FleetOptions = {},
): Promise<FleetRequest> {
  const requests: EnsureRequest[] = [];
  for (const client of clients) {
    const given = (name: Parameters<Reader['readInput']>[0]) => client[name] ?? input.readInput(name);
    requests.push((await readRun({ ...input, readInput: given }, runner, new Date())).request as EnsureRequest);
  }
  const [first] = requests;
  if (!first) {
    throw new Error('a fleet has clients');
  }
  const { vantage, signIn, run, workflow } = first;
  return {
    ...{ vantage, signIn, run, workflow, warnings: [] },
    clients: requests.map((request, index) => ({ line: index + 2, request })),
    manifestClientIds: manifestClientIds ?? requests.map(({ client }) => client.clientId),
    shard,
    concurrency,
    github: requests.map(({ delivery }) => delivery.github).find(github => github !== undefined),
  };
}
