import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Failure } from '../../src/model/failure.ts';
import type { SignIn } from '../../src/model/request.ts';
import { Secret } from '../../src/model/secret.ts';
import type { ListedSecret, ReadList } from '../../src/model/vantage.ts';
import { assertWithinLimit, type PreviewClient, planSweep } from '../../src/plan/sweep.ts';
import { WORKFLOW } from '../support/workflow.ts';

const BY_TOKEN: SignIn = { kind: 'access-token', accessToken: new Secret('canary-of-the-token') };
const by = (clientId: string): SignIn => ({
  kind: 'client-credentials',
  clientId,
  clientSecret: new Secret('canary-of-the-client'),
  scope: '',
});
/** An unsigned token with these claims. */
const jwt = (claims: unknown) =>
  ['{"alg":"none"}', JSON.stringify(claims), 'signature']
    .map(part => Buffer.from(part).toString('base64url'))
    .join('.');
const PATTERN = { prefix: 'invoices-pr-', suffix: '' };
const unreadable = new Failure('github-permission', { operation: 'reading pull request 7', reason: 'it answered 404' });

/** The mark of a secret that was created for a repository with this name and ID. */
const markOf = (repository: string, owner: string) =>
  `[vantage-client ${repository} id=${owner} to=e0ee8bb5 run=7.1 6921f0a0c0ffee00]`;
const OWNER = 'github.com/1001';

/** The list of a client with one secret for each of these repositories, given by their names and IDs. */
const marked = (...repositories: readonly (readonly [string, string])[]): ReadList<ListedSecret> => ({
  kind: 'found',
  whole: true,
  found: repositories.map(([repository, owner], index) => ({
    id: String(index),
    description: `Preview ${markOf(repository, owner)}`,
  })),
});
const list = (found: readonly ListedSecret[], whole = true): ReadList<ListedSecret> => ({
  kind: 'found',
  found,
  whole,
});
const OWN = { id: '1', description: markOf('octo-org/octo-repo', OWNER) };

const previewClient = (given: Partial<PreviewClient> = {}): PreviewClient => ({
  clientId: 'invoices-pr-7',
  pullRequest: 7,
  state: 'closed',
  secrets: marked(['octo-org/octo-repo', OWNER]),
  ...given,
});
const plan = (given: Partial<PreviewClient>, signIn: SignIn = BY_TOKEN) =>
  planSweep({ workflow: WORKFLOW, signIn }, [previewClient(given)])[0];

