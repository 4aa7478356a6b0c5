import { createServer, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from '@jest/globals';
import { Deadline } from '../../src/http/deadline.ts';
import { Http } from '../../src/http/http.ts';
import { Transport } from '../../src/http/transport.ts';
import type { Log } from '../../src/model/log.ts';
import type { SignIn } from '../../src/model/request.ts';
import { Secret } from '../../src/model/secret.ts';
import { TokenEndpoint } from '../../src/vantage/token-endpoint.ts';
import { listen } from '../support/ports.ts';

const TENANT = '6a10d7c9-5d3b-4b0e-8f4e-0a4f3a3f9b11';
const LOG = new Proxy({}, { get: () => () => undefined }) as Log;

interface Received {
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** The one request that the token endpoint gets for something. */
async function requestFor(work: (tokens: TokenEndpoint) => Promise<unknown>): Promise<Received> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    received.push({ url: request.url, headers: request.headers, body: await text(request) });
    response.setHeader('content-type', 'application/json');
    response.end('{"access_token":"a-token-of-a-test","token_type":"Bearer","expires_in":60}');
  });
  const baseUrl = `http://127.0.0.1:${await listen(server)}`;
  const deadline = new Deadline(10_000);
  const transport = new Transport('test', 5000);
  try {
    const vantage = { baseUrl, tenantId: TENANT, apiVersion: 'v2' } as const;
    await work(new TokenEndpoint(vantage, new Http(transport, { info: () => undefined }), deadline, LOG));
  } finally {
    deadline.close();
    transport.close();
    server.close();
  }
  const [request] = received;
  if (!request || received.length > 1) {
    throw new Error(`There were ${received.length} requests.`);
  }
  return request;
}

function signIn(clientId: string, clientSecret: string): SignIn {
  return { kind: 'client-credentials', clientId, clientSecret: new Secret(clientSecret), scope: 'openid a.b' };
}

// RFC 6749, appendix B: a form in UTF-8. The example in it is the second row.
describe('every value is encoded as a form', () => {
  test.each([
    ['letters, digits and *-._ as they are', 'aZ09*-._', 'aZ09*-._'],
    ['the example of RFC 6749, appendix B', ' %&+£€', '+%25%26%2B%C2%A3%E2%82%AC'],
    ['what a URI would leave as it is', "~!'()", '%7E%21%27%28%29'],
    ['what separates the parts of a form and of a URL', '=&;?#/:@$,', '%3D%26%3B%3F%23%2F%3A%40%24%2C'],
    ['what ends a line, and a tab', '\r\n\t', '%0D%0A%09'],
    ['what base64 contains', 'a+b/c==', 'a%2Bb%2Fc%3D%3D'],
    ['a character beyond 16 bits', '🔑', '%F0%9F%94%91'],
    ['an umlaut, in one or two characters', '\u00fcu\u0308', '%C3%BCu%CC%88'],
  ])('%s', async (_, value, encoded) => {
    const { body } = await requestFor(tokens => tokens.signIn(signIn(`id${value}`, `secret${value}`)));
    expect(body).toBe(
      `scope=openid+a.b&grant_type=client_credentials&client_id=id${encoded}&client_secret=secret${encoded}`,
    );
    const form = new URLSearchParams(body);
    expect([form.get('client_id'), form.get('client_secret')]).toEqual([`id${value}`, `secret${value}`]);
  });
});

test('a user signs in at the endpoint of the tenant', async () => {
  const user = { kind: 'password', username: 'a b@c.example', password: new Secret('p&=ß') } as const;
  const { url, body } = await requestFor(tokens => tokens.signIn({ ...signIn('id', 'secret'), ...user } as SignIn));
  expect(url).toBe(`/auth2/${TENANT}/connect/token`);
  expect(body).toBe(
    'scope=openid+a.b&username=a+b%40c.example&password=p%26%3D%C3%9F&grant_type=password&client_id=id&client_secret=secret',
  );
});

test('a secret of a client without client_credentials is verified with a made-up code', async () => {
  const probe = { operation: 'verifying', clientId: 'id', secret: new Secret('secret') };
  const { url, body } = await requestFor(tokens => tokens.probe({ ...probe, redirectUri: 'https://a.example/?b=c' }));
  expect(url).toBe('/auth2/connect/token');
  expect(Object.fromEntries(new URLSearchParams(body))).toEqual({
    grant_type: 'authorization_code',
    code: 'vantage-client-action-probe',
    redirect_uri: 'https://a.example/?b=c',
    code_verifier: expect.stringMatching(/^[\w.~-]{43,128}$/u),
    client_id: 'id',
    client_secret: 'secret',
  });
});

test('the client authenticates in the body alone', async () => {
  const { headers } = await requestFor(tokens => tokens.signIn(signIn('id', 'secret')));
  expect(headers).toMatchObject({
    accept: 'application/json',
    'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
  });
  expect(headers.authorization).toBeUndefined();
});
