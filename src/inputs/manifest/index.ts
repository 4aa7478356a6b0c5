import { isUtf8 } from 'node:buffer';
import { readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { codeOf, messageOf } from '../../model/failure.ts';
import { type ClientReading, type ManifestClient, readClients, rejectWrongDefaults } from './clients.ts';
import { readEntries } from './entries.ts';
import { ManifestProblems } from './problems.ts';
import type { Tree } from './tree.ts';
import { parseYaml } from './yaml.ts';

interface Manifest {
  /** The clients that the step processes, in the order of the file. */
  readonly clients: readonly (ManifestClient & { readonly line: number })[];
  /** The ids of all clients. */
  readonly clientIds: readonly string[];
}

/** Reads the manifest that the step names, and checks all of it. @returns undefined if something in it was rejected. */
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
  const manifest = problems.count === 0 ? readTree(tree, reading, problems) : undefined;
  for (const problem of problems.list()) {
    step.adopt(problem);
  }
  return problems.count === 0 ? manifest : undefined;
}

/** Only after no error of syntax: the rest may not be what the author means. */
function readTree(tree: Tree, reading: ClientReading, problems: ManifestProblems): Manifest {
  const entries = readEntries(tree, problems);
  const clients = readClients(entries, reading, problems);
  if (problems.count === 0) {
    rejectWrongDefaults(entries.defaults, reading, problems);
  }
  return {
    clients: clients.map(client => ({ ...client, line: tree.positionOf(client.at).line })),
    clientIds: entries.clients.map(({ clientId }) => clientId.text),
  };
}

const MEGABYTE = 1024 * 1024;

/** Some 15,000 clients with all settings. */
const LARGEST = 5 * MEGABYTE;

/**
 * Reads a file of the workspace: a path that leads out of it, also by a link, may name a file of the runner that errors would
 * quote.
 *
 * @returns the path in the workspace, with `/`, as annotations of GitHub need it, and the text; or the reason to reject it.
 */
async function readManifestFile(
  given: string,
  workspace: string,
): Promise<{ readonly file: string; readonly text: string } | string> {
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
    const bytes = await readFile(real);
    // The decoder leaves out a byte order mark.
    const text = new TextDecoder().decode(bytes);
    return isUtf8(bytes) ? { file: inside.replaceAll(path.sep, '/'), text } : 'expected a file in UTF-8';
  } catch (error) {
    return whyUnreadable(error);
  }
}

function whyUnreadable(error: unknown): string {
  switch (codeOf(error)) {
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
