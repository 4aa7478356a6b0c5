import { describe, expect, test } from '@jest/globals';
import { compareSettings, digestSettings } from '../../src/inputs/saved-step.ts';

const PROXIES = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'https_proxy', 'http_proxy', 'all_proxy'];
const NO_PROXIES = ['NO_PROXY', 'no_proxy'];
const PROXY = 'http://user:password@proxy.example.com:3128';
const SAME = { trust: [], lostProxies: [], proxies: [] };

/** How the environment of a post step differs from that of its step. */
const changes = (step: NodeJS.ProcessEnv, post: NodeJS.ProcessEnv) => compareSettings(digestSettings(step), post);

describe.each([...PROXIES, ...NO_PROXIES])('%s', name => {
  test.each(['', PROXY])('that is %j in both has not changed', value => {
    expect(changes({ [name]: value }, { [name]: value })).toEqual(SAME);
  });

  test.each(['', PROXY])('that is new (%j) must not be used', value => {
    expect(changes({}, { [name]: value })).toEqual({ ...SAME, proxies: [name] });
  });

  test('that has changed must not be used', () => {
    expect(changes({ [name]: PROXY }, { [name]: `${PROXY}/` })).toEqual({ ...SAME, proxies: [name] });
  });
});

test.each(PROXIES)('%s that is no longer set, or empty, is lost', name => {
  expect(changes({ [name]: PROXY }, {})).toMatchObject({ lostProxies: [name] });
  expect(changes({ [name]: PROXY }, { [name]: '' })).toMatchObject({ lostProxies: [name] });
});

test.each(NO_PROXIES)('%s that is no longer set loses no proxy', name => {
  expect(changes({ [name]: '*' }, {})).toEqual(SAME);
});

test('a digest does not show the value, and only connection settings are digested', () => {
  const digests = digestSettings({
    HTTPS_PROXY: PROXY,
    NODE_OPTIONS: '--no-warnings',
    PATH: '/bin',
    INPUT_PASSWORD: 'x',
  });
  expect(Object.keys(digests).sort()).toEqual(['HTTPS_PROXY', 'NODE_OPTIONS']);
  for (const digest of Object.values(digests)) {
    expect(digest).toMatch(/^[\da-f]{64}$/u);
  }
});
