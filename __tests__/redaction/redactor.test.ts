import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Secret } from '../../src/model/secret.ts';
import { masksOf } from '../../src/redaction/masks.ts';
import { Redactor } from '../../src/redaction/redactor.ts';
import { textsOf } from '../../src/redaction/secret-texts.ts';
import { encodedTwice, encodingsOf } from '../support/leaks.ts';

const ID = '2a3e913a-9062-4624-bb87-8ea84009383a';
const MARK = '[vantage-client octo-org/octo-repo to=e0ee8bb5 run=1658821493.1 9d5b65ce8600fea5]';

function redactorOf(...values: string[]): Redactor {
  const redactor = new Redactor();
  for (const value of values) redactor.maskSecret(new Secret(value));
  return redactor;
}

/** A secret of Vantage: 44 characters of base64. */
const vantageSecret = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map(bytes => Buffer.from(bytes).toString('base64'));
/** A password that a person may choose. Without asterisks, which redaction itself writes. */
const chosen = fc
  .oneof(fc.string({ minLength: 8, maxLength: 40 }), fc.string({ unit: 'grapheme', minLength: 8, maxLength: 20 }))
  .filter(value => !value.includes('*') && value.trim() === value && Buffer.byteLength(value) >= 8);
const secrets = fc.oneof(vantageSecret, chosen);
const surroundings = fc.string({ maxLength: 20 }).filter(text => !text.includes('*'));

/** The names of the forms that the text still contains. */
const survivors = (redacted: string, secret: string) =>
  encodingsOf(secret)
    .filter(({ text }) => redacted.includes(text))
    .map(({ form }) => form);

