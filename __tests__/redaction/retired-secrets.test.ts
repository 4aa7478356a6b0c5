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

  test('is hidden if it is cut, and another one begins with the same characters', () => {
    const redactor = new Redactor();
    const values = [newValue(), newValue()].map(end => `same-start-${end}`);
    const secrets = values.map(one => new Secret(one));
    for (const secret of secrets) redactor.maskSecret(secret);
    for (const secret of secrets) redactor.retireSecret(secret);
    expect(values.map(one => redactor.redact(`it answered ${one.slice(0, 24)}.`))).toEqual([
      'it answered ***.',
      'it answered ***.',
    ]);
  });

  test('of several lines is hidden if only the second line is encoded, for a URL', () => {
    const redactor = new Redactor();
    const secret = new Secret('the first line\n~~~the second line');
    redactor.maskSecret(secret);
    redactor.retireSecret(secret);
    // `fn5-`, and `fn5+` in the other alphabet.
    const encoded = Buffer.from('~~~the second line').toString('base64url');
    expect(redactor.redact(`with ${encoded} in it`)).toBe('with *** in it');
  });

  test.each(['hunter2', 'hunter2\nsecret1'])('stays as it is if it is short: %j', value => {
    const redactor = new Redactor();
    const secret = new Secret(value);
    redactor.maskSecret(secret);
    redactor.retireSecret(secret);
    expect(redactor.redact('with hunter2 in it')).toBe('with *** in it');
  });
});
