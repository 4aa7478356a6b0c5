/**
 * Replaces secrets with `***`, in the forms that the runner knows and no others, so that tests see a form that the
 * runner would show.
 */
export class Masker {
  readonly #forms = new Set<string>();
  /** A step masks the same values many times. */
  readonly #known = new Set<string>();

  /** Masks a value and each of its lines. */
  add(value: string): void {
    if (this.#known.has(value)) return;
    this.#known.add(value);
    for (const text of [value, ...value.split(/[\r\n]+/)]) {
      if (text.trim() !== '') for (const form of formsOf(text)) this.#forms.add(form);
    }
  }

  /** The text without its masked characters: secrets that overlap or touch become one `***`. */
  mask(text: string): string {
    const covered = new Uint8Array(text.length);
    for (const form of this.#forms) {
      for (let at = text.indexOf(form); at >= 0; at = text.indexOf(form, at + 1)) {
        covered.fill(1, at, at + form.length);
      }
    }
    let masked = '';
    for (let at = 0; at < text.length; at++) {
      if (!covered[at]) masked += text[at];
      else if (!covered[at - 1]) masked += '***';
    }
    return masked;
  }
}

/**
 * A value and what the runner itself derives from it. The newest runners also know base64url, but self-hosted ones may
 * not, so it is not included: an action must mask that form itself.
 */
function formsOf(value: string): string[] {
  const bytes = Buffer.from(value);
  // The three positions at which a value can start within base64's groups of three bytes.
  const base64 = [0, 1, 2].map(shift => bytes.subarray(shift).toString('base64').replace(/=+$/, ''));
  const json = JSON.stringify(value).slice(1, -1);
  const uri = encodeURIComponent(value).replace(/[!'()*]/g, percentEncoded);
  const xml = value.replace(/[<>"'&]/g, character => XML_ENTITIES[character] ?? character);
  return [value, ...base64, json, uri, xml].filter(form => form !== '');
}

function percentEncoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

const XML_ENTITIES: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '&': '&amp;',
};
