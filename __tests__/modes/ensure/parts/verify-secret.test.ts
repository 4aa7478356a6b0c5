import { describe, expect, test } from '@jest/globals';
import type { Deadline } from '../../../../src/http/deadline.ts';
import { Secret } from '../../../../src/model/secret.ts';
import type { EnsuredClient } from '../../../../src/modes/ensure/client.ts';
import type { CreatedSecret } from '../../../../src/modes/ensure/create-secret.ts';
import { PendingSecret } from '../../../../src/modes/ensure/pending-secret.ts';
import { verifySecret } from '../../../../src/modes/ensure/verify-secret.ts';
import type { IssuedToken } from '../../../../src/vantage/token-answers.ts';
import { withFastTime } from '../../../support/fast-time.ts';
import { ensureRun, NOW, rejection, Stage, type StageOptions } from '../../../support/stage.ts';

const CREATED: CreatedSecret = {
  value: new Secret('canary-of-the-secret'),
  mark: '[vantage-client of the secret]',
  id: '7',
  startTime: undefined,
  expiration: undefined,
  unconfirmedMarks: [],
};
const REFUSED = { kind: 'refused', request: 'POST /token', reason: 'answered invalid_client' };
const VERIFIED = 'Verified the new secret at the token endpoint.';
const retrying = (seconds: number) =>
  `The token endpoint does not accept the new secret yet. Retrying in ${seconds} s.`;

/** A token endpoint that refuses the secret a number of times. */
async function open(refusals: number, options: StageOptions, use: (run: Run) => Promise<void>): Promise<void> {
  const probes: unknown[] = [];
  using stage = new Stage(
    {
      'tokens.probe': (probe: unknown) => {
        probes.push(probe);
        return probes.length > refusals ? { kind: 'accepted' } : REFUSED;
      },
    },
    options,
  );
  const pending = new PendingSecret(CREATED, ensureRun(stage));
  const verify: Run['verify'] = (client = {}, deadline = stage.deadline) => {
    const run = ensureRun(stage, { context: { ...stage.context, deadline } });
    return verifySecret(run, pending, client.settings ?? {}, client.secretStart);
  };
  await withFastTime({}, () => use({ stage, probes, verify }));
}

interface GivenClient {
  readonly settings?: EnsuredClient['settings'];
  readonly secretStart?: Date;
}

interface Run {
  readonly stage: Stage;
  readonly probes: readonly unknown[];
  readonly verify: (client?: GivenClient, deadline?: Deadline) => Promise<IssuedToken | undefined>;
}

describe('a secret that the token endpoint accepts', () => {
  test('is verified', () =>
    open(0, {}, async ({ stage, verify }) => {
      await verify();
      expect(stage.log).toEqual([VERIFIED]);
      expect(stage.record.secret?.verified).toBe('true');
    }));

  test.each([
    ['with nothing known', {}, 'https://localhost/'],
    ['by client credentials', { allowedGrantTypes: ['implicit', 'client_credentials'] }, undefined],
    [
      'by a code',
      { allowedGrantTypes: ['authorization_code'], redirectUris: ['https://a.example/'] },
      'https://a.example/',
    ],
    [
      'by a code, whatever is reported',
      { allowedGrantTypes: 'client_credentials', redirectUris: 7 },
      'https://localhost/',
    ],
    ['by a code, with the first text', { redirectUris: [7, 'https://b.example/'] }, 'https://b.example/'],
    ['by a code, as a grant is no text', { allowedGrantTypes: [['client_credentials']] }, 'https://localhost/'],
  ])('is verified %s', (_, settings, redirectUri) =>
    open(0, {}, async ({ probes, verify }) => {
      await verify({ settings: settings as EnsuredClient['settings'] });
      expect(probes).toEqual([
        {
          operation: 'verifying the new secret of client "invoices"',
          clientId: 'invoices',
          secret: CREATED.value,
          redirectUri,
        },
      ]);
    }),
  );

  test.each([
    ['at this moment', 0],
    ['in some seconds: the clock of a server is not known better', 5000],
  ])('is verified if it starts %s', (_, ms) =>
    open(0, {}, async ({ stage, verify }) => {
      await verify({ secretStart: new Date(NOW.getTime() + ms) });
      expect(stage.log).toEqual([VERIFIED]);
    }),
  );
});

describe('a secret that cannot be verified', () => {
  test('because it starts later is left unverified', () =>
    open(0, {}, async ({ stage, probes, verify }) => {
      await verify({ secretStart: new Date(NOW.getTime() + 5001) });
      expect(stage.log).toEqual(['The new secret is valid from 2027-01-31T09:00:05.001Z, so it is not verified now.']);
      expect(probes).toEqual([]);
      expect(stage.record.secret?.verified).toBe('skipped');
    }));

  test('because the client needs none is left unverified', () =>
    open(0, {}, async ({ stage, probes, verify }) => {
      await verify({ settings: { requireClientSecret: false } });
      expect(stage.log).toEqual([
        'The client does not require a secret, so the token endpoint cannot verify the new one.',
      ]);
      expect(probes).toEqual([]);
      expect(stage.record.secret?.verified).toBe('skipped');
    }));
});

describe('a secret that the token endpoint does not accept', () => {
  test('is tried again after twice as long each time, and at most 5 s', () =>
    open(5, {}, async ({ stage, verify }) => {
      await verify({ settings: { requireClientSecret: true } });
      expect(stage.log).toEqual([0.5, 1, 2, 4, 5].map(retrying).concat(VERIFIED));
      expect(stage.record.secret?.verified).toBe('true');
    }));

  test('until the time has run out is an error', () =>
    // 5.4 s of them are for the work.
    open(Infinity, { timeout: 6000 }, async ({ stage, verify }) => {
      const failure = await rejection(verify());
      expect(failure).toMatchObject({
        code: 'secret-unverified',
        message:
          'verifying the new secret of client "invoices" failed at POST /token: it answered invalid_client until the time ran out. Check the grant types and redirect URIs of the client: the token endpoint does not know a client with invalid settings. If Vantage is only slow, raise `timeout` or run the step again.',
      });
      expect(stage.log[0]).toBe(retrying(0.5));
      expect(stage.record.secret?.verified).toBe('false');
    }));

  test('and there is no time for another attempt is an error at once', () =>
    open(Infinity, { timeout: 400 }, async ({ stage, probes, verify }) => {
      expect((await rejection(verify())).code).toBe('secret-unverified');
      expect(probes).toHaveLength(1);
      expect(stage.log).toEqual([]);
    }));

  test('and the time ends with the pause before another attempt is an error at once', () =>
    open(Infinity, {}, async ({ stage, verify }) => {
      const work = { ...stage.deadline.work, remaining: () => 500 };
      expect((await rejection(verify({}, { work } as Deadline))).code).toBe('secret-unverified');
      expect(stage.log).toEqual([]);
    }));

  test('when the step is cancelled in the pause is reported as that', () =>
    open(Infinity, {}, async ({ stage, probes, verify }) => {
      const work = rejection(verify());
      setTimeout(() => stage.deadline.cancel(), 50);
      expect(await work).toMatchObject({
        code: 'cancelled',
        message: 'verifying the new secret of client "invoices" failed: the workflow was cancelled.',
      });
      expect(probes).toHaveLength(1);
      expect(stage.record.secret?.verified).toBe('skipped');
    }));
});
