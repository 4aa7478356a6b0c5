import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Failure } from '../../src/failure.ts';
import { assertWithinLimit, planSweep, type Sighting } from '../../src/plan/sweep.ts';
import type { SignIn } from '../../src/request/sign-in.ts';
import { Secret } from '../../src/secret.ts';

const WORKFLOW = { repository: 'octo-org/octo-repo', runId: '1', runAttempt: '1' };
const BY_TOKEN: SignIn = { kind: 'access-token', accessToken: new Secret('canary-of-the-token') };
const by = (clientId: string): SignIn => ({
  kind: 'client-credentials',
  clientId,
  clientSecret: new Secret('canary-of-the-client'),
  scope: '',
});
const PATTERN = { prefix: 'invoices-pr-', suffix: '' };
const unreadable = new Failure('github-permission', { what: 'reading pull request 7', why: 'it answered 404' });

const sighting = (given: Partial<Sighting> = {}): Sighting => ({
  clientId: 'invoices-pr-7',
  pullRequest: 7,
  state: 'closed',
  mintedFor: [],
  ...given,
});
const plan = (given: Partial<Sighting>, signIn: SignIn = BY_TOKEN) =>
  planSweep({ workflow: WORKFLOW, signIn }, [sighting(given)])[0];

describe('a client', () => {
  test.each<[string, Partial<Sighting>, SignIn | undefined, 'delete' | 'keep', string]>([
    ['of a closed pull request', {}, undefined, 'delete', 'pull request 7 is closed'],
    ['of an open one', { state: 'open' }, undefined, 'keep', 'pull request 7 is open'],
    ['of one that cannot be read', { state: unreadable }, undefined, 'keep', 'pull request 7 cannot be read: reading'],
    ['with own secrets', { mintedFor: ['octo-org/octo-repo'] }, undefined, 'delete', 'is closed'],
    ['with own secrets, in another case', { mintedFor: ['Octo-Org/OCTO-repo'] }, undefined, 'delete', 'is closed'],
    ['with secrets of another', { mintedFor: ['octo-org/octo-repo2'] }, undefined, 'keep', 'for octo-org/octo-repo2'],
    ['with both', { mintedFor: ['octo-org/octo-repo', 'acme/x'] }, undefined, 'keep', 'for acme/x'],
    ['that the step signs in with', {}, by('invoices-pr-7'), 'keep', 'the step signs in with it'],
    ['that it signs in with, in another case', {}, by('Invoices-PR-7'), 'keep', 'the step signs in with it'],
    ['beside the one that it signs in with', {}, by('invoices-pr-70'), 'delete', 'is closed'],
  ])('%s', (_, given, signIn, step, why) => {
    expect(plan(given, signIn)).toEqual({
      clientId: 'invoices-pr-7',
      pullRequest: 7,
      step,
      why: expect.stringContaining(why),
    });
  });
});

const sightings = fc.uniqueArray(
  fc.record({
    pullRequest: fc.integer({ min: 1, max: 200 }),
    state: fc.constantFrom<Sighting['state']>('open', 'closed', unreadable),
    mintedFor: fc.array(fc.constantFrom('octo-org/octo-repo', 'OCTO-ORG/octo-repo', 'acme/invoices'), { maxLength: 3 }),
  }),
  { selector: ({ pullRequest }) => pullRequest, maxLength: 40 },
);
const seen = sightings.map(list => list.map(one => sighting({ ...one, clientId: `invoices-pr-${one.pullRequest}` })));

describe('whatever is seen', () => {
  test('nothing but a client of a closed pull request goes, nor the own one, nor that of another repository', () => {
    fc.assert(
      fc.property(seen, fc.integer({ min: 1, max: 200 }), (list, own) => {
        const steps = planSweep({ workflow: WORKFLOW, signIn: by(`invoices-pr-${own}`) }, list);
        expect(steps.map(({ clientId }) => clientId)).toEqual(list.map(({ clientId }) => clientId));
        for (const [index, { step }] of steps.entries()) {
          const { state, pullRequest, mintedFor } = list[index] ?? sighting();
          const mayGo = state === 'closed' && pullRequest !== own && !mintedFor.includes('acme/invoices');
          expect(step).toBe(mayGo ? 'delete' : 'keep');
        }
      }),
    );
  });

  test('a plan is carried out whole or refused whole, and then names what it would delete', () => {
    fc.assert(
      fc.property(seen, fc.integer({ min: 0, max: 40 }), (list, maxDeletes) => {
        const steps = planSweep({ workflow: WORKFLOW, signIn: BY_TOKEN }, list);
        const going = steps.filter(({ step }) => step === 'delete');
        const check = () => assertWithinLimit({ maxDeletes, pattern: PATTERN }, steps);
        if (going.length <= maxDeletes) {
          expect(check).not.toThrow();
          return;
        }
        expect(check).toThrow(expect.objectContaining({ code: 'too-many-deletes' }));
        for (const { clientId } of going) {
          expect(check).toThrow(new RegExp(`[ ,]${clientId}[,. ]`, 'u'));
        }
      }),
    );
  });
});

describe('a limit', () => {
  const of = (count: number) =>
    planSweep(
      { workflow: WORKFLOW, signIn: BY_TOKEN },
      Array.from({ length: count }, (_, index) =>
        sighting({ clientId: `invoices-pr-${index + 1}`, pullRequest: index + 1 }),
      ),
    );

  test('may be reached, and not passed', () => {
    expect(() => assertWithinLimit({ maxDeletes: 20, pattern: PATTERN }, of(20))).not.toThrow();
    expect(() => assertWithinLimit({ maxDeletes: 20, pattern: PATTERN }, of(21))).toThrow(
      'sweeping invoices-pr-{pr} failed: it would delete 21 clients, and `max-deletes` is 20: invoices-pr-1, ',
    );
    expect(() => assertWithinLimit({ maxDeletes: 0, pattern: PATTERN }, of(0))).not.toThrow();
    expect(() => assertWithinLimit({ maxDeletes: 0, pattern: PATTERN }, of(1))).toThrow('Nothing was deleted.');
  });

  test('that is far off is told of by the first hundred names', () => {
    const check = () => assertWithinLimit({ maxDeletes: 20, pattern: PATTERN }, of(103));
    expect(() => assertWithinLimit({ maxDeletes: 20, pattern: PATTERN }, of(100))).toThrow('invoices-pr-100. Nothing');
    expect(check).toThrow('invoices-pr-100 and 3 more.');
    expect(check).not.toThrow('invoices-pr-101');
  });
});
