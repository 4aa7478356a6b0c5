import { expect, test } from '@jest/globals';
import * as undici from 'undici';
import connect from 'undici/lib/api/api-connect.js';
import request from 'undici/lib/api/api-request.js';
import { Agent, EnvHttpProxyAgent } from '../../src/http/undici.ts';

// An update of undici may move its parts.
test('the parts of undici are those of the whole', () => {
  expect(Agent).toBe(undici.Agent);
  expect(EnvHttpProxyAgent).toBe(undici.EnvHttpProxyAgent);
  expect(request).toBe(undici.Dispatcher.prototype.request);
  expect(connect).toBe(undici.Dispatcher.prototype.connect);
});
