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
    expect(redactor.redactValue(`my ${value.slice(0, 12)}`)).toBe('my ***');
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

  describe('whose start others share', () => {
    const start = 'eyJhbGciOi';
    const redactorWith = (count: number) => {
      const redactor = new Redactor();
      const secrets = Array.from({ length: count }, () => new Secret(`${start}${newValue()}`));
      // Twice, as a token that is used for two clients.
      for (const secret of [...secrets, ...secrets]) redactor.maskSecret(secret);
      for (const secret of secrets) redactor.retireSecret(secret);
      return { redactor, secrets };
    };

    test('is hidden if it is cut there, and 20 secrets share the start', () => {
      expect(redactorWith(20).redactor.redact(`it answered ${start}.`)).toBe('it answered ***.');
    });

    test('is hidden whole, or cut at its start, however many share the start', () => {
      const { redactor, secrets } = redactorWith(21);
      for (const secret of secrets) {
        const value = secret.reveal();
        expect(redactor.redact(`it answered ${value}. (${value.slice(-12)})`)).toBe('it answered ***. (***)');
      }
    });

    test('shows a start that more than 20 secrets share, so it is no secret', () => {
      expect(redactorWith(21).redactor.redact(`it answered ${start}.`)).toBe(`it answered ${start}.`);
    });
  });

  test.each([
    ['16 characters no longer hides', 'secret-1234\nab12', 'ab12'],
    ['15 characters still hides', 'secret-123\nab12', '***'],
  ])('of %s a line of fewer than 8 characters', (_, value, shown) => {
    const redactor = new Redactor();
    const secret = new Secret(value);
    redactor.maskSecret(secret);
    redactor.retireSecret(secret);
    expect(redactor.redact('with ab12')).toBe(`with ${shown}`);
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
