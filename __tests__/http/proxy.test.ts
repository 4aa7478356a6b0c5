import { expect, test } from '@jest/globals';
import { readProxy } from '../../src/http/proxy.ts';

const PROXY = 'http://proxy.example.com:3128';

test('without a proxy in the environment, there is none', () => {
  expect(readProxy({ NO_PROXY: 'example.com', HTTPS_PROXY: '' })).toBeUndefined();
});

test('lower case wins over upper case, and https over http', () => {
  const others = { HTTPS_PROXY: 'http://b.example', http_proxy: 'http://c.example', HTTP_PROXY: 'http://d.example' };
  expect(readProxy({ https_proxy: PROXY, ...others })?.https_proxy).toBe(PROXY);
  expect(readProxy(others)?.https_proxy).toBe('http://b.example');
});

// Node ignores an option that it does not know, and would send the requests past the proxy.
test('a Node that does not support proxies is refused', () => {
  expect(() => readProxy({ HTTPS_PROXY: PROXY }, new Set())).toThrow(/Node [\d.]+ does not support proxies/u);
  expect(readProxy({}, new Set())).toBeUndefined();
});
