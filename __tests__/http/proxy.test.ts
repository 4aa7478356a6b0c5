import { expect, test } from '@jest/globals';
import { isThisMachine, readProxy } from '../../src/http/proxy.ts';

const PROXY = 'http://proxy.example.com:3128';

test('without a proxy in the environment, there is none', () => {
  expect(readProxy({ NO_PROXY: 'example.com', HTTPS_PROXY: '' })).toBeUndefined();
});

test('lower case wins over upper case, and https over http', () => {
  const others = { HTTPS_PROXY: 'http://b.example', http_proxy: 'http://c.example', HTTP_PROXY: 'http://d.example' };
  expect(readProxy({ https_proxy: PROXY, ...others })?.https_proxy).toBe(PROXY);
  expect(readProxy(others)?.https_proxy).toBe('http://b.example');
});

test('NO_PROXY exempts hosts, and the hosts below them, whatever separates them', () => {
  const exemptBy = (variables: NodeJS.ProcessEnv) => readProxy({ HTTPS_PROXY: PROXY, ...variables })?.no_proxy;
  expect(exemptBy({})).toBe('');
  expect(exemptBy({ NO_PROXY: 'a.example, b.example c.example,,' })).toBe(
    'a.example,.a.example,b.example,.b.example,c.example,.c.example',
  );
  expect(exemptBy({ no_proxy: 'a.example', NO_PROXY: 'b.example' })).toBe('a.example,.a.example');
});

test.each([
  ['localhost', true],
  ['localhost.', true],
  ['vantage.localhost', true],
  ['127.0.0.1', true],
  ['not-localhost', false],
  ['localhost.example.com', false],
])('%s is this machine: %s', (hostname, isLocal) => {
  expect(isThisMachine(hostname)).toBe(isLocal);
});

test.each(['https://proxy.example', 'http://user:100%25@proxy.example:3128'])('%s is a proxy', url => {
  expect(readProxy({ HTTPS_PROXY: url })?.https_proxy).toBe(url);
});

// Node ignores an option that it does not know, and would send the requests past the proxy.
test('a Node that does not support proxies is refused', () => {
  expect(() => readProxy({ HTTPS_PROXY: PROXY }, new Set())).toThrow(/Node [\d.]+ does not support proxies/u);
  expect(readProxy({}, new Set())).toBeUndefined();
});
