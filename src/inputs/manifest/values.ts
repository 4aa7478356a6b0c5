import type { KeyType } from './keys.ts';
import type { ManifestProblems } from './problems.ts';
import type { Node } from './tree.ts';

export interface Value extends Item {
  readonly items?: readonly Item[];
}

interface Item {
  /** The offset in the file. */
  readonly at: number;
  readonly text: string;
}

/** In characters. */
export const LONGEST_TEXT = 4096;
export const MOST_ITEMS = 1000;

/** What to do about a value that is empty. */
const NO_VALUE = 'expected a value, or null to do without the default';

/** Reads the value of a key, unless its type is wrong. @param path the key, as errors name it. */
export function readValue(node: Node, type: KeyType, path: string, problems: ManifestProblems): Value | undefined {
  if (node.kind === 'nothing') {
    return problems.reject(node.at, path, 'has no value', NO_VALUE);
  }
  if (type === 'list') {
    return readList(node, path, problems);
  }
  if ((type === 'boolean' && node.kind === 'boolean') || (type === 'lifetime' && node.kind === 'number')) {
    return { at: node.at, text: node.source };
  }
  if (type === 'boolean') {
    const isQuoted = node.kind === 'text' && /^(?:true|false)$/iu.test(node.text);
    return rejectType(node, path, `true or false${isQuoted ? ', without quotes' : ''}`, problems);
  }
  return type === 'lifetime' && node.kind !== 'text'
    ? rejectType(node, path, 'a number of seconds, or text such as 1h', problems)
    : readText(node, path, 'is', problems);
}

function readList(node: Node, path: string, problems: ManifestProblems): Value | undefined {
  if (node.kind !== 'list') {
    return rejectType(node, path, 'a list: each item on a line of its own, after "- "', problems);
  }
  if (node.items.length === 0) {
    return problems.reject(node.at, path, 'is an empty list', NO_VALUE);
  }
  if (node.items.length > MOST_ITEMS) {
    return problems.reject(node.at, path, `has ${node.items.length} items`, `expected at most ${MOST_ITEMS}`);
  }
  const items = node.items.map(item => readItem(item, path, problems)).filter(item => item !== undefined);
  return items.length === node.items.length
    ? { at: node.at, text: items.map(({ text }) => text).join('\n'), items }
    : undefined;
}

function readItem(node: Node, path: string, problems: ManifestProblems): Item | undefined {
  const item = readText(node, path, 'contains', problems);
  return item && /[\r\n]/u.test(item.text)
    ? problems.reject(item.at, path, `contains ${problems.quote(item.text)}`, 'expected each item on one line')
    : item;
}

function readText(node: Node, path: string, verb: 'is' | 'contains', problems: ManifestProblems): Item | undefined {
  if (node.kind !== 'text') {
    const needsQuotes = node.kind === 'number' || node.kind === 'boolean';
    const quotes = needsQuotes ? `, so put it in quotes: ${problems.quote(node.source)}` : '';
    return rejectType(node, path, `text${quotes}`, problems, verb);
  }
  // Trimmed, as a reader trims the value of an input.
  const text = node.text.trim();
  if (text === '') {
    const expected = verb === 'is' ? NO_VALUE : 'expected text';
    return problems.reject(node.at, path, `${verb} ${problems.quote(node.text)}`, expected);
  }
  return text.length > LONGEST_TEXT
    ? problems.reject(node.at, path, `has ${text.length} characters`, `expected at most ${LONGEST_TEXT}`)
    : { at: node.at, text };
}

/** Rejects a value of the wrong type, unless it was rejected when the file was parsed. */
export function rejectType(
  node: Node,
  path: string,
  expected: string,
  problems: ManifestProblems,
  verb = 'is',
): undefined {
  return node.kind === 'rejected'
    ? undefined
    : problems.reject(node.at, path, `${verb} ${described(node, problems)}`, `expected ${expected}`);
}

/** A value in the words of an error. */
export function described(node: Node, problems: ManifestProblems): string {
  switch (node.kind) {
    case 'text':
      return problems.quote(node.text);
    case 'list':
      return node.items.length === 0 ? 'an empty list' : 'a list';
    case 'map':
      return 'a map';
    case 'number':
    case 'boolean':
      return `the ${node.kind} ${problems.quote(node.source).slice(1, -1)}`;
    default:
      return 'null';
  }
}
