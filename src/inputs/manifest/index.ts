import { type ClientReading, type ManifestClient, readClients } from './clients.ts';
import { readEntries } from './entries.ts';
import { readManifestFile } from './file.ts';
import { ManifestProblems } from './problems.ts';
import { rejectWrongDefaults } from './unused-defaults.ts';
import { parseYaml } from './yaml.ts';

/** What a manifest declares. */
export interface Manifest {
  /** The clients that the step processes, in the order of the file. */
  readonly clients: readonly (ManifestClient & { readonly line: number })[];
  /** The ids of all clients. */
  readonly clientIds: readonly string[];
}

/**
 * Reads the manifest that the step names, and checks all of it: its syntax, its shape, and every value.
 *
 * @returns undefined if the path or something in the file was rejected.
 */
export async function readManifest(reading: ClientReading): Promise<Manifest | undefined> {
  const { step, workflow } = reading;
  const found = await readManifestFile(step.text('manifest') ?? '', workflow.workspace);
  if (typeof found === 'string') {
    return step.reject('manifest', found);
  }
  const tree = parseYaml(found.text);
  const problems = new ManifestProblems(found.file, tree.positionOf, text => step.quote(text));
  for (const { at, text } of tree.problems) {
    problems.reject(at, undefined, undefined, text);
  }
  // After an error of syntax, the rest may not be what the author means.
  const entries = problems.isEmpty ? readEntries(tree, problems) : undefined;
  const clients = entries ? readClients(entries, reading, problems) : [];
  if (entries && problems.isEmpty) {
    rejectWrongDefaults(entries.defaults, reading, problems);
  }
  for (const problem of problems.list()) {
    step.adopt(problem);
  }
  return problems.isEmpty && entries
    ? {
        clients: clients.map(client => ({ ...client, line: tree.positionOf(client.at).line })),
        clientIds: entries.clients.map(({ clientId }) => clientId.text),
      }
    : undefined;
}
