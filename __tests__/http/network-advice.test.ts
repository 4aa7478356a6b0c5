import { describe, expect, test } from '@jest/globals';
import { Deadline } from '../../src/http/deadline.ts';
import { FailureMapper } from '../../src/http/failures.ts';
import type { RequestResult } from '../../src/http/message.ts';
import { networkAdvice } from '../../src/http/network-advice.ts';
import { NotConnected } from '../../src/http/transport.ts';
import type { Log } from '../../src/model/log.ts';
import { VANTAGE } from '../../src/vantage/failures.ts';

const LOG = { redact: (text: string) => text } as Log;
const FIREWALL =
  'Check that no firewall blocks connections from the runner to vantage-eu.abbyy.com, port 443, and set HTTPS_PROXY if the network needs a proxy.';

/** The error of a request whose last attempt ended like this. */
function messageOf(
  cause: Error,
  {
    url = 'https://vantage-eu.abbyy.com/',
    kind = 'not-sent' as 'not-sent' | 'unknown',
    deadline = new Deadline(1000),
  } = {},
): string {
  const result: RequestResult = { outcome: { kind, cause }, attempts: 5, maybeApplied: false };
  const request = { method: 'GET', url: new URL(url), headers: {} } as const;
  try {
    return new FailureMapper(VANTAGE, deadline, LOG).of({ operation: 'asking', request, result }).message;
  } finally {
    deadline.close();
  }
}

const networkError = (code: string) => Object.assign(new Error(`connect ${code}`), { code });

describe('a connection that fails', () => {
  test.each(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'])(
    'with %s may be blocked by a firewall, or need a proxy',
    code => {
      expect(messageOf(networkError(code))).toBe(
        `asking failed at GET https://vantage-eu.abbyy.com/: connect ${code}, 5 times. ${FIREWALL} Otherwise: Run the step again when Vantage is available.`,
      );
    },
  );

  test.each(['ENOTFOUND', 'EAI_AGAIN'])('with %s may have the wrong address', code => {
    expect(messageOf(networkError(code))).toContain('HTTPS_PROXY if the runner needs a proxy.');
  });

  test('because no response comes in time may be blocked as well', () => {
    const cause = new Error('no complete response within request-timeout, 30 s');
    expect(messageOf(cause, { kind: 'unknown' })).toContain(
      `30 s, 5 times. ${FIREWALL} If the server is only slow, raise \`request-timeout\`. Otherwise: `,
    );
  });

  test('says nothing else if nothing else is known', () => {
    const url = new URL('https://vantage-eu.abbyy.com/');
    expect(networkAdvice(networkError('ECONNREFUSED'), url, 'its address', '')).toBe(FIREWALL);
  });

  test('names the port of the server', () => {
    expect(messageOf(networkError('ECONNREFUSED'), { url: 'https://vantage.example:8443/' })).toContain(
      'to vantage.example, port 8443, and',
    );
  });

  test.each(['http://127.0.0.1:8080/', 'https://localhost/', 'https://[::1]/'])('to %s is blocked by nothing', url => {
    expect(messageOf(networkError('ECONNREFUSED'), { url })).not.toMatch(/firewall|PROXY/u);
  });

  test('with another error has no such advice', () => {
    expect(messageOf(new Error('other side closed'))).not.toMatch(/firewall|PROXY/u);
  });
});

describe('a step whose time runs out', () => {
  const expired = async () => {
    const deadline = new Deadline(20);
    await new Promise(resolve => setTimeout(resolve, 40));
    return deadline;
  };

  test('before there is a connection may be blocked by a firewall', async () => {
    const deadline = await expired();
    expect(messageOf(new NotConnected('no connection was established'), { deadline })).toBe(
      `asking failed at GET https://vantage-eu.abbyy.com/: the step's timeout of 0.02 s ran out. Raise \`timeout\` if Vantage needs longer, or run the step again. ${FIREWALL}`,
    );
  });

  test.each([
    ['while it waits for its turn', new Error('aborted'), {}],
    ['at this machine', new NotConnected('no'), { url: 'http://127.0.0.1:8080/' }],
  ])('%s has no such advice', async (_, cause, options) => {
    expect(messageOf(cause, { ...options, deadline: await expired() })).not.toContain('firewall');
  });
});
