import {
  type Alias,
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  Lexer,
  LineCounter,
  type ParsedNode,
  Parser,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import type { MapNode, Node, Pair, Tree } from './tree.ts';

/** YAML 1.2 without its extras: no dates, no `yes` and `no`, no merge keys, no tags. */
const OPTIONS = { version: '1.2', schema: 'core', prettyErrors: false, uniqueKeys: false, merge: false } as const;

/** A manifest needs five levels. Each level of the file is one of the call stack. */
const DEEPEST = 20;

/** Words, punctuation and line breaks. 10,000 clients have some 600,000. Each takes up to 1 KB of memory. */
const MOST_LEXEMES = 1_500_000;

/** Problems of syntax. The first one may have caused the others. */
const MOST_PROBLEMS = 100;

/** How many items of a long list are read before they are converted. */
const BATCH = 64;

/**
 * Parses a YAML file with one document. The tree of the library is some 40 times as large as the text, so this converts the
 * items of a long list while it reads the file, instead of building that tree as a whole. An alias becomes a reference to
 * what its anchor names, and nothing is copied.
 */
export function parseYaml(text: string): Tree {
  const lines = new LineCounter();
  lines.addNewLine(0);
  const reading = new Reading();
  const root = reading.read(text, lines);
  return {
    root: root?.kind === 'nothing' ? undefined : root,
    problems: reading.problems,
    positionOf: at => {
      const { line, col: column } = lines.linePos(at);
      return { line, column };
    },
  };
}

class Reading {
  readonly problems: Tree['problems'][number][] = [];
  readonly #anchors = new Map<string, Node>();
  /** The items of the lists that were converted before their end, by the offset of the list. */
  readonly #early = new Map<number, Node[]>();
  /** The same for the keys of the whole file. */
  #earlyPairs: readonly Pair[] = [];
  #document: CST.Document | undefined;

  read(text: string, lines: LineCounter): Node | undefined {
    const parser = new Parser(lines.addNewLine);
    let lexemes = 0;
    for (const lexeme of new Lexer().lex(text)) {
      lexemes += 1;
      for (const token of parser.next(lexeme)) {
        this.#take(token);
      }
      if (parser.stack.length > DEEPEST) {
        return this.#reject(parser.offset, `expected at most ${DEEPEST} levels`);
      }
      if (lexemes > MOST_LEXEMES) {
        return this.#reject(parser.offset, `expected the file to end before ${MOST_LEXEMES} words and separators`);
      }
      if (this.problems.length > MOST_PROBLEMS) {
        return undefined;
      }
      this.#convertEarly(parser.stack);
    }
    for (const token of parser.end()) {
      this.#take(token);
    }
    const root = this.#document && this.#compose(this.#document);
    return root?.kind === 'map' ? { ...root, pairs: [...this.#earlyPairs, ...root.pairs] } : root;
  }

  /** Takes what the parser found outside of a document, or a whole document. */
  #take(token: CST.Token): void {
    if (token.type === 'document' && !this.#document) {
      this.#document = token;
    } else if (token.type === 'document') {
      this.#reject(token.offset, 'a second document begins here: expected one document');
    } else if (token.type === 'directive' && !/^%YAML\s+1\.2\s*$/u.test(token.source)) {
      this.#reject(token.offset, 'expected no directive other than %YAML 1.2');
    } else if (token.type === 'error') {
      this.#reject(token.offset, token.message);
    }
  }

  /**
   * Converts the complete items of a list that is the value of a key of the whole file. Leaves the last two, because the
   * parser can still move a comment between them.
   */
  #convertEarly([document, map, list]: readonly CST.Token[]): void {
    const isListOfKey = document?.type === 'document' && map?.type === 'block-map' && list?.type === 'block-seq';
    if (!isListOfKey || list.items.length < BATCH) {
      return;
    }
    // First what precedes the list, because the list can use its anchors.
    const before = map.items.splice(0, map.items.length - 1);
    if (before.length > 0) {
      const pairs = this.#compose(documentOf({ ...map, items: before }));
      this.#earlyPairs = [...this.#earlyPairs, ...(pairs?.kind === 'map' ? pairs.pairs : [])];
      // The library measures the length of the first key from here.
      map.offset = map.items[0]?.key?.offset ?? map.offset;
    }
    const items = this.#early.get(list.offset) ?? [];
    // Otherwise, the conversion would put the earlier items before these.
    this.#early.delete(list.offset);
    const converted = this.#compose(documentOf({ ...list, items: list.items.splice(0, list.items.length - 2) }));
    this.#early.set(list.offset, items);
    if (converted?.kind === 'list') {
      items.push(...converted.items);
    }
  }

  #compose(token: CST.Document): Node | undefined {
    let root: Node | undefined;
    for (const document of new Composer(OPTIONS).compose([token]) as Iterable<Document.Parsed>) {
      for (const { pos, message } of document.errors) {
        this.#reject(pos[0], message);
      }
      // After an error, the tree may not be what the author means.
      root = document.errors.length > 0 ? undefined : this.#convert(document.contents ?? undefined, token.offset);
    }
    return root ?? rejected(token.offset);
  }

  #convert(node: ParsedNode | null | undefined, otherwise: number): Node {
    if (!node) {
      return { kind: 'nothing', at: otherwise, source: '' };
    }
    const [at] = node.range;
    if (isAlias(node)) {
      const target = this.#anchors.get(node.source);
      return target ? { ...target, at } : this.#reject(at, 'expected an alias of an anchor that is defined before it');
    }
    if (node.tag !== undefined) {
      return this.#reject(at, 'expected no tag. To make a value text, put it in quotes');
    }
    const converted = this.#convertValue(node, at);
    if (node.anchor !== undefined) {
      this.#anchors.set(node.anchor, converted);
    }
    return converted;
  }

  #convertValue(node: Exclude<ParsedNode, Alias.Parsed>, at: number): Node {
    if (isMap(node)) {
      return this.#convertMap(node, at);
    }
    if (isScalar(node)) {
      return scalarOf(node, at);
    }
    const items = node.items.map(item => this.#convert(item as ParsedNode, at));
    return { kind: 'list', at, items: [...(this.#early.get(at) ?? []), ...items] };
  }

  #convertMap({ items }: YAMLMap.Parsed, at: number): MapNode {
    const pairs: Pair[] = [];
    for (const { key, value } of items) {
      const keyAt = key?.range?.[0] ?? at;
      if (isScalar(key) && typeof key.value === 'string' && key.tag === undefined) {
        pairs.push({ key: key.value, at: keyAt, value: this.#convert(value, key.range?.[1] ?? at) });
      } else {
        this.#reject(keyAt, 'expected text as a key');
      }
    }
    return { kind: 'map', at, pairs };
  }

  #reject(at: number, text: string): Node {
    this.problems.push({ at, text });
    return rejected(at);
  }
}

function rejected(at: number): Node {
  return { kind: 'rejected', at, source: '' };
}

function documentOf(value: CST.BlockMap | CST.BlockSequence): CST.Document {
  return { type: 'document', offset: value.offset, start: [], value };
}

function scalarOf({ value, source = '' }: Scalar.Parsed, at: number): Node {
  switch (typeof value) {
    case 'string':
      return { kind: 'text', at, text: value };
    case 'boolean':
      return { kind: 'boolean', at, source };
    case 'object':
      return { kind: source === '' ? 'nothing' : 'null', at, source };
    default:
      return { kind: 'number', at, source };
  }
}
