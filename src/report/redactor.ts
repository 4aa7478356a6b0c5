import { oneLine } from '../failure.ts';
import type { Secret } from '../secret.ts';

/** A shorter value would hide too much that is no secret, and the runner refuses to mask it well. */
const SHORTEST_MASKED = 4;

/** Hides the secrets it was told of, in every form that they may take on the way through a library or a server. */
export class Redactor {
  /** Longest first, so that a form is gone before a part of it is looked for. */
  #forms: readonly string[] = [];

  /** Hides this secret from now on. */
  protect(secret: Secret): void {
    const forms = new Set([...this.#forms, ...secretForms(secret)]);
    this.#forms = [...forms].sort((one, other) => other.length - one.length);
  }

  /** The text with every form of every protected secret replaced by `***`. */
  redact(text: string): string {
    return this.#forms.reduce((redacted, form) => redacted.replaceAll(form, '***'), text);
  }
}

/**
 * Every form that a secret may take in a log: itself and its lines, as JSON, as `encodeURIComponent` and as a form
 * encode it, in hex, and each text of these in base64 and base64url wherever it may begin within three bytes.
 */
export function secretForms(secret: Secret): readonly string[] {
  // A lone surrogate has no UTF-8, so no encoding of it can be sent or printed as it is.
  const value = secret.reveal().toWellFormed();
  const form = new URLSearchParams([['', value]]).toString().slice(1);
  const texts = [
    secret.reveal(),
    value,
    oneLine(value),
    ...value.split(/\r?\n/u),
    JSON.stringify(value).slice(1, -1),
    encodeURIComponent(value),
    form,
  ];
  const bytes = Buffer.from(value);
  const forms = [
    ...texts,
    ...texts.flatMap(text => [...base64Forms(Buffer.from(text))]),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
  ];
  return [...new Set(forms)].filter(text => text.length >= SHORTEST_MASKED);
}

/** The whole, and what is sure to stand in the base64 of any text that holds these bytes, after 0, 1 or 2 others. */
function* base64Forms(bytes: Buffer): Generator<string> {
  for (const encoding of ['base64', 'base64url'] as const) {
    yield bytes.toString(encoding);
    for (const skipped of [0, 1, 2]) {
      const whole = Math.floor((bytes.length - skipped) / 3) * 3;
      if (whole > 3) {
        yield bytes.subarray(skipped, skipped + whole).toString(encoding);
      }
    }
  }
}