describe('no form of a secret remains', () => {
  test('in a text that quotes one of them', () => {
    fc.assert(
      fc.property(secrets, surroundings, surroundings, (secret, before, after) => {
        const redactor = redactorOf(secret);
        for (const { text } of encodingsOf(secret)) {
          expect(survivors(redactor.redact(`${before}${text}${after}`), secret)).toEqual([]);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('in a text that contains one of them, encoded again', () => {
    // A backslash right before an escape would become part of it.
    const apart = surroundings.filter(text => !/[%\\&]/u.test(text));
    // A letter such as ᾀ, which its uppercase form does not lead back to, is not followed through both.
    const leadsBack = (secret: string) => secret.toUpperCase().toLowerCase() === secret.toLowerCase();
    fc.assert(
      fc.property(secrets.filter(leadsBack), apart, apart, (secret, before, after) => {
        const redactor = redactorOf(secret);
        for (const { form, text } of encodedTwice(secret)) {
          const redacted = redactor.redact(`${before}${text}${after}`);
          expect({ form, redacted, holds: redacted.includes(text) }).toEqual({ form, redacted, holds: false });
          expect(survivors(redacted, secret)).toEqual([]);
        }
      }),
      { numRuns: 15 },
    );
  });

  test('in a text that was encoded as a whole, with any text around it', () => {
    fc.assert(
      fc.property(secrets, surroundings, surroundings, (secret, before, after) => {
        const whole = before + secret + after;
        const bytes = Buffer.from(whole);
        const texts = [
          JSON.stringify({ detail: whole }),
          encodeURIComponent(whole),
          String(new URLSearchParams({ client_secret: whole })),
          bytes.toString('hex'),
          bytes.toString('hex').toUpperCase(),
          bytes.toString('base64'),
          bytes.toString('base64url'),
        ];
        const redactor = redactorOf(secret);
        for (const text of texts) expect(survivors(redactor.redact(text), secret)).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  test('in the Authorization header of HTTP Basic', () => {
    fc.assert(
      fc.property(vantageSecret, fc.stringMatching(/^[\w-]{1,20}$/u), (secret, clientId) => {
        const redactor = redactorOf(secret);
        for (const password of [secret, encodeURIComponent(secret)]) {
          const header = `Basic ${Buffer.from(`${clientId}:${password}`).toString('base64')}`;
          const left = redactor
            .redact(header)
            .split('***')
            .map(part => part.replace('Basic ', ''));
          // What remains are the bytes before the secret and at most two bytes at its end that share a group.
          expect(Buffer.from(left.at(-1) ?? '', 'base64').length).toBeLessThanOrEqual(2);
          expect(Buffer.from(left[0] ?? '', 'base64').length).toBeLessThanOrEqual(clientId.length + 3);
        }
      }),
    );
  });

  test('if one secret is part of another, or they overlap', () => {
    const redactor = redactorOf('correct-horse', 'correct-horse-battery-staple', 'staple-remover');
    expect(redactor.redact('a correct-horse-battery-staple b correct-horse c')).toBe('a *** b *** c');
    expect(redactor.redact('correct-horse-battery-staple-remover')).not.toMatch(/correct|horse|battery/u);
  });

  test('if several follow each other, in any order, with or without text between them', () => {
    const redactor = redactorOf('second-secret', 'first-secret', 'abcd');
    expect(redactor.redact('first-secret, second-secret; abcd and abcd.')).toBe('***, ***; *** and ***.');
    expect(redactor.redact('first-secretfirst-secretsecond-secret')).toBe('***');
    // A word is searched for separately, because it can occur by chance.
    expect(redactorOf('correct-horse-7', 'prod').redact('correct-horse-7prod correct-horse-7')).toBe('*** ***');
  });

  test.each<readonly [string, string, string]>([
    ['a URL, of one byte', '<', '%3C'],
    ['a URL, of one byte in small letters', '<', '%3c'],
    ['a URL, of two bytes', 'é', '%C3%A9'],
    ['a URL, of three bytes', '€', '%e2%82%ac'],
    ['a URL, of four bytes', '😀', '%F0%9F%98%80'],
    ['JSON, by number', 'é', '\\u00e9'],
    ['JSON, by number in capitals', 'é', '\\u00E9'],
    ['JSON, a tab', '\t', '\\t'],
    ['JSON, a backspace', '\b', '\\b'],
    ['JSON, a form feed', '\f', '\\f'],
    ['JSON, a quote', '"', '\\"'],
    ['JSON, a slash', '/', '\\/'],
    ['JSON, a backslash', '\\', '\\\\'],
    ['HTML, by name', '<', '&lt;'],
    ['HTML, by name in capitals', '>', '&GT;'],
    ['HTML, an apostrophe', "'", '&apos;'],
    ['HTML, a quote', '"', '&quot;'],
    ['HTML, an ampersand', '&', '&amp;'],
    ['HTML, by number', '€', '&#8364;'],
    ['HTML, by number in hex', '😀', '&#x1F600;'],
    ['HTML, the last character of all', '\u{10ffff}', '&#1114111;'],
  ])('if only one of its characters is escaped as in %s', (_, character, escaped) => {
    // Another character of each kind of escape is not escaped, so no encoding of the whole secret matches.
    const [before, after] = ['Ab3é/<"fg', "h€>\\&ij'k"];
    expect(redactorOf(`${before}${character}${after}`).redact(`x ${before}${escaped}${after} y`)).toBe('x *** y');
  });

  test.each(['&#1114112;', '&#x110000;', '&#9999999;', '%ff', '\\u12', '&#;', '&nbsp;'])(
    'next to what looks like an escape, but is not one: %s',
    text => {
      expect(redactorOf('correct-horse-battery').redact(`${text} correct-horse-battery ${text}`)).toBe(
        `${text} *** ${text}`,
      );
    },
  );

  test('next to text that looks like a part of its first escape', () => {
    // The three backslashes could be an escaped one and the start of `\\n`.
    expect(redactorOf('\\nabcdefgh1').redact('x\\\\\\nabcdefgh1 y')).toBe('x\\*** y');
  });

  test('in uppercase and lowercase, also if that changes its length', () => {
    for (const hyphen of ['-', '%2D']) {
      expect(redactorOf('straße-geheim-7').redact(`x STRASSE${hyphen}GEHEIM${hyphen}7 y`)).toBe('x *** y');
      expect(redactorOf('İSTANBUL-GEHEIM-9').redact(`x i̇stanbul${hyphen}geheim${hyphen}9 y`)).toBe('x *** y');
    }
    expect(redactorOf('ßßßß').redact('x SSSSSS%53S y')).toBe('x *** y');
  });

  test('that was encoded twice, but not three times: to search for more would take too long', () => {
    const secret = 'correct<horse';
    const redactor = redactorOf(secret);
    const [once, twice, thrice] = ['%3C', '%253C', '%25253C'].map(escaped => secret.replace('<', escaped));
    expect(redactor.redact(`x ${once} ${twice} y`)).toBe('x *** *** y');
    expect(redactor.redact(`x ${thrice} y`)).toBe(`x ${thrice} y`);
  });

  test('of several lines: each line is hidden as well', () => {
    const key = '-----BEGIN KEY-----\nMIIEvQIBADAN\nBgkqhkiG9w0B\n-----END KEY-----';
    expect(redactorOf(key).redact(`it said MIIEvQIBADAN and "${JSON.stringify(key)}"`)).toBe('it said *** and ""***""');
    expect(redactorOf(key.replaceAll('\n', '\r\n')).redact('BgkqhkiG9w0B')).toBe('***');
  });
});

describe('a truncated secret', () => {
  const SECRET = 'Ab3+de/Gh=ij~kl.mn_op-qrst"vw\\yz %41&<56';
  const asIs = (text: string) => text;
  const escapeForms: Readonly<Record<string, (text: string) => string>> = {
    asIs,
    form: text => new URLSearchParams([['', text]]).toString().slice(1),
    url: encodeURIComponent,
    json: text => JSON.stringify(text).slice(1, -1),
    formInJson: text => JSON.stringify(encodeURIComponent(text)).slice(1, -1),
  };
  /** The maximum number of consecutive characters of the secret that remain in any of these spellings. */
  const longestLeft = (redacted: string, secret: string, spell: (text: string) => string) => {
    for (let length = secret.length; length > 0; length -= 1) {
      for (let at = 0; at + length <= secret.length; at += 1) {
        if (redacted.includes(spell(secret.slice(at, at + length)))) return length;
      }
    }
    return 0;
  };

  test('is hidden without its end or without its start', () => {
    const redactor = redactorOf(SECRET);
    expect(redactor.redact(`invalid: client_secret=${SECRET.slice(0, -3)}…`)).toBe('invalid: client_secret=***…');
    expect(redactor.redact(`…${SECRET.slice(3)} is wrong`)).toBe('…*** is wrong');
    expect(redactor.redact(`${SECRET.slice(0, 20)} ${SECRET.slice(0, 8)}`)).toBe('*** ***');
    expect(redactor.redact(`A${SECRET.slice(2, 10)}`)).toBe(`A${SECRET.slice(2, 10)}`);
  });

  test('leaves at most 7 consecutive characters, of any secret, truncated anywhere, in any spelling', () => {
    const long = fc.oneof(
      vantageSecret,
      fc.string({ minLength: 16, maxLength: 50 }).filter(value => !/[*\\%&]/u.test(value) && value.trim() === value),
      // One whose start repeats itself.
      fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 16, maxLength: 40 }),
    );
    const apart = surroundings.filter(text => !/[%\\&]/u.test(text));
    const cut = fc.record({ kept: fc.nat({ max: 42 }), ofBeginning: fc.boolean() });
    fc.assert(
      fc.property(long, cut, apart, apart, (secret, { kept, ofBeginning }, before, after) => {
        const length = Math.min(8 + kept, secret.length);
        const part = ofBeginning ? secret.slice(0, length) : secret.slice(-length);
        for (const [form, spell] of Object.entries(escapeForms)) {
          const redacted = redactorOf(secret).redact(`${before} ${spell(part)} ${after}`);
          const own = longestLeft(`${before} ${after}`, secret, asIs);
          const left = longestLeft(redacted, secret, spell);
          expect({ form, redacted, left: left > Math.max(own, 7) }).toEqual({ form, redacted, left: false });
        }
      }),
      { numRuns: 150 },
    );
  });

  test('is hidden in a value for other programs', () => {
    const redactor = redactorOf(SECRET);
    expect(redactor.redactValue(`sec-${SECRET.slice(0, 12)}`)).toBe('sec-***');
    expect(redactor.redactValue(SECRET.slice(-9))).toBe('***');
  });

  test('is not an ID that shares fewer than 8 characters with it, and not a part of a short secret', () => {
    const redactor = redactorOf('invoices-prod-2024-X9', 'correct-horse');
    for (const id of ['invoice', 'invoice-prod-2024', 'my-invoice', '24-X9', 'correct-hors', ID, MARK]) {
      expect(redactor.redact(id)).toBe(id);
      expect(redactor.redactValue(id)).toBe(id);
    }
  });

  test('is searched for if the secret has 16 characters, and 8 of them remain', () => {
    const sixteen = SECRET.slice(0, 16);
    for (const part of [sixteen.slice(0, 8), sixteen.slice(-8)]) {
      expect(redactorOf(sixteen).redact(`(${part})`)).toBe('(***)');
    }
    const shorter = sixteen.slice(0, 15);
    for (const part of [shorter.slice(0, 8), shorter.slice(-8), shorter.slice(0, 14)]) {
      expect(redactorOf(shorter).redact(`(${part})`)).toBe(`(${part})`);
    }
    for (const part of [sixteen.slice(0, 7), sixteen.slice(-7)]) {
      expect(redactorOf(sixteen).redact(`(${part})`)).toBe(`(${part})`);
    }
  });

  test('is hidden if the start of the secret repeats before its end', () => {
    const redactor = redactorOf('abcabcababcabcabd-0123456789');
    expect(redactor.redact('x abcabcabcababcabcabd-0123 y')).toBe('x *** y');
    expect(redactor.redact('x abcabcababcabcababcabcabd y')).toBe('x *** y');
    expect(redactor.redact('x 6789 abd-0123456789 y')).toBe('x 6789 *** y');
    expect(redactorOf('abcdefghXbcdefghZ-0123').redact('x abcdefghXbcdefghX y')).toBe('x ***X y');
  });

  test('is found at any length, however often it repeats itself', () => {
    const redactor = redactorOf(`${'a'.repeat(4000)}b${'a'.repeat(4000)}`);
    expect(redactor.redact('a'.repeat(1 << 17))).toBe('***');
  });
});

describe('text that is not secret remains', () => {
  test('IDs, marks and ordinary words', () => {
    fc.assert(
      fc.property(vantageSecret, secret => {
        const line = `Creating a secret for client "invoices", id ${ID}, expires 2027-02-19T23:39:37.406Z, marked ${MARK}`;
        expect(redactorOf(secret).redact(line)).toBe(line);
      }),
    );
  });

  test('everything before a secret is known', () => {
    expect(new Redactor().redact('anything *** at all')).toBe('anything *** at all');
    expect(new Redactor().redactValue('anything *** at all')).toBe('anything *** at all');
  });

  test('a value of fewer than 4 characters: to hide it would hide half of the log', () => {
    expect(masksOf(new Secret('abc')).every(form => form.length >= 4)).toBe(true);
    expect(masksOf(new Secret('abcd'))).toContain('abcd');
    expect(redactorOf('abc').redact('abc')).toBe('abc');
    expect(redactorOf('').redact('text')).toBe('text');
  });

  test('a line of fewer than 4 characters, also if it is encoded', () => {
    const redactor = redactorOf('correct-horse\nab', 'battery-staple');
    expect(redactor.redact('ab, 6162, YWI=, correct-horse')).toBe('ab, 6162, YWI=, ***');
    expect(textsOf(new Secret('correct-horse\nab'))).toEqual([
      'correct-horse\nab',
      'correct-horse ab',
      'correct-horse',
    ]);
    expect(textsOf(new Secret('größe-42'))).toEqual(['größe-42', 'GRÖSSE-42']);
    expect(textsOf(new Secret('abc'))).toEqual([]);
  });
});

describe('any text, including lone surrogates', () => {
  // Single code units, and often half of a surrogate pair, which no UTF-8 encoding can represent.
  const unit = fc.oneof(
    fc.integer({ min: 0xd800, max: 0xdfff }),
    fc.integer({ min: 0x20, max: 0x7e }),
    fc.integer({ min: 0, max: 0xffff }),
  );
  const anyText = fc.array(unit, { maxLength: 60 }).map(units => String.fromCharCode(...units));

  test('can be masked', () => {
    fc.assert(
      fc.property(anyText, value => {
        const masks = masksOf(new Secret(value));
        expect(masks.includes(value)).toBe(value.length >= 4);
        expect(masks.every(form => form.length >= 4)).toBe(true);
      }),
    );
    expect(masksOf(new Secret('abcd\ud800efgh12'))).toContain('abcd%ef%bf%bdefgh12');
  });

  test('is hidden, and is hidden in', () => {
    fc.assert(
      fc.property(
        anyText.filter(value => value.length >= 4 && !value.includes('*')),
        anyText.filter(text => !text.includes('*')),
        (value, around) => {
          const redactor = redactorOf(value);
          expect(redactor.redact(around + value + around).includes(value)).toBe(false);
          expect(redactor.redactValue(value)).toBe('***');
        },
      ),
    );
  });
});

describe('a value for other programs', () => {
  const shown = (value: string, ...credentials: string[]) => redactorOf(...credentials).redactValue(value);

  test.each([
    ['invoices-prod', 'prod'],
    ['invoices-prod', 'invoices'],
    ['https://Invoices.example/callback', 'Invoices'],
    ['true-blue', 'true'],
    ['20270131-7', '20270131'],
    [ID, '9062'],
  ])('%s is unchanged, whatever the password (%s)', (value, password) => {
    expect(shown(value, password)).toBe(value);
    // In a text for people, it is better to hide too much than too little.
    expect(redactorOf(password).redact(value)).toContain('***');
  });

  test.each([
    ['INVOICES', true],
    ['Invoices', true],
    ['20270131', true],
    ['rechnungsstelle', true],
    ['inv-2027', false],
    ['invoiceS', false],
    ['INVOICEs', false],
    ['2027013a', false],
    ['inv-202', true],
    ['rechnungsstellen', false],
  ])('contains %s, which can occur by chance: %s', (password, mayBe) => {
    expect(shown(`my.${password}.client`, password)).toBe(mayBe ? `my.${password}.client` : 'my.***.client');
  });

  test('does not show a word that is a whole password', () => {
    expect(shown('prod', 'prod')).toBe('***');
    expect(shown(Buffer.from('invoices').toString('base64'), 'invoices')).toBe('***');
  });

  test('does not show any form of another secret', () => {
    fc.assert(
      fc.property(vantageSecret, surroundings, surroundings, (secret, before, after) => {
        for (const { text } of encodingsOf(secret)) {
          expect(survivors(shown(before + text + after, secret), secret)).toEqual([]);
        }
      }),
      { numRuns: 20 },
    );
    expect(shown('my hunter-22!', 'hunter-22')).toBe('my ***!');
    expect(shown('it is correcthorsebatterystaple', 'correcthorsebatterystaple')).toBe('it is ***');
    expect(shown('my hunter-22 in prod', 'hunter-22', 'prod')).toBe('my *** in prod');
  });
});

describe('the masks for the runner', () => {
  test('contain no form twice, and none that the runner derives itself', () => {
    const masks = masksOf(new Secret('a+b/c&d<e"f\\ghijklm'));
    expect(new Set(masks).size).toBe(masks.length);
    expect(masks.length).toBeLessThan(45);
    expect(masks).not.toContain(Buffer.from('a+b/c&d<e"f\\ghijklm').toString('base64'));
    expect(masks).toEqual(
      expect.arrayContaining(['a%2bb%2fc%26d%3ce%22f%5cghijklm', 'a\\u002Bb/c\\u0026d\\u003Ce\\u0022f\\\\ghijklm']),
    );
  });

  test('are exactly these of a secret with characters that encoders escape', () => {
    expect(masksOf(new Secret('aB1"<\\é+?'))).toEqual([
      'aB1"<\\é+?',
      'aB1%22%3c%5c%c3%a9%2b%3f',
      'aB1\\u0022\\u003C\\\\\\u00E9\\u002B?',
      'aB1&#x22;&#x3C;&#x5C;&#xE9;&#x2B;&#x3F;',
      'aB1\\u0022\\u003c\\\\\\u00e9\\u002b?',
      'aB1&#x22;&#x3c;&#x5c;&#xe9;&#x2b;&#x3f;',
      'aB1&#34;&#60;&#92;&#233;&#43;&#63;',
      'aB1&quot;&lt;\\é+?',
      '614231223c5cc3a92b3f',
      '614231223C5CC3A92B3F',
      '61-42-31-22-3c-5c-c3-a9-2b-3f',
      '61-42-31-22-3C-5C-C3-A9-2B-3F',
      '61:42:31:22:3c:5c:c3:a9:2b:3f',
      '61:42:31:22:3C:5C:C3:A9:2B:3F',
      'YUIxIjxcw6kr',
      'QjEiPFzDqSs_',
      'MSI8XMOp',
      'YQBCADEAIgA8AFwA6QArAD8A',
      'AEIAMQAiADwAXADpACsA',
      'QgAxACIAPABcAOkAKwA/',
      'QgAxACIAPABcAOkAKwA_',
      'AB1"<\\É+?',
      'ab1"<\\é+?',
    ]);
  });

  test('contain no word in another case, which may be an ID', () => {
    expect(masksOf(new Secret('Invoices'))).not.toContain('invoices');
    expect(masksOf(new Secret('Invoices'))).not.toContain('INVOICES');
    expect(masksOf(new Secret('Invoices-2027!'))).toContain('invoices-2027!');
  });
});

test('a secret does not show itself by accident', () => {
  const secret = new Secret('correct-horse-battery');
  const shown = [String(secret), `${secret}`, JSON.stringify({ secret }), inspect(secret), inspect({ deep: [secret] })];
  expect(shown.join(' ')).not.toContain('horse');
  expect(Object.keys(secret)).toEqual([]);
  expect(secret.reveal()).toBe('correct-horse-battery');
});
