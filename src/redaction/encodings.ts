/** How libraries and servers encode a text: the encoders of .NET and JavaScript for URLs, JSON, HTML and bytes. */

const JSON_SHORT: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** The names that HTML encoders use. They write all other characters as numbers. */
export const HTML_NAMES: Readonly<Record<string, string>> = {
  '<': 'lt',
  '>': 'gt',
  '"': 'quot',
  '&': 'amp',
  "'": 'apos',
};

const upper = (text: string) => text.toUpperCase();
const lower = (text: string) => text.toLowerCase();

/** A text in every encoding, in uppercase and lowercase, and in both alphabets of base64. */
export function encodedForms(text: string): readonly string[] {
  return [
    ...escapedForms(text),
    ...hexForms(text),
    ...base64Forms(text).flatMap(encoded => [encoded, encoded.replaceAll('+', '-').replaceAll('/', '_')]),
    upper(text),
    lower(text),
  ];
}

/** A text as URLs, forms, JSON and HTML write it. Encoders differ in the characters that they escape, and in case. */
function escapedForms(text: string): readonly string[] {
  const percent = [percentEncoded(text), formEncoded(text), strictlyPercentEncoded(text)];
  return [
    ...percent,
    ...percent.map(encoded => encoded.replace(/%[\dA-F]{2}/gu, hex => hex.toLowerCase())),
    JSON.stringify(text).slice(1, -1),
    ...[upper, lower].flatMap(spell => [
      text.replace(/[^ !#-%(-*,-;=?-_a-~]|\\/gu, character => JSON_SHORT[character] ?? jsonUnits(character, spell)),
      text.replace(/[^\w ]/gu, character => `&#x${spell(hexOf(codeOf(character), 1))};`),
    ]),
    text.replace(/[^\w ]/gu, character => `&#${codeOf(character)};`),
    text.replace(/[<>"&']/gu, character => (character === "'" ? '&#39;' : `&${HTML_NAMES[character]};`)),
  ];
}

export function hexForms(text: string): readonly string[] {
  return lowercaseHexForms(text).flatMap(hex => [hex, upper(hex)]);
}

/** The bytes of a text in hex, as Node.js writes them, and with separators as BitConverter of .NET and fingerprints do. */
export function lowercaseHexForms(text: string): readonly string[] {
  const hex = Buffer.from(text).toString('hex');
  const bytes = hex.match(/../gu) ?? [];
  return [hex, bytes.join('-'), bytes.join(':')];
}

function hexOf(number: number, digits: number): string {
  return number.toString(16).padStart(digits, '0');
}

/**
 * The base64 of a text in UTF-8 and in UTF-16, which .NET uses, and the part of each that the base64 of any longer text
 * contains, for each offset modulo 3.
 */
export function base64Forms(text: string): readonly string[] {
  return [Buffer.from(text), Buffer.from(text, 'utf16le')].flatMap(bytes => {
    const parts = [0, 1, 2].map(skipped => [skipped, bytes.length - ((bytes.length - skipped) % 3)] as const);
    const long = parts.filter(([start, end]) => end - start > 3);
    return [bytes.toString('base64'), ...long.map(([start, end]) => bytes.toString('base64', start, end))];
  });
}

/** Escapes as URLSearchParams does, which takes longer than all other encodings together. */
function formEncoded(text: string): string {
  return percentEncoded(text, /[!'()~]/gu).replaceAll('%20', '+');
}

/**
 * Escapes as encodeURIComponent does, and further characters. A lone surrogate has no UTF-8. Every encoder replaces it with
 * the same character.
 */
function percentEncoded(text: string, further?: RegExp): string {
  const encoded = encodeURIComponent(text.toWellFormed());
  return further ? encoded.replace(further, character => `%${upper(hexOf(codeOf(character), 1))}`) : encoded;
}

/** Escapes all characters but those that RFC 3986 calls unreserved, as Uri.EscapeDataString of .NET does. */
export function strictlyPercentEncoded(text: string): string {
  return percentEncoded(text, /[!'()*]/gu);
}

function jsonUnits(character: string, spell: (hex: string) => string): string {
  const units = character.split('').map(unit => `\\u${spell(hexOf(unit.charCodeAt(0), 4))}`);
  return units.join('');
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}
