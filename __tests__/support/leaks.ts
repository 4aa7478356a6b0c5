import type { ActionRun } from '../../emulator/runner.ts';

/** One way to write a secret. */
export interface Encoding {
  readonly form: string;
  readonly text: string;
}

/** A secret that was found in a place where it must not be. */
export interface Leak {
  readonly canary: string;
  readonly form: string;
  /** The place with the line in it, such as `stdout:3` or `GITHUB_ENV:1`. */
  readonly where: string;
}

/** An output that may contain a secret if the workflow asks for it. */
export type SecretOutput = 'client-secret' | 'client-access-token';

/** Anything shorter appears by chance. */
const SHORTEST = 6;

/**
 * Every form in which a secret could leak. Equal forms appear once, and those under 6 characters are left out. It
 * checks the masks of the action, so it shares no code with them.
 */
export function encodingsOf(secret: string): Encoding[] {
  const bytes = Buffer.from(secret);
  const wide = Buffer.from(secret, 'utf16le');
  const hex = bytes.toString('hex');
  const pairs = (between: string) => hex.replace(/..(?=.)/g, pair => pair + between);
  const uri = encodeURIComponent(secret);
  const form = new URLSearchParams({ v: secret }).toString().slice('v='.length);
  const forms: Encoding[] = [
    { form: 'raw', text: secret },
    { form: 'RAW', text: secret.toUpperCase() },
    { form: 'lower', text: secret.toLowerCase() },
    ...[0, 1, 2].map(shift => ({ form: `base64+${shift}`, text: innerBase64(bytes, shift, 'base64') })),
    ...[0, 1, 2].map(shift => ({ form: `base64url+${shift}`, text: innerBase64(bytes, shift, 'base64url') })),
    // In UTF-16, each character before it has two bytes.
    ...[0, 2, 4].map(shift => ({ form: `base64 of UTF-16+${shift}`, text: innerBase64(wide, shift, 'base64') })),
    { form: 'uri', text: uri },
    { form: 'uri, lower', text: lowerPercent(uri) },
    { form: 'form', text: form },
    { form: 'form, lower', text: lowerPercent(form) },
    { form: 'json', text: JSON.stringify(secret).slice(1, -1) },
    { form: '.NET json', text: dotnetJson(secret) },
    { form: '.NET json, lower', text: dotnetJson(secret).replace(/\\u[\dA-F]{4}/g, unit => unit.toLowerCase()) },
    { form: 'html', text: secret.replace(/[<>"'&]/g, character => HTML[character] ?? '') },
    { form: 'html, decimal', text: eachOdd(secret, code => `&#${code};`) },
    { form: 'html, hex', text: eachOdd(secret, code => `&#x${code.toString(16).toUpperCase()};`) },
    { form: 'html, hex lower', text: eachOdd(secret, code => `&#x${code.toString(16)};`) },
    ...['', '-', ':'].flatMap(between => [
      { form: `hex${between}`, text: pairs(between) },
      { form: `HEX${between}`, text: pairs(between).toUpperCase() },
    ]),
  ];
  const texts = forms.map(({ text }) => text);
  return forms.filter(({ text }, index) => text.length >= SHORTEST && texts.indexOf(text) === index);
}

const encoded = new Map<string, readonly Encoding[]>();

/** The same, made once for each secret: most secrets are searched for in many steps. */
function knownEncodingsOf(secret: string): readonly Encoding[] {
  const known = encoded.get(secret) ?? encodingsOf(secret);
  encoded.set(secret, known);
  return known;
}

/** A secret in each encoding, and the results in each encoding again. */
export function encodedTwice(secret: string): Encoding[] {
  return encodingsOf(secret).flatMap(first =>
    encodingsOf(first.text).map(second => ({ form: `${second.form} of ${first.form}`, text: second.text })),
  );
}

const HTML: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;', '&': '&amp;' };

function lowerPercent(text: string): string {
  return text.replace(/%../g, byte => byte.toLowerCase());
}

/** Like JavaScriptEncoder.Default of .NET: only harmless ASCII is unchanged. */
function dotnetJson(text: string): string {
  return JSON.stringify(text)
    .slice(1, -1)
    .replaceAll('\\"', '"')
    .replace(/["&'+<>`\x7f-\uffff]/g, unit => `\\u${unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`)
    .replace(/\\u[\da-f]{4}/gi, unit => `\\u${unit.slice(2).toUpperCase()}`);
}

function eachOdd(text: string, encode: (code: number) => string): string {
  return Array.from(text, character =>
    /[\w ]/.test(character) ? character : encode(character.codePointAt(0) ?? 0),
  ).join('');
}

/**
 * The base64 characters that depend only on the secret if `shift` bytes (modulo 3) are before it. The first and the
 * last character can contain bits of other bytes, so they are left out.
 */
function innerBase64(secret: Buffer, shift: number, encoding: 'base64' | 'base64url'): string {
  const before = shift * 8;
  const text = Buffer.concat([Buffer.alloc(shift), secret]).toString(encoding);
  return text.slice(Math.ceil(before / 6), Math.floor((before + secret.length * 8) / 6));
}

/**
 * Searches for secrets in everything that a step printed (except in `::add-mask::` lines, which the runner never shows)
 * and in everything that it wrote.
 *
 * @param canaries name → secret
 * @param allowed the outputs that may contain a secret: only their entries in GITHUB_OUTPUT are ignored
 */
export function findLeaks(
  run: Pick<ActionRun, 'stdout' | 'stderr' | 'files'>,
  canaries: Readonly<Record<string, string>>,
  allowed?: { readonly output: SecretOutput | readonly SecretOutput[] },
): Leak[] {
  const sources: Record<string, string> = {
    stdout: withoutMaskCommands(run.stdout),
    // The data of a command is escaped. What the runner makes of it counts as well.
    'stdout (unescaped)': unescaped(withoutMaskCommands(run.stdout)),
    stderr: run.stderr,
    'file names': Object.keys(run.files).join('\n'),
    ...run.files,
  };
  if (allowed) sources.GITHUB_OUTPUT = [allowed.output].flat().reduce(withoutOutput, run.files.GITHUB_OUTPUT ?? '');

  const wanted = Object.entries(canaries).flatMap(([canary, secret]) =>
    knownEncodingsOf(secret).map(({ form, text }) => ({ canary, form, text })),
  );
  const byStart = Map.groupBy(new Set(wanted.map(({ text }) => text)), text => text.slice(0, SHORTEST));
  const found = Object.entries(sources).map(([source, content]) => ({
    source,
    content,
    places: firstPlaces(content, byStart),
  }));
  return wanted.flatMap(({ canary, form, text }) =>
    found.flatMap(({ source, content, places }) => {
      const at = places.get(text);
      return at === undefined ? [] : [{ canary, form, where: `${source}:${lineOf(content, at)}` }];
    }),
  );
}

/**
 * Where each text first appears. Reads the content once, because a large tenant has thousands of texts.
 *
 * @param byStart the texts, by their first `SHORTEST` characters.
 */
function firstPlaces(content: string, byStart: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  for (let at = 0; at <= content.length - SHORTEST; at += 1) {
    for (const text of byStart.get(content.slice(at, at + SHORTEST)) ?? []) {
      if (!places.has(text) && content.startsWith(text, at)) {
        places.set(text, at);
      }
    }
  }
  return places;
}

/** Keeps blank lines, so that line numbers are those of the printed text. */
function withoutMaskCommands(stdout: string): string {
  return stdout.replace(/^::add-mask::.*$/gm, '');
}

function unescaped(text: string): string {
  return text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
}

function withoutOutput(file: string, name: string): string {
  return file
    .replace(new RegExp(`^${name}<<(.+)\\n[^]*?\\n\\1$`, 'm'), `${name}: removed`)
    .replace(new RegExp(`^${name}=.*$`, 'm'), `${name}: removed`);
}

function lineOf(text: string, at: number): number {
  return text.slice(0, at).split('\n').length;
}
