import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from './programs.ts';

const run = promisify(execFile);
const ROOT = path.resolve(import.meta.dirname, '../..');

/** zizmor, which searches workflows for vulnerabilities. Without it, tests are skipped. */
export const ZIZMOR = await findProgram('zizmor');

/** What zizmor prints of a finding, as far as it is read. */
interface Finding {
  readonly ident: string;
  readonly locations: readonly {
    readonly symbolic: {
      readonly key: { readonly Local: { readonly verbatim_path: string } };
      readonly annotation: string;
      readonly kind: 'Primary' | 'Related' | 'Hidden';
    };
    readonly concrete: { readonly location: { readonly start_point: { readonly row: number } } };
  }[];
}

/** What zizmor finds in files of the repository, or in the files of its folders, without asking the network. */
export async function vulnerabilitiesIn(...files: readonly string[]): Promise<readonly string[]> {
  const options = ['--offline', '--persona', 'pedantic', '--strict-collection', '--config', '.github/zizmor.yml'];
  const output = ['--format', 'json', '--no-exit-codes', '--no-progress', '--quiet'];
  const { stdout } = await run(ZIZMOR ?? 'zizmor', [...options, ...output, ...files], { cwd: ROOT });
  const findings: readonly Finding[] = JSON.parse(stdout);
  return findings.flatMap(({ ident, locations }) =>
    locations
      .filter(({ symbolic }) => symbolic.kind === 'Primary')
      .map(({ symbolic, concrete }) => {
        const line = concrete.location.start_point.row + 1;
        return `${path.basename(symbolic.key.Local.verbatim_path)}:${line}: ${ident}: ${symbolic.annotation}`;
      }),
  );
}

/** The same for workflows that are not files. Each has a name. */
export async function vulnerabilitiesOf(
  workflows: readonly { readonly name: string; readonly text: string }[],
): Promise<readonly string[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'zizmor-test-'));
  try {
    const files = workflows.map(({ name, text }) => ({ file: path.join(folder, `${name}.yml`), text }));
    await Promise.all(files.map(({ file, text }) => writeFile(file, text)));
    return await vulnerabilitiesIn(...files.map(({ file }) => file));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
