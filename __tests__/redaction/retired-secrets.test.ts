import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { Secret } from '../../src/model/secret.ts';
import { Redactor } from '../../src/redaction/redactor.ts';
import { encodingsOf } from '../support/leaks.ts';

const newValue = () => randomBytes(32).toString('base64');

/** A redactor in which this secret is one of many that were retired, and one that hides it for certain. */
function redactorsWith(value: string) {
  const [retired, live] = [new Redactor(), new Redactor()];
  const secrets = [value, ...Array.from({ length: 40 }, newValue)].map(one => new Secret(one));
  for (const secret of secrets) {
    retired.maskSecret(secret);
  }
  for (const secret of secrets) {
    retired.retireSecret(secret);
  }
  live.maskSecret(new Secret(value));
  return { retired, live };
}

describe('a secret that nothing uses any more', () => {
  const value = newValue();
  const { retired, live } = redactorsWith(value);

  test('is still hidden in every form', () => {
    const forms = encodingsOf(value).map(({ form, text }) => [form, retired.redact(`before ${text} after`)]);
    expect(forms.filter(([, shown]) => shown !== 'before *** after')).toEqual(
      encodingsOf(value)
        .map(({ form, text }) => [form, live.redact(`before ${text} after`)])
        .filter(([, shown]) => shown !== 'before *** after'),
    );
  });

  test.each([
    ['cut at its end', value.slice(0, 12)],
    ['cut at its start', value.slice(-12)],
    ['escaped', encodeURIComponent(value)],
    ['escaped twice', encodeURIComponent(JSON.stringify(encodeURIComponent(value)))],
  ])('is hidden if it is %s', (_, text) => {
    expect(retired.redact(`it answered ${text}.`)).toBe(live.redact(`it answered ${text}.`));
    expect(retired.redact(`it answered ${text}.`)).not.toContain(text);
    expect(retired.redactValue(text)).toBe(live.redactValue(text));
  });

  test('leaves other texts alone', () => {
    const text =
      'Client "invoices" exists and has the declared settings. No secret is due before 2027-07-01T09:00:00.000Z.';
    expect(retired.redact(text)).toBe(text);
  });

  test('can be masked again', () => {
    const redactor = new Redactor();
    const secret = new Secret(value);
    redactor.maskSecret(secret);
    redactor.retireSecret(secret);
    redactor.maskSecret(secret);
    expect(redactor.redact(value)).toBe('***');
  });

  test('stays as it is if it is short', () => {
    const redactor = new Redactor();
    const secret = new Secret('hunter2');
    redactor.maskSecret(secret);
    redactor.retireSecret(secret);
    expect(redactor.redact('with hunter2 in it')).toBe('with *** in it');
  });
});
