import fc from 'fast-check';
import type { ClientRequest } from '../../src/model/client.ts';
import type { SignIn } from '../../src/model/request.ts';
import { Secret } from '../../src/model/secret.ts';
import type { Duration } from '../../src/model/time.ts';
import { type Observation, type Plan, planEnsure, type Wanted } from '../../src/plan/plan.ts';
import { GITHUB, targetAt, WORKFLOW } from './makers.ts';
import { type ObservedHistory, prefixOf } from './observation.ts';
import { type Reading, readAs } from './reading.ts';
import { CLIENT_ID } from './variable-states.ts';

/** What a workflow requests about secrets. */
export interface RotationRequest {
  readonly rotate: 'always' | 'when-due';
  readonly rotateBefore: Duration;
  readonly pruneAfter: Duration;
  /** Undefined: the default of Vantage. */
  readonly life: Duration | undefined;
  readonly startsAfter: Duration | undefined;
}

/** The secrets that a workflow passes to a run, by their index in the history. An index out of range is an unknown secret. */
export interface Given {
  /** The client that the run signs in with, or the client of its access token. */
  readonly signIn: SignInOf;
  readonly signInSecret: number;
  readonly currentSecret: number | undefined;
}

type SignInOf =
  | 'invoices'
  | 'INVOICES'
  | 'administration'
  | `token of ${'nobody' | 'invoices' | 'INVOICES' | 'administration'}`;

export const aPruneAfter = fc.constantFrom<Duration[]>(
  ...[{ days: 1 }, { days: 1 }, { days: 7 }, { months: 1 }, { months: 6 }],
);

export const aRequest: fc.Arbitrary<RotationRequest> = fc.record(
  {
    rotate: fc.constantFrom('always', 'when-due', 'when-due'),
    rotateBefore: fc.constantFrom<Duration[]>({ hours: 12 }, { days: 7 }, { days: 30 }, { months: 1 }),
    pruneAfter: aPruneAfter,
    life: fc.constantFrom<(Duration | undefined)[]>(
      ...[undefined, { days: 45 }, { days: 90 }, { months: 6 }, { months: 8 }, { years: 1 }, { years: 3 }],
    ),
    startsAfter: fc.constantFrom<(Duration | undefined)[]>(undefined, undefined, { hours: 1 }, { days: 3 }),
  },
  { noNullPrototype: true },
);

export const anyGiven: fc.Arbitrary<Given> = fc.record(
  {
    signIn: fc.constantFrom<SignInOf[]>(
      ...(['invoices', 'invoices', 'INVOICES', 'administration', 'administration'] as const),
      ...(['token of nobody', 'token of administration', 'token of invoices', 'token of INVOICES'] as const),
    ),
    signInSecret: fc.nat(5),
    currentSecret: fc.oneof(fc.constant(undefined), fc.nat(5)),
  },
  { noNullPrototype: true },
);

/** A placeholder: the observation contains the targets. */
const TO_GITHUB = { token: new Secret('of GitHub'), targets: [targetAt(0)], createEnvironments: false, isOwn: true };
const CLIENT: ClientRequest = { clientId: CLIENT_ID, declared: {}, initial: {}, ifExists: 'adopt' };

/** The request as the plan expects it. @param sharePrefixes the same value as for `observe`. */
export function wantedFrom(
  request: RotationRequest,
  given: Given,
  { client = CLIENT, sharePrefixes = true, github = GITHUB, outputSecret = false } = {},
): Wanted {
  const { rotate, rotateBefore, pruneAfter, life, startsAfter } = request;
  return {
    client,
    secret: {
      ...{ rotate, rotateBefore, pruneAfter, verify: true, revokeAtJobEnd: false },
      ...(given.currentSecret === undefined ? {} : { currentSecret: secretAt(given.currentSecret, sharePrefixes) }),
      ...(life ? { expiration: { after: life } } : {}),
      ...(startsAfter ? { startTime: { after: startsAfter } } : {}),
    },
    signIn: signInFor(given, sharePrefixes),
    workflow: WORKFLOW,
    delivery: { outputSecret, github: { ...github, ...TO_GITHUB } },
  };
}

/** In these worlds, the secret is an output if there is no target. */
export function outputOf({ targets }: Pick<ObservedHistory, 'targets'>): { readonly outputSecret: boolean } {
  return { outputSecret: targets.length === 0 };
}

/** What the run observes if the client can be read. */
export function planObservation(
  { listed, targets }: ObservedHistory,
  { isAccepted, reading = 'complete' }: { readonly isAccepted?: boolean | undefined; readonly reading?: Reading } = {},
): Observation {
  return {
    client: { kind: 'found', found: { clientId: CLIENT_ID } },
    secrets: readAs(reading, listed),
    targets,
    currentSecretAccepted: isAccepted,
  };
}

/** The IDs of the secrets that a run prunes if everything can be read. */
export function prunedIds(pruneAfter: Duration, given: Given, observation: ObservedHistory): readonly string[] {
  const request: RotationRequest = {
    rotate: 'always',
    rotateBefore: {},
    pruneAfter,
    life: undefined,
    startsAfter: undefined,
  };
  return idsOf(
    planEnsure(
      wantedFrom(request, given, { github: observation.github, ...outputOf(observation) }),
      planObservation(observation),
      observation.now,
    ),
  );
}

/** The IDs of the secrets that a plan prunes. */
export function idsOf({ prune }: Plan): readonly string[] {
  return prune.map(({ id }) => id);
}

export function createsSecret({ rotation }: Plan): boolean {
  return rotation?.due.due === true;
}

export function signInFor({ signIn, signInSecret }: Given, sharePrefixes = true): SignIn {
  const [, owner] = signIn.split('token of ');
  return owner === undefined
    ? {
        kind: 'client-credentials',
        clientId: signIn,
        clientSecret: secretAt(signInSecret, sharePrefixes),
        scope: 'openid',
      }
    : { kind: 'access-token', accessToken: tokenOf(owner) };
}

function secretAt(index: number, sharePrefixes: boolean): Secret {
  return new Secret(`${prefixOf(index, sharePrefixes)} and more`);
}

/** An access token in the form that Vantage issues. The token of nobody does not contain a client. */
function tokenOf(owner: string): Secret {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { iss: 'https://vantage-eu.abbyy.com/auth2', client_id: owner };
  return new Secret(owner === 'nobody' ? 'opaque' : `${part({ alg: 'RS256' })}.${part(claims)}.c2lnbmVk`);
}
