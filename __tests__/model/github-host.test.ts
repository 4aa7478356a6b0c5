import { expect, test } from '@jest/globals';
import { githubHost } from '../../src/model/url.ts';

test.each([
  ['https://api.github.com', 'github.com'],
  ['https://API.GitHub.com/', 'github.com'],
  ['https://api.acme.ghe.com', 'acme.ghe.com'],
  ['https://github.acme.example/api/v3', 'github.acme.example'],
  ['https://GitHub.acme.example:8443/api/v3/', 'github.acme.example:8443'],
  ['https://github.acme.example:443/api/v3', 'github.acme.example'],
  ['https://api.acme.example/api/v3', 'api.acme.example'],
  ['https://api.a.b.ghe.com', 'api.a.b.ghe.com'],
  ['https://api.github.com.acme.example', 'api.github.com.acme.example'],
  ['http://127.0.0.1:3000', '127.0.0.1:3000'],
  ['http://[::1]:3000/api/v3', '[::1]:3000'],
])('%s is the API of %s', (apiUrl, host) => {
  expect(githubHost(apiUrl)).toBe(host);
});
