import { HTML_NAMES } from './encodings.ts';

export interface Decoded {
  readonly text: string;
  /** The index in the original text of a character, or of the end of the text. */
  readonly originOf: (index: number) => number;
  /** How many times the text was decoded. */
  readonly depth: number;
}

/** A kind of escape sequence: its pattern, and how to decode the one character that it stands for. */
interface Escaping {
  readonly pattern: RegExp;
  readonly decode: (found: string) => string;
}

const JSON_LETTERS: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

const HTML_CHARACTERS = new Map(Object.entries(HTML_NAMES).map(([character, name]) => [name, character]));

/** The escape sequences of URLs, JSON and HTML. Every pattern has a maximum length because servers choose the text. */
const ESCAPES: readonly Escaping[] = [
  {
    pattern: /%(?:[0-7][\da-f]|[cd][\da-f]%[89ab][\da-f]|e[\da-f](?:%[89ab][\da-f]){2}|f[0-7](?:%[89ab][\da-f]){3})/giu,
    decode: found => Buffer.from(found.replaceAll('%', ''), 'hex').toString(),
  },
  {
    pattern: /\\(?:u[\da-f]{4}|[bfnrt"/\\])/giu,
    decode: found =>
      found.length > 2
        ? String.fromCharCode(Number.parseInt(found.slice(2), 16))
        : (JSON_LETTERS[found.charAt(1).toLowerCase()] ?? found.charAt(1)),
  },
  {
    pattern: /&(?:#\d{1,7}|#x[\da-f]{1,6}|lt|gt|quot|amp|apos);/giu,
    decode: found => HTML_CHARACTERS.get(found.slice(1, -1).toLowerCase()) ?? characterOf(found),
  },
];

/** The text itself, then the text after each sequence of at most `maxDepth` decodings. */
export function* decodingsOf(text: string, maxDepth: number): Generator<Decoded> {
  yield* withDecodings({ text, originOf: index => index, depth: 0 }, maxDepth);
}

function* withDecodings(decoded: Decoded, maxDepth: number): Generator<Decoded> {
  yield decoded;
  for (const escaping of decoded.depth < maxDepth ? ESCAPES : []) {
    const further = decode(decoded, escaping);
    if (further) {
      yield* withDecodings(further, maxDepth);
    }
  }
}

/** @returns undefined if the text contains no such sequence. */
function decode({ text, originOf, depth }: Decoded, { pattern, decode: characterFor }: Escaping): Decoded | undefined {
  const parts: string[] = [];
  const origins = new Uint32Array(text.length + 1);
  let length = 0;
  let end = 0;
  const keep = (until: number) => {
    parts.push(text.slice(end, until));
    for (; end < until; end += 1) {
      origins[length++] = originOf(end);
    }
  };
  for (const { 0: found, index: start } of text.matchAll(pattern)) {
    keep(start);
    const character = characterFor(found);
    parts.push(character);
    origins.fill(originOf(start), length, length + character.length);
    length += character.length;
    end = start + found.length;
  }
  if (end === 0) {
    return undefined;
  }
  keep(text.length);
  origins[length] = originOf(text.length);
  return { text: parts.join(''), originOf: index => origins[index] ?? 0, depth: depth + 1 };
}

/** The character of a numeric reference of HTML, such as `&#65;` or `&#x41;`. */
function characterOf(reference: string): string {
  const code = Number(reference.slice(2, -1).replace(/^x/iu, '0x'));
  return code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
}
