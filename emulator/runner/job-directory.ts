import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** The files that a step writes its results to: variable → the name that the runner gives the file. */
const COMMAND_FILES = {
  GITHUB_OUTPUT: 'set_output',
  GITHUB_STATE: 'save_state',
  GITHUB_ENV: 'set_env',
  GITHUB_PATH: 'add_path',
  GITHUB_STEP_SUMMARY: 'step_summary',
} as const;
const EVENT = '{}';

/** The directory of one step, with the layout of a runner's work directory. */
export class JobDirectory {
  readonly root: string;
  readonly workspace: string;
  /** The variables with the paths. */
  readonly environment: Readonly<Record<string, string>>;
  readonly #commandFiles: ReadonlyMap<string, string>;
  readonly #eventFile: string;

  private constructor(root: string) {
    this.root = root;
    this.workspace = path.join(root, 'work', 'octo-repo', 'octo-repo');
    const temp = path.join(root, 'work', '_temp');
    this.#eventFile = path.join(temp, '_github_workflow', 'event.json');
    this.#commandFiles = new Map(
      Object.entries(COMMAND_FILES).map(([variable, prefix]) => [
        variable,
        path.join(temp, '_runner_file_commands', `${prefix}_${randomUUID()}`),
      ]),
    );
    this.environment = {
      HOME: path.join(root, 'home'),
      // A real runner leaves this to the system. Here it is in the directory, so that everything that the step writes
      // is checked.
      TMPDIR: path.join(root, 'tmp'),
      RUNNER_TEMP: temp,
      RUNNER_TOOL_CACHE: path.join(root, 'tool-cache'),
      RUNNER_WORKSPACE: path.dirname(this.workspace),
      GITHUB_WORKSPACE: this.workspace,
      GITHUB_EVENT_PATH: this.#eventFile,
      ...Object.fromEntries(this.#commandFiles),
    };
  }

  /** @param checkedOut the files of the workspace, by their path in it. */
  static async create(checkedOut: Readonly<Record<string, string | Uint8Array>> = {}): Promise<JobDirectory> {
    const directory = new JobDirectory(await realpath(await mkdtemp(path.join(tmpdir(), 'actions-runner-'))));
    const { HOME, TMPDIR, RUNNER_TOOL_CACHE } = directory.environment;
    const files = [directory.#eventFile, ...directory.#commandFiles.values()];
    const folders = [HOME, TMPDIR, RUNNER_TOOL_CACHE, directory.workspace, ...files.map(file => path.dirname(file))];
    for (const folder of folders) if (folder !== undefined) await mkdir(folder, { recursive: true });
    for (const file of files) await writeFile(file, file === directory.#eventFile ? EVENT : '');
    for (const [name, content] of Object.entries(checkedOut)) {
      const file = path.join(directory.workspace, name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, content);
    }
    return directory;
  }

  /**
   * The text of every existing file: the command files by their variable, the others by their path in the directory.
   * The event file is included only if the step changed it.
   */
  async files(): Promise<Record<string, string>> {
    const variables = new Map([...this.#commandFiles].map(([variable, file]) => [file, variable]));
    const found: Record<string, string> = {};
    for (const entry of await readdir(this.root, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = path.join(entry.parentPath, entry.name);
      const text = await readFile(file, 'utf8');
      if (file === this.#eventFile && text === EVENT) continue;
      found[variables.get(file) ?? path.relative(this.root, file)] = text;
    }
    return found;
  }

  async remove(): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }
}