describe('a client', () => {
  test.each<[string, Partial<PreviewClient>, SignIn | undefined, 'delete' | 'keep', string]>([
    ['of a closed pull request', {}, undefined, 'delete', 'pull request 7 is closed'],
    ['of an open one', { state: 'open' }, undefined, 'keep', 'pull request 7 is open'],
    [
      'of one that cannot be read',
      { state: unreadable },
      undefined,
      'keep',
      'pull request 7 cannot be read: reading pull request 7 failed: it answered 404',
    ],
    [
      'with own secrets',
      { secrets: marked(['octo-org/octo-repo', OWNER]) },
      undefined,
      'delete',
      'pull request 7 is closed',
    ],
    [
      'with own ones, in another case',
      { secrets: marked(['Octo-Org/OCTO-repo', OWNER]) },
      undefined,
      'delete',
      'pull request 7 is closed',
    ],
    [
      'with own ones, of a former name',
      { secrets: marked(['acme/former', OWNER]) },
      undefined,
      'delete',
      'pull request 7 is closed',
    ],
    ['that the step signs in with', {}, by('invoices-pr-7'), 'keep', 'the step signs in with it'],
    ['that it signs in with, in another case', {}, by('Invoices-PR-7'), 'keep', 'the step signs in with it'],
    ['next to the one that it signs in with', {}, by('invoices-pr-70'), 'delete', 'pull request 7 is closed'],
  ])('%s', (_, given, signIn, step, why) => {
    expect(plan(given, signIn)).toEqual({
      clientId: 'invoices-pr-7',
      pullRequest: 7,
      step,
      why,
    });
  });

  test.each<[string, ReadList<ListedSecret> | undefined, string]>([
    [
      'with secrets of another',
      marked(['octo-org/octo-repo2', 'github.com/1002']),
      'its secrets were created for octo-org/octo-repo2 (github.com/1002)',
    ],
    [
      'with both',
      marked(['octo-org/octo-repo', OWNER], ['acme/x', 'github.com/2001']),
      'its secrets were created for acme/x (github.com/2001)',
    ],
    [
      'with those of a deleted repository of the same name',
      marked(['octo-org/octo-repo', 'github.com/4711']),
      'its secrets were created for octo-org/octo-repo (github.com/4711)',
    ],
    [
      'with those of the same repository on another GitHub',
      marked(['octo-org/octo-repo', 'github.acme.example/1001']),
      'its secrets were created for octo-org/octo-repo (github.acme.example/1001)',
    ],
    ['with no secret', list([]), 'none of its secrets has an ownership mark'],
    [
      'with none that is marked',
      list([
        { id: '2', description: 'by hand' },
        { id: '3', description: null },
      ]),
      'none of its secrets has an ownership mark',
    ],
    [
      'with a list that may be incomplete',
      list([OWN], false),
      'its list of secrets may be incomplete, so nothing proves who owns it',
    ],
    [
      'with a description that is not reported',
      list([OWN, { id: '2' }]),
      'Vantage does not report the descriptions of its secrets, so nothing proves who owns it',
    ],
    [
      'with the marks of two repositories in one description',
      list([{ id: '1', description: `${markOf('acme/x', 'github.com/7')} ${markOf('octo-org/octo-repo', OWNER)}` }]),
      'one of its secrets has an ownership mark that cannot be read',
    ],
    [
      'with a mark of a later form',
      list([OWN, { id: '2', description: markOf('acme/x', 'github.com/7').replace(' to=', ' for=jobs to=') }]),
      'one of its secrets has an ownership mark that cannot be read',
    ],
    [
      'with a mark of an earlier form',
      list([{ id: '2', description: markOf('octo-org/octo-repo', OWNER).replace(/ id=\S+/u, '') }]),
      'one of its secrets has an ownership mark that cannot be read',
    ],
    [
      'whose secrets cannot be listed',
      { kind: 'unreadable', reason: 'GET … answered 404', code: 'unsupported' },
      'its secrets cannot be listed, so nothing proves who owns it: GET … answered 404',
    ],
    ['whose secrets were not read', undefined, 'its secrets were not read'],
  ])('%s is kept, because nothing proves that it is our own', (_, secrets, why) => {
    const { clientId, pullRequest, state } = previewClient();
    const seen: PreviewClient = { clientId, pullRequest, state, ...(secrets ? { secrets } : {}) };
    expect(planSweep({ workflow: WORKFLOW, signIn: BY_TOKEN }, [seen])).toEqual([
      { clientId, pullRequest, step: 'keep', why, unproven: true },
    ]);
  });

  test('is kept if the runner does not report the ID of the repository', () => {
    const { repositoryId: _, ...workflow } = WORKFLOW;
    expect(planSweep({ workflow, signIn: BY_TOKEN }, [previewClient()])).toMatchObject([
      {
        step: 'keep',
        why: 'the runner does not report the ID of this repository (GITHUB_REPOSITORY_ID), so nothing proves who owns it',
        unproven: true,
      },
    ]);
  });

  test('with a manually created secret next to its own is deleted', () => {
    expect(plan({ secrets: list([OWN, { id: '2', description: null }]) })).toMatchObject({ step: 'delete' });
  });

  test.each<[string, string, 'delete' | 'keep']>([
    ['of the client', jwt({ client_id: 'Invoices-PR-7' }), 'keep'],
    ['of another client', jwt({ client_id: 'admin' }), 'delete'],
    ['that names no client', jwt({ sub: 'invoices-pr-7' }), 'delete'],
    ['whose client is not text', jwt({ client_id: 7 }), 'delete'],
    ['whose claims are null', jwt(null), 'delete'],
    ['that is not a JWT', 'opaque', 'delete'],
    ['that only looks like one', 'a.b.c', 'delete'],
  ])('and an access token %s', (_, token, step) => {
    expect(plan({}, { kind: 'access-token', accessToken: new Secret(token) })?.step).toBe(step);
  });
});

