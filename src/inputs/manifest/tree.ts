/** A value in a YAML file. `at` is its offset in the text. */
export type Node = TextNode | OtherNode | ListNode | MapNode;

interface TextNode {
  readonly kind: 'text';
  readonly at: number;
  readonly text: string;
}

/** A value that is not text, such as a number. */
interface OtherNode {
  readonly kind: 'number' | 'boolean' | 'null' | 'nothing' | 'rejected';
  readonly at: number;
  /** As it is in the file. `''` for `nothing` and `rejected`. */
  readonly source: string;
}

interface ListNode {
  readonly kind: 'list';
  readonly at: number;
  readonly items: readonly Node[];
}

export interface MapNode {
  readonly kind: 'map';
  readonly at: number;
  readonly pairs: readonly Pair[];
}

/** A key with its value. */
export interface Pair {
  readonly key: string;
  /** The offset of the key. */
  readonly at: number;
  readonly value: Node;
}

/** Something wrong at an offset of the text. */
export interface SyntaxProblem {
  readonly at: number;
  readonly text: string;
}

/** What a YAML file contains. */
export interface Tree {
  /** Undefined if the file is empty. */
  readonly root: Node | undefined;
  readonly problems: readonly SyntaxProblem[];
  /** The line and column of an offset, from 1. */
  readonly positionOf: (at: number) => { readonly line: number; readonly column: number };
}
