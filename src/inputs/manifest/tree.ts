/** A value in a YAML file. `at` is its offset in the text. */
export type Node =
  | { readonly kind: 'text'; readonly at: number; readonly text: string }
  /** A value that is not text, as it is in the file: `''` for `nothing` and `rejected`. */
  | {
      readonly kind: 'number' | 'boolean' | 'null' | 'nothing' | 'rejected';
      readonly at: number;
      readonly source: string;
    }
  | { readonly kind: 'list'; readonly at: number; readonly items: readonly Node[] }
  | { readonly kind: 'map'; readonly at: number; readonly pairs: readonly Pair[] };

export type MapNode = Extract<Node, { readonly kind: 'map' }>;

export interface Pair {
  readonly key: string;
  /** The offset of the key. */
  readonly at: number;
  readonly value: Node;
}

/** What a YAML file contains. */
export interface Tree {
  /** Undefined if the file is empty. */
  readonly root: Node | undefined;
  /** What is wrong with the syntax, with its offset. */
  readonly problems: readonly { readonly at: number; readonly text: string }[];
  /** The line and column of an offset, from 1. */
  readonly positionOf: (at: number) => { readonly line: number; readonly column: number };
}