const previewClients = fc.uniqueArray(
  fc.record({
    pullRequest: fc.integer({ min: 1, max: 200 }),
    state: fc.constantFrom<PreviewClient['state']>('open', 'closed', unreadable),
    secrets: fc
      .array(
        fc.constantFrom(
          ['octo-org/octo-repo', OWNER] as const,
          ['acme/former', OWNER] as const,
          ['octo-org/octo-repo', 'github.com/2001'] as const,
        ),
        { maxLength: 3 },
      )
      .map(repositories => marked(...repositories)),
  }),
  { selector: ({ pullRequest }) => pullRequest, maxLength: 40 },
);
const seen = previewClients.map(list =>
  list.map(one => previewClient({ ...one, clientId: `invoices-pr-${one.pullRequest}` })),
);

describe('whatever is read', () => {
  test('nothing is deleted except a client of a closed pull request, but not the own one or one of another repository', () => {
    fc.assert(
      fc.property(seen, fc.integer({ min: 1, max: 200 }), (list, own) => {
        const steps = planSweep({ workflow: WORKFLOW, signIn: by(`invoices-pr-${own}`) }, list);
        expect(steps.map(({ clientId }) => clientId)).toEqual(list.map(({ clientId }) => clientId));
        for (const [index, { step }] of steps.entries()) {
          const { state, pullRequest, secrets } = list[index] ?? previewClient();
          const owners = secrets?.kind === 'found' ? secrets.found.map(({ description }) => description) : [];
          const isOwn = owners.length > 0 && !owners.some(text => text?.includes('github.com/2001'));
          const mayGo = state === 'closed' && pullRequest !== own && isOwn;
          expect(step).toBe(mayGo ? 'delete' : 'keep');
        }
      }),
    );
  });

  test('a plan is carried out completely or rejected completely, and then names what it would delete', () => {
    fc.assert(
      fc.property(seen, fc.integer({ min: 0, max: 40 }), (list, maxDeletes) => {
        const steps = planSweep({ workflow: WORKFLOW, signIn: BY_TOKEN }, list);
        const toDelete = steps.filter(({ step }) => step === 'delete');
        const check = () => assertWithinLimit({ maxDeletes, pattern: PATTERN }, steps);
        if (toDelete.length <= maxDeletes) {
          expect(check).not.toThrow();
          return;
        }
        expect(check).toThrow(expect.objectContaining({ code: 'too-many-deletes' }));
        for (const { clientId } of toDelete) {
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
        previewClient({ clientId: `invoices-pr-${index + 1}`, pullRequest: index + 1 }),
      ),
    );

  test('can be reached, but not exceeded', () => {
    expect(() => assertWithinLimit({ maxDeletes: 20, pattern: PATTERN }, of(20))).not.toThrow();
    expect(() => assertWithinLimit({ maxDeletes: 20, pattern: PATTERN }, of(21))).toThrow(
      'sweeping invoices-pr-{pr} failed: the plan deletes 21 clients, and `max-deletes` is 20: invoices-pr-1, ',
    );
    expect(() => assertWithinLimit({ maxDeletes: 0, pattern: PATTERN }, of(0))).not.toThrow();
    expect(() => assertWithinLimit({ maxDeletes: 0, pattern: PATTERN }, of(1))).toThrow('Nothing was deleted.');
  });

  test('that is far exceeded is reported with the first hundred names', () => {
    const check = () => assertWithinLimit({ maxDeletes: 20, pattern: PATTERN }, of(103));
    expect(() => assertWithinLimit({ maxDeletes: 20, pattern: PATTERN }, of(100))).toThrow('invoices-pr-100. Nothing');
    expect(check).toThrow('invoices-pr-100 and 3 more.');
    expect(check).not.toThrow('invoices-pr-101');
  });
});
