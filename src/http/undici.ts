/**
 * The parts of undici that the action uses, assembled as undici itself does it. undici as a whole also loads a fetch,
 * caches and mocks, which takes longer than a request.
 */
import connect from 'undici/lib/api/api-connect.js';
import request from 'undici/lib/api/api-request.js';
import Agent from 'undici/lib/dispatcher/agent.js';
import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';
import EnvHttpProxyAgent from 'undici/lib/dispatcher/env-http-proxy-agent.js';

// A proxy is asked to connect by the same class.
Object.assign(Dispatcher.prototype, { connect, request });

export { Agent, type Dispatcher, EnvHttpProxyAgent };
