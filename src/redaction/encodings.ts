/** The ways in which a text comes back from a library or a server: .NET's and JavaScript's, for URLs, JSON, HTML and bytes. */

const JSON_SHORT: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** The names that HTML's encoders use; all other characters they write as numbers. */
export const HTML_NAMES: Readonly<Record<string, string>> = {
  '<': 'lt',
  '>': 'gt',
  '"': 'quot',
  '&': 'amp',
  "'": 'apos',
};

/** A text in every encoding, in letters of either case, and in base64 as URLs have it too. */
export function encodedForms(text: string): readonly string[] {
  return [
    ...escapedForms(text),
    ...hexForms(text),
    ...base64Forms(text).flatMap(encoded => [encoded, encoded.replaceAll('+', '-').replaceAll('/', '_')]),
    upper(text),
    lower(text),
  ];
}

/** A text as URLs, forms, JSON and HTML write it, in each choice of characters and letters that their encoders make. */
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

/** The bytes of a text in hex, as Node writes them and as .NET's BitConverter and fingerprints do. */
export function hexForms(text: string): readonly string[] {
  const bytes = hexBytes(text);
  return ['', '-', ':'].map(between => bytes.join(between)).flatMap(hex => [hex, hex.toUpperCase()]);
}

/** The bytes of a text, each as two digits. */
function hexBytes(text: string): readonly string[] {
  return Array.from(Buffer.from(text), byte => hexOf(byte, 2));
}

/** A number in so many digits at least. */
function hexOf(number: number, digits: number): string {
  return number.toString(16).padStart(digits, '0');
}

/** The base64 of a text in UTF-8 and in .NET's own UTF-16, as `base64Parts`. */
export function base64Forms(text: string): readonly string[] {
  return (['utf8', 'utf16le'] as const).flatMap(encoding => base64Parts(Buffer.from(text, encoding)));
}

/** The whole, and what is sure to stand in the base64 of any text that holds these bytes, after 0, 1 or 2 others. */
function base64Parts(bytes: Buffer): readonly string[] {
  const parts = [0, 1, 2].map(skipped => bytes.subarray(skipped, bytes.length - ((bytes.length - skipped) % 3)));
  return [bytes, ...parts.filter(({ length }) => length > 3)].map(part => part.toString('base64'));
}

function formEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}

/** A half of a surrogate pair has no UTF-8: it goes as the character that every encoder puts in its place. */
function percentEncoded(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/** All but what RFC 3986 calls unreserved, as .NET's Uri.EscapeDataString writes it. */
export function strictlyPercentEncoded(text: string): string {
  return percentEncoded(text).replace(/[!'()*]/gu, character => `%${upper(hexOf(codeOf(character), 1))}`);
}

function jsonUnits(character: string, spell: (hex: string) => string): string {
  return Array.from({ length: character.length }, (_, index) => {
    return `\\u${spell(hexOf(character.charCodeAt(index), 4))}`;
  }).join('');
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}

function upper(text: string): string {
  return text.toUpperCase();
}

function lower(text: string): string {
  return text.toLowerCase();
}
