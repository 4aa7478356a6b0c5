import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { encodingsOf, findLeaks } from './leaks.ts';

/** Its base64 has a `+` or a `/` in each of the three shifts, so that base64url differs. */
const SECRET = 'abc+/>>>>"gh i\\jk=';
const run = (parts: { stdout?: string; stderr?: string; files?: Record<string, string> }) => ({
  stdout: '',
  stderr: '',
  files: {},
  ...parts,
});
const forms = (text: string) => findLeaks(run({ stderr: text }), { secret: SECRET }).map(leak => leak.form);

describe('encodingsOf', () => {
  test('names every form of a secret in which all of them differ', () => {
    expect(encodingsOf(SECRET).map(encoding => encoding.form)).toEqual([
      ...['raw', 'RAW', 'base64+0', 'base64+1', 'base64+2', 'base64url+0', 'base64url+1', 'base64url+2'],
      ...['base64 of UTF-16+0', 'base64 of UTF-16+2', 'base64 of UTF-16+4', 'uri', 'uri, lower', 'form', 'form, lower'],
      ...['json', '.NET json', '.NET json, lower', 'html', 'html, decimal', 'html, hex', 'html, hex lower'],
      ...['hex', 'HEX', 'hex-', 'HEX-', 'hex:', 'HEX:'],
    ]);
  });

  test('a short secret has no form that can appear by chance', () => {
    expect(encodingsOf('ab')).toEqual([]);
    expect(encodingsOf('abc').map(encoding => encoding.text)).toEqual([
      ...['YQBiAGMA', 'hAGIAYw', 'EAYgBjA', '616263', '61-62-63', '61:62:63'],
    ]);
  });

  test('base64 and base64url are found, whatever is before and after the secret', () => {
    const bytes = fc.string({ unit: 'grapheme', maxLength: 9 });
    fc.assert(
      fc.property(bytes, fc.string({ minLength: 12 }), bytes, (before, secret, after) => {
        const encoded = Buffer.from(before + secret + after);
        for (const text of [encoded.toString('base64'), encoded.toString('base64url')]) {
          expect(findLeaks(run({ stderr: text }), { secret })).not.toEqual([]);
        }
      }),
    );
  });
});

describe('findLeaks', () => {
  test.each([
    ['raw', SECRET],
    ['uri', encodeURIComponent(SECRET)],
    ['form', String(new URLSearchParams({ client_secret: SECRET, scope: 'openid' }))],
    ['json', JSON.stringify({ value: SECRET })],
    ['hex', Buffer.from(SECRET).toString('hex')],
    ['HEX', Buffer.from(SECRET).toString('hex').toUpperCase()],
    ['base64+0', Buffer.from(SECRET).toString('base64')],
    ['base64+1', Buffer.from(`id:x${SECRET}`).toString('base64')],
    ['base64+2', Buffer.from(`id${SECRET}!`).toString('base64')],
  ])('finds the form %s', (form, text) => {
    expect(forms(`before ${text} after`)).toContain(form);
  });

  test('finds nothing in a text without secrets', () => {
    expect(forms(SECRET.slice(1))).toEqual([]);
  });

  test('reports the place, in stdout, stderr, files and their names', () => {
    const leaks = findLeaks(
      run({
        stdout: `\n::add-mask::x\n${SECRET}`,
        stderr: `\n${SECRET}`,
        files: { GITHUB_ENV: `A=${SECRET}`, [SECRET]: '' },
      }),
      { s: SECRET },
    );
    expect(leaks.filter(leak => leak.form === 'raw')).toEqual(
      ['stdout:3', 'stdout (unescaped):3', 'stderr:2', 'file names:2', 'GITHUB_ENV:1'].map(where => ({
        canary: 's',
        form: 'raw',
        where,
      })),
    );
  });

  test('ignores only add-mask lines of stdout', () => {
    const text = `::add-mask::${SECRET}\n`;
    expect(findLeaks(run({ stdout: text }), { SECRET })).toEqual([]);
    expect(findLeaks(run({ stdout: ` said ${text}` }), { SECRET })).not.toEqual([]);
    expect(findLeaks(run({ stderr: text }), { SECRET })).not.toEqual([]);
  });

  test('unescapes commands', () => {
    const leaks = findLeaks(run({ stdout: '::error::100%25 secret%0A\n' }), { s: '100% secret\n' });
    expect(leaks).toContainEqual({ canary: 's', form: 'raw', where: 'stdout (unescaped):1' });
  });

  test.each([`client-secret<<EOF\n${SECRET}\nEOF\n`, `client-secret=${SECRET}\n`])(
    'ignores only the allowed output: %j',
    entry => {
      const written = (text: string) => run({ files: { GITHUB_OUTPUT: text } });
      const allowed = { output: 'client-secret' } as const;
      expect(findLeaks(written(`a=1\n${entry}b=2\n`), { SECRET }, allowed)).toEqual([]);
      expect(findLeaks(written(entry), { SECRET })).not.toEqual([]);
      expect(findLeaks(written(`${entry}plan=${SECRET}\n`), { SECRET }, allowed)).not.toEqual([]);
    },
  );
});
