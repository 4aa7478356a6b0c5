import { HTML_NAMES } from './encodings.ts';

/** A decoded text. */
export interface Decoded {
  readonly text: string;
  /** The index in the original text of each character, then the index at which the original text ends. */
  readonly origins: Uint32Array;
  /** How many times the text was decoded. */
  readonly depth: number;
}

/** A kind of escape sequence: its pattern, and how to decode the one character that it stands for. */
interface Escaping {
  /** The first character of each sequence, which most texts do not contain. */
  readonly sign: string;
  readonly pattern: RegExp;
  readonly decode: (found: string) => string;
}

const JSON_LETTERS: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

const HTML_CHARACTERS = new Map(Object.entries(HTML_NAMES).map(([character, name]) => [name, character]));

/** The escape sequences of URLs, JSON and HTML. Every pattern has a maximum length because servers choose the text. */
const ESCAPES: readonly Escaping[] = [
  {
    sign: '%',
    pattern: /%(?:[0-7][\da-f]|[cd][\da-f]%[89ab][\da-f]|e[\da-f](?:%[89ab][\da-f]){2}|f[0-7](?:%[89ab][\da-f]){3})/giu,
    decode: found =>
      found.length === 3
        ? String.fromCharCode(Number.parseInt(found.slice(1), 16))
        : Buffer.from(found.replaceAll('%', ''), 'hex').toString(),
  },
  {
    sign: '\\',
    pattern: /\\(?:u[\da-f]{4}|[bfnrt"/\\])/giu,
    decode: found =>
      found.length > 2
        ? String.fromCharCode(Number.parseInt(found.slice(2), 16))
        : (JSON_LETTERS[found.charAt(1).toLowerCase()] ?? found.charAt(1)),
  },
  {
    sign: '&',
    pattern: /&(?:#\d{1,7}|#x[\da-f]{1,6}|lt|gt|quot|amp|apos);/giu,
    decode: found => HTML_CHARACTERS.get(found.slice(1, -1).toLowerCase()) ?? characterOf(found),
  },
];

/** The text itself, then the text after each sequence of at most `maxDepth` decodings. */
export function* decodingsOf(text: string, maxDepth: number): Generator<Decoded> {
  const original: Decoded = {
    text,
    get origins() {
      return countTo(text.length);
    },
    depth: 0,
  };
  yield original;
  yield* furtherDecodingsOf(original, maxDepth);
}

function* furtherDecodingsOf(from: Decoded, maxDepth: number): Generator<Decoded> {
  for (const escaping of maxDepth > 0 ? ESCAPES : []) {
    const decoded = decode(from, escaping);
    if (decoded) {
      yield decoded;
      yield* furtherDecodingsOf(decoded, maxDepth - 1);
    }
  }
}

function decode(from: Decoded, { sign, pattern, decode: characterFor }: Escaping): Decoded | undefined {
  if (!from.text.includes(sign)) {
    return undefined;
  }
  const parts: string[] = [];
  const { origins: before } = from;
  const origins = new Uint32Array(before.length);
  let length = 0;
  let end = 0;
  const keep = (until: number) => {
    parts.push(from.text.slice(end, until));
    origins.set(before.subarray(end, until), length);
    length += until - end;
  };
  for (const { 0: found, index: start } of from.text.matchAll(pattern)) {
    keep(start);
    const character = characterFor(found);
    parts.push(character);
    origins.fill(before[start] ?? 0, length, length + character.length);
    length += character.length;
    end = start + found.length;
  }
  if (end === 0) {
    return undefined;
  }
  keep(from.text.length);
  origins[length] = before[from.text.length] ?? 0;
  return { text: parts.join(''), origins: origins.subarray(0, length + 1), depth: from.depth + 1 };
}

function countTo(last: number): Uint32Array {
  const numbers = new Uint32Array(last + 1);
  for (let number = 0; number <= last; number += 1) {
    numbers[number] = number;
  }
  return numbers;
}

function characterOf(reference: string): string {
  const [, base = '', digits = ''] = /^&#(x?)(.+);$/iu.exec(reference) ?? [];
  const code = Number.parseInt(digits, base ? 16 : 10);
  return code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
}
