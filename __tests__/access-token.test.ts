import { describe, expect, test } from '@jest/globals';
import { runAction } from '../emulator/runner.ts';
import { OWN } from './support/github.ts';
import { findLeaks } from './support/leaks.ts';
import { expectSilent, runPost } from './support/post.ts';
import { errorOf, expectDelivered, requestsOf } from './support/step.ts';
import { canariesOf, vantageInputs } from './support/vantage.ts';
import { World } from './support/world.ts';

const WANTED = { 'output-access-token': 'true' };

/** The tenant and the client that a token names. */
const claimsOf = (token = '') => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

describe('an access token of the new client', () => {
  test('is an output that the job can use at once, and a mask', async () => {
    await using world = await World.open();
    const step = await world.step(WANTED);
    expectDelivered(step, world.secrets());
    const token = step.outputs['client-access-token'];
    expect(world.vantage.issued).toContain(token);
    expect(claimsOf(token)).toMatchObject({ client_id: 'invoices', tenant: world.vantage.tenantId });
    const headers = { authorization: `Bearer ${token}` };
    const skills = await fetch(`${world.vantage.baseUrl}/api/publicapi/v1/skills`, { headers });
    expect({ status: skills.status, body: await skills.json() }).toMatchObject({
      status: 200,
      body: [{ id: 'Receipt' }],
    });
    expect(Date.parse(step.outputs['client-access-token-expiration'] ?? '') / 1000).toBeCloseTo(
      claimsOf(token).exp,
      -1,
    );
    expect(step.masks).toContain(token);
    // The step itself looks for every token in all that it wrote but this output.
    expect(requestsOf(step, 'token')).toHaveLength(2);
  });

  test('is masked before anything else is printed, in a process', async () => {
    await using world = await World.open();
    const step = await runAction({ inputs: vantageInputs(world.vantage, WANTED) });
    const token = step.outputs['client-access-token'] ?? '';
    expect(world.vantage.issued).toContain(token);
    const allowed = { output: ['client-secret', 'client-access-token'] } as const;
    expect(findLeaks(step, canariesOf(world.vantage), allowed)).toEqual([]);
    expect(JSON.stringify([step.state, step.summary, step.log, step.outputs.results])).not.toContain(token);
    expect(step.stdout.indexOf(`::add-mask::${token}`)).toBeGreaterThan(-1);
  });

  test('is not set by default', async () => {
    await using world = await World.open();
    const { outputs } = await world.step();
    expect(Object.keys(outputs).filter(name => name.includes('access-token'))).toEqual([]);
  });

  test('leaves nothing for the end of the job', async () => {
    await using world = await World.open();
    const step = await world.step(WANTED);
    expectSilent(await runPost(world, step, WANTED));
  });

  test('remains when the secret is revoked at the end of the job', async () => {
    await using world = await World.open();
    const inputs = { ...WANTED, 'revoke-at-job-end': 'true' };
    const post = await runPost(world, await world.step(inputs), inputs);
    expect(post.requests.map(({ route }) => route)).toEqual(['token', 'readSecrets', 'deleteSecret']);
    expect(world.secrets()).toEqual([]);
  });

  test('is an output although the secret is only in GitHub', async () => {
    await using world = await World.open({ github: {} });
    const { outputs } = await world.step({ 'write-to': 'repository', ...WANTED });
    expect(outputs).not.toHaveProperty('client-secret');
    expect(world.vantage.issued).toContain(outputs['client-access-token']);
    expect(world.github.secret(OWN, 'VANTAGE_CLIENT_SECRET')?.value).toBe(world.vantage.createdSecrets.at(-1));
  });
});

describe('an access token that the step cannot get', () => {
  test.each([
    [{ verify: 'false' }, 'expected `verify` to be true, because the step gets the token when it verifies the secret'],
    [
      { rotate: 'never' },
      'expected `rotate` to be always or when-due, because a step that uses no secret gets no token',
    ],
    [
      { 'redirect-uris': 'https://app.example/' },
      'expected `allowed-grant-types` with client_credentials, because the client gets the token with that grant (with `redirect-uris`, the default is only authorization_code)',
    ],
    [
      { 'secret-start-time': '1h' },
      'expected no `secret-start-time` in the future, because the secret gets no token before that time',
    ],
  ])('is refused with %j', async (inputs, expected) => {
    await using world = await World.open();
    const step = await world.step({ ...WANTED, ...inputs });
    expect(errorOf(step)).toBe(
      `[invalid-input] reading the inputs failed: \`output-access-token\` is "true": ${expected}.`,
    );
    expect(step.vantage).toEqual([]);
  });

  test('does not matter to another mode', async () => {
    await using world = await World.open();
    expect(errorOf(await world.step({ ...WANTED, mode: 'audit', verify: 'false' }))).toBe('');
  });
});
