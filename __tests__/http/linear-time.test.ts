import { describe, expect, test } from '@jest/globals';
import { isRateLimited } from '../../src/github/failures.ts';
import { describeResponse } from '../../src/http/failures.ts';
import { type HttpResponse, parseRetryAfter } from '../../src/http/message.ts';
import { describeCause } from '../../src/http/transport.ts';
import { oneLine, quoted } from '../../src/model/failure.ts';
import { readMark } from '../../src/model/mark.ts';
import { Secret } from '../../src/model/secret.ts';
import { Redactor } from '../../src/redaction/redactor.ts';
import { Markdown } from '../../src/report/markdown.ts';

const SECRET = 'Zq+8&/=w"<x@y%41\\aaaa aaaa';

const redactor = new Redactor();
for (const value of [SECRET, 'aaaaaaaaaaaaaaab', '0000-0000-0001', 'eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln']) {
  redactor.maskSecret(new Secret(value));
}
const redact = (text: string) => redactor.redact(text);
const markdown = new Markdown(redact);

const answer = (body: string, type: string, status = 500): HttpResponse => {
  return { kind: 'answered', status, headers: { 'content-type': type }, body };
};

/** Everything that is done with a text that a server sends. */
const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  oneLine,
  quoted,
  redact,
  text: text => markdown.text(text),
  code: text => markdown.code(text),
  short: text => markdown.short(text),
  label: text => markdown.label(text),
  plain: text => describeResponse(answer(text, 'text/plain'), redact),
  html: text => describeResponse(answer(`<html>${text}`, 'text/html'), redact),
  problem: text => describeResponse(answer(JSON.stringify({ title: text, errors: { field: [text] } }), ''), redact),
  limited: text => isRateLimited(answer(text, '', 403)),
  cause: text => describeCause(new Error(text)),
  retryAfter: text => parseRetryAfter(text, 0),
  mark: readMark,
};

/** What can make one of these functions slow if it is repeated. */
const REPEATED = [
  ' ',
  '\t',
  ' \n',
  '\u00a0',
  '<title',
  '<title ',
  '<title>',
  '<title>x</titl',
  '</title',
  '\\',
  '\\u002',
  '%',
  '%25',
  '&',
  '&amp;',
  '&#0',
  '&#x0',
  '\u001b[',
  '\u001b[0;',
  '`',
  '|',
  'www.',
  'a@',
  'https://',
  '0',
  '0-',
  'a',
  'eyJhbGciOiJFUzI1NiJ9.',
  'already ',
  'secondary rate limi',
  '[vantage-client ',
  'Zq+8',
  Buffer.from(SECRET).toString('base64url'),
  Buffer.from(SECRET).toString('hex'),
  'é',
];

/** The CPU time of this process only, because other processes may be busy. */
function milliseconds(read: (text: string) => unknown, unit: string, length: number): number {
  const text = unit.repeat(Math.ceil(length / unit.length));
  const started = process.cpuUsage();
  read(`x${text}x`);
  return process.cpuUsage(started).user / 1000;
}

describe('a text that is eight times as long takes about eight times as long, and no more', () => {
  test.each(Object.keys(READERS))('%s', name => {
    const read = READERS[name] ?? oneLine;
    for (const unit of REPEATED) {
      let long = Number.POSITIVE_INFINITY;
      // Other threads of the process, such as the garbage collector, can be busy during one of the measurements.
      for (let attempts = 0; attempts < 5 && long >= 400; attempts += 1) {
        long = Math.min(long, milliseconds(read, unit, 128 * 1024));
      }
      // The fastest functions cannot be measured. A quadratic one takes 64 times as long.
      const short = long < 400 ? 0 : Math.min(...[1, 2, 3].map(() => milliseconds(read, unit, 16 * 1024)));
      expect({
        unit,
        growth: long < 400 ? 'slow at most' : long / short < 32 ? 'linear' : `${short} ms, then ${long} ms`,
      }).toEqual({
        unit,
        growth: expect.stringMatching(/^(?:slow at most|linear)$/u),
      });
    }
  });

  test.each(['plain', 'html'])('and 1 MiB, the maximum that is read of an error, takes a few seconds: %s', name => {
    for (const unit of REPEATED) {
      expect({ unit, slow: milliseconds(READERS[name] ?? oneLine, unit, 1024 * 1024) > 8000 }).toEqual({
        unit,
        slow: false,
      });
    }
  });
});
