import type { Problem } from '../problem.ts';
import type { ManifestClient } from './clients.ts';
import { type ClientReading, readClients } from './clients.ts';
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

/** What reading a manifest needs of the step. */
export interface ManifestReading extends ClientReading {
  /** The path of the file. */
  readonly path: string;
  /** A text in quotes, without the values of secret inputs. */
  readonly quote: (text: string) => string;
}

/**
 * Reads a manifest, and checks all of it: its syntax, its shape, and every value.
 *
 * @returns the reason to reject the path, or the problems of the file, if there are any.
 */
export async function readManifest(reading: ManifestReading): Promise<Manifest | readonly Problem[] | string> {
  const found = await readManifestFile(reading.path, reading.workflow.workspace);
  if (typeof found === 'string') {
    return found;
  }
  const tree = parseYaml(found.text);
  const problems = new ManifestProblems(found.file, tree.positionOf, reading.quote);
  for (const { at, text } of tree.problems) {
    problems.reject(at, undefined, undefined, text);
  }
  // After an error of syntax, the rest may not be what the author means.
  const entries = problems.isEmpty ? readEntries(tree, problems) : undefined;
  const clients = entries ? readClients(entries, reading, problems) : [];
  if (entries && problems.isEmpty) {
    rejectWrongDefaults(entries.defaults, reading, problems);
  }
  return problems.isEmpty && entries
    ? {
        clients: clients.map(client => ({ ...client, line: tree.positionOf(client.at).line })),
        clientIds: entries.clients.map(({ clientId }) => clientId.text),
      }
    : problems.list();
}
