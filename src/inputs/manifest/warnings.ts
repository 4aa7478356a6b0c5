import type { Entry } from './entries.ts';
import type { ManifestProblems } from './problems.ts';

/** GitHub shows ten warnings of a step. Some are about the run. */
const SHOWN = 5;

/** Collects the warnings about settings that work but are dangerous: one line for all clients with the same one. */
export class DangerousSettings {
  readonly #problems: ManifestProblems;
  readonly #found = new Map<string, Entry[]>();

  constructor(problems: ManifestProblems) {
    this.#problems = problems;
  }

  add(line: string, entry: Entry): void {
    const known = this.#found.get(line) ?? [];
    this.#found.set(line, known);
    known.push(entry);
  }

  lines(): readonly string[] {
    const lines = [...this.#found].map(([line, entries]) => {
      const clients = this.#problems.clientsInProse(entries.map(({ clientId }) => clientId.text));
      return `${this.#problems.whereIs(entries[0]?.at ?? 0)}: ${line.replace(/\.$/u, '')} (${clients}).`;
    });
    const rest = lines.length - SHOWN;
    return rest > 0 ? [...lines.slice(0, SHOWN), `The manifest has ${rest} more settings of this kind.`] : lines;
  }
}
