import { readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { messageOf } from '../../model/failure.ts';
import { type ClientReading, type ManifestClient, readClients, rejectWrongDefaults } from './clients.ts';
import { readEntries } from './entries.ts';
import { ManifestProblems } from './problems.ts';
import { parseYaml } from './yaml.ts';

/** What a manifest declares. */
interface Manifest {
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

const MEGABYTE = 1024 * 1024;

/** Some 15,000 clients with all settings. */
const LARGEST = 5 * MEGABYTE;

/** The text of a manifest. */
interface ManifestText {
  /** The path in the workspace, with `/`, as annotations of GitHub need it. */
  readonly file: string;
  readonly text: string;
}

/**
 * Reads a manifest. It must be in the workspace: a path that leads out of it, also by a link, may name a file of the runner
 * that errors would quote.
 *
 * @param given the path, relative to the workspace, or absolute.
 * @param workspace the folder that the repository is checked out to.
 * @returns the reason to reject the file if it cannot be read.
 */
async function readManifestFile(given: string, workspace: string): Promise<ManifestText | string> {
  if (workspace === '') {
    return 'expected a workspace, but the runner does not set GITHUB_WORKSPACE';
  }
  if (given.includes('\0')) {
    return 'expected the path of a YAML file';
  }
  try {
    const real = await realpath(path.resolve(workspace, given));
    const inside = path.relative(await realpath(workspace), real);
    if (path.isAbsolute(inside) || inside.split(path.sep)[0] === '..') {
      return 'expected a file in the workspace, and no link that leads out of it';
    }
    const facts = await stat(real);
    if (!facts.isFile()) {
      return 'expected a file, but this is a folder or a device';
    }
    if (facts.size > LARGEST) {
      const size = (facts.size / MEGABYTE).toFixed(1);
      return `expected at most ${LARGEST / MEGABYTE} MB, but the file has ${size} MB`;
    }
    const text = decoded(await readFile(real));
    return text === undefined ? 'expected a file in UTF-8' : { file: inside.replaceAll(path.sep, '/'), text };
  } catch (error) {
    return whyUnreadable(error);
  }
}

/** Without a byte order mark. `undefined` if it is not UTF-8. */
function decoded(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function whyUnreadable(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'no such file in the workspace: check the path, and that actions/checkout runs before this step';
    case 'EACCES':
    case 'EPERM':
      return 'the step has no permission to read the file';
    case 'ELOOP':
      return 'expected a file, but this is a link that leads to itself';
    default:
      return `cannot read the file: ${messageOf(error)}`;
  }
}
