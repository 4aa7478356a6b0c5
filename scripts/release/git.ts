import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Runs git in a folder, and returns what it prints. A hook's variables would name another repository. */
export async function git(folder: string, ...args: readonly string[]): Promise<string> {
  const { GIT_DIR, GIT_WORK_TREE, GIT_INDEX_FILE, ...env } = process.env;
  const { stdout } = await run('git', ['-C', folder, ...args], { env });
  return stdout.trimEnd();
}

/** The branches and tags of a remote, each with its commit: `refs/tags/v1.0.0` → `1b10c78c…`. */
export async function remoteRefs(folder: string, remote: string): Promise<ReadonlyMap<string, string>> {
  const lines = (await git(folder, 'ls-remote', '--heads', '--tags', remote)).split('\n').filter(line => line !== '');
  const refs = lines.map(line => {
    const [object = '', ref = ''] = line.split('\t');
    return [ref, object] as const;
  });
  // An annotated tag is an object of its own. Its commit follows, as `refs/tags/v1.0.0^{}`.
  return new Map(refs.map(([ref, object]) => [ref.replace(/\^\{\}$/, ''), object]));
}
