import type { Problem } from '../problem.ts';
import type { Tree } from './tree.ts';

/** The most problems that an error shows. */
const SHOWN = 20;

/** Reading ends at this many problems. */
const ENOUGH = 1000;

/** The most clients that a problem names. */
const NAMED = 3;

/** What is wrong at an offset of the text. */
interface Found extends Pick<Problem, 'name' | 'found' | 'expected' | 'line'> {
  readonly at: number;
  /** The clients that the problem concerns, if its place does not show that. */
  readonly clients: string[];
}

/** Collects the problems of a manifest. The same problem of several clients, such as one of a default, is one problem. */
export class ManifestProblems {
  readonly #file: string;
  readonly #positionOf: Tree['positionOf'];
  /** A text in quotes, cut to a readable length, without the values of secret inputs. */
  readonly quote: (text: string) => string;
  readonly #found = new Map<string, Found>();

  /** @param file the path to show. */
  constructor(file: string, positionOf: Tree['positionOf'], quote: (text: string) => string) {
    this.#file = file;
    this.#positionOf = positionOf;
    this.quote = quote;
  }

  /**
   * Adds a problem.
   *
   * @param at the offset in the text.
   * @param name the key, if the problem concerns one.
   * @param more the client that the problem concerns, if its place does not show that, and the problem in other words.
   */
  reject(
    at: number,
    name: string | undefined,
    found: string | undefined,
    expected: string,
    { clientId, line }: Pick<Problem, 'line'> & { readonly clientId?: string | undefined } = {},
  ): undefined {
    const key = JSON.stringify([at, name, found, expected, line]);
    const known = this.#found.get(key) ?? { at, name, found, expected, line, clients: [] };
    this.#found.set(key, known);
    if (clientId !== undefined) {
      known.clients.push(clientId);
    }
    return undefined;
  }

  get count(): number {
    return this.#found.size;
  }

  get areEnough(): boolean {
    return this.count >= ENOUGH;
  }

  /** `FILE:LINE:COLUMN` */
  whereIs(at: number): string {
    const { line, column } = this.#positionOf(at);
    return `${this.#file}:${line}:${column}`;
  }

  /** The problems in the order of the file, as many as an error can show. */
  list(): readonly Problem[] {
    const found = [...this.#found.values()].sort((one, other) => one.at - other.at);
    const shown = found.slice(0, SHOWN).map(problem => this.#shown(problem));
    const rest = found.length - shown.length;
    const more = `${this.areEnough ? 'at least ' : ''}${rest} more in ${this.#file}`;
    return rest === 0 ? shown : [...shown, { expected: `and ${more}` }];
  }

  #shown({ at, name, found, expected, line, clients }: Found): Problem {
    const concerned = clients.length > 0 ? ` (${this.clientsInProse(clients)})` : '';
    return {
      where: this.whereIs(at),
      name: name === undefined ? undefined : this.quote(name).slice(1, -1),
      found,
      expected: expected + concerned,
      line: line === undefined ? undefined : line + concerned,
    };
  }

  /** `clients "a", "b", "c" and 5 more` */
  clientsInProse(clients: readonly string[]): string {
    const named = clients.slice(0, NAMED).map(clientId => this.quote(clientId));
    const rest = clients.length - named.length;
    return `client${clients.length > 1 ? 's' : ''} ${named.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
  }
}
