import type { InputName } from '../names.ts';
import { CLIENT_KEYS, type Key, SECRET, SECRET_KEYS } from './keys.ts';
import type { ManifestProblems } from './problems.ts';
import type { MapNode, Node, Pair, Tree } from './tree.ts';
import { whyUnknown, whyUnknownAtTop } from './unknown-keys.ts';
import { described, readValue, rejectType, type Value } from './values.ts';

/** What a map sets. `null`: explicitly nothing, not even the default. */
export type Values = ReadonlyMap<InputName, Value | null>;

/** A client of a manifest, before its values are read. */
export interface Entry {
  /** The offset in the file. */
  readonly at: number;
  readonly clientId: Value;
  readonly values: Values;
}

export interface Entries {
  readonly defaults: Values;
  readonly clients: readonly Entry[];
}

const TOP = ['defaults', 'clients'];

/** Checks the keys and the types of their values. @returns only the clients whose shape is right. */
export function readEntries({ root }: Tree, problems: ManifestProblems): Entries {
  const top = readTop(root, problems);
  const given = top.get('defaults');
  const clients = top.get('clients');
  if (root?.kind === 'map' && !clients && problems.count === 0) {
    problems.reject(root.at, 'clients', 'is missing', 'expected a list of clients');
  }
  const defaults = given ? readDefaults(given, problems) : new Map();
  const areRight = problems.count === 0;
  const entries = clients ? readList(clients, problems) : [];
  // A value that was rejected is missing, which may look like another problem.
  return { defaults, clients: areRight ? entries : [] };
}

function readTop(root: Node | undefined, problems: ManifestProblems): ReadonlyMap<string, Node> {
  if (root?.kind !== 'map') {
    if (root?.kind !== 'rejected') {
      const found = root ? `the file contains ${described(root, problems)}` : 'the file is empty';
      problems.reject(root?.at ?? 0, undefined, found, `expected a map with ${TOP.join(' and ')}`);
    }
    return new Map();
  }
  const pairs = distinct(root, problems);
  for (const { key, at } of pairs) {
    if (!TOP.includes(key) && !problems.areEnough) {
      problems.reject(at, key, 'is unknown', whyUnknownAtTop(key, TOP));
    }
  }
  return new Map(pairs.map(({ key, value }) => [key, value]));
}

function readDefaults(node: Node, problems: ManifestProblems): Values {
  if (node.kind !== 'map') {
    rejectType(node, 'defaults', 'a map', problems);
    return new Map();
  }
  const clientId = node.pairs.find(({ key }) => key === 'clientId');
  if (clientId) {
    problems.reject(clientId.at, 'clientId', 'is in the defaults', 'expected an id only for each client');
  }
  return readSettings(node, problems);
}

function readList(node: Node, problems: ManifestProblems): readonly Entry[] {
  if (node.kind !== 'list' || node.items.length === 0) {
    rejectType(node, 'clients', 'a list with at least one client', problems);
    return [];
  }
  const right: Entry[] = [];
  const byId = new Map<string, Entry>();
  for (const item of node.items) {
    const { count } = problems;
    const entry = problems.areEnough ? undefined : readEntry(item, problems);
    if (entry) {
      rejectRepeated(entry, byId, problems);
    }
    if (entry && problems.count === count) {
      right.push(entry);
    }
  }
  return right;
}

function rejectRepeated(entry: Entry, byId: Map<string, Entry>, problems: ManifestProblems): void {
  const { text } = entry.clientId;
  // Vantage may not distinguish upper from lower case in ids.
  const other = byId.get(text.toLowerCase());
  if (other) {
    const where = problems.whereIs(placeOfId(other));
    const expected = `the client at ${where} has this id too`;
    problems.reject(placeOfId(entry), 'clientId', `is ${problems.quote(text)}`, expected);
  } else {
    byId.set(text.toLowerCase(), entry);
  }
}

/** If the client is an alias, its id precedes it. */
function placeOfId({ at, clientId }: Entry): number {
  return Math.max(at, clientId.at);
}

function readEntry(node: Node, problems: ManifestProblems): Entry | undefined {
  if (node.kind !== 'map') {
    return rejectType(node, 'clients', 'a map with clientId', problems, 'contains');
  }
  const values = readSettings(node, problems);
  if (!node.pairs.some(({ key }) => key === 'clientId')) {
    return problems.reject(node.at, 'clientId', 'is missing', 'expected the id of the client');
  }
  const clientId = values.get('client-id');
  return clientId ? { at: node.at, clientId, values } : undefined;
}

function readSettings(node: MapNode, problems: ManifestProblems): Values {
  const values = new Map<InputName, Value | null>();
  for (const pair of distinct(node, problems)) {
    if (problems.areEnough) {
      break;
    }
    if (pair.key !== SECRET) {
      set(values, pair, CLIENT_KEYS, '', problems);
    } else if (pair.value.kind !== 'map') {
      rejectType(pair.value, SECRET, 'a map', problems);
    } else {
      for (const inner of distinct(pair.value, problems, `${SECRET}.`)) {
        set(values, inner, SECRET_KEYS, `${SECRET}.`, problems);
      }
    }
  }
  return values;
}

function set(
  values: Map<InputName, Value | null>,
  pair: Pair,
  keys: Readonly<Record<string, Key>>,
  prefix: string,
  problems: ManifestProblems,
): void {
  const path = prefix + pair.key;
  const key = Object.hasOwn(keys, pair.key) ? keys[pair.key] : undefined;
  if (!key) {
    problems.reject(pair.at, path, 'is unknown', whyUnknown(pair.key, prefix !== ''));
    return;
  }
  if (key.input === 'client-id' && isEmpty(pair.value)) {
    problems.reject(pair.value.at, path, 'is empty', 'expected the id of the client');
    return;
  }
  const value = pair.value.kind === 'null' ? null : readValue(pair.value, key.type, path, problems);
  if (value !== undefined) {
    values.set(key.input, value);
  }
}

function isEmpty(node: Node): boolean {
  return node.kind === 'null' || node.kind === 'nothing' || (node.kind === 'text' && node.text.trim() === '');
}

/** The pairs of a map, without those whose key occurred before. */
function distinct({ pairs }: MapNode, problems: ManifestProblems, prefix = ''): readonly Pair[] {
  const byKey = new Map<string, Pair>();
  for (const pair of pairs) {
    const first = byKey.get(pair.key);
    if (first && !problems.areEnough) {
      problems.reject(pair.at, prefix + pair.key, 'is set twice', `it is also set at ${problems.whereIs(first.at)}`);
    }
    byKey.set(pair.key, first ?? pair);
  }
  return [...byKey.values()];
}
