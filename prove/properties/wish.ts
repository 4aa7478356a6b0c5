import fc from 'fast-check';
import type { ClientRequest } from '../../src/model/client.ts';
import type { SignIn } from '../../src/model/request.ts';
import { Secret } from '../../src/model/secret.ts';
import type { Duration } from '../../src/model/time.ts';
import { type Observation, type Plan, planEnsure, type Wanted } from '../../src/plan/plan.ts';
import { CLIENT_ID } from './beside.ts';
import { GITHUB, targetAt, WORKFLOW } from './makers.ts';
import { type Reading, readAs } from './reading.ts';
import { beginningOf, type Sight } from './sight.ts';

/** What a workflow asks for, as far as it concerns secrets. */
export interface Wish {
  readonly rotate: 'always' | 'when-due';
  readonly rotateBefore: Duration;
  readonly pruneAfter: Duration;
  /** Absent: Vantage's default. */
  readonly life: Duration | undefined;
  readonly startsAfter: Duration | undefined;
}

/** What a workflow gives a run, by the places of secrets in the past. One that is out of place was made elsewhere. */
export interface Given {
  /** Who it signs in as: the client in question, another one, or whoever an access token belongs to, if it tells. */
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

export const aWish: fc.Arbitrary<Wish> = fc.record(
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

/** Which targets it is about, the observation tells. */
const TO_GITHUB = { token: new Secret('of GitHub'), targets: [targetAt(0)], createEnvironments: false, isOwn: true };
const CLIENT: ClientRequest = { clientId: CLIENT_ID, declared: {}, initial: {}, ifExists: 'adopt' };

/** The wish as a request. Its secret is an output where that is said. @param beginAlike as `look` was told. */
export function wantedFrom(
  wish: Wish,
  given: Given,
  { client = CLIENT, beginAlike = true, github = GITHUB, outputSecret = false } = {},
): Wanted {
  const { rotate, rotateBefore, pruneAfter, life, startsAfter } = wish;
  return {
    client,
    secret: {
      ...{ rotate, rotateBefore, pruneAfter, verify: true, revokeAtJobEnd: false },
      ...(given.currentSecret === undefined ? {} : { currentSecret: secretAt(given.currentSecret, beginAlike) }),
      ...(life ? { expiration: { after: life } } : {}),
      ...(startsAfter ? { startTime: { after: startsAfter } } : {}),
    },
    signIn: signInFor(given, beginAlike),
    workflow: WORKFLOW,
    delivery: { outputSecret, github: { ...github, ...TO_GITHUB } },
  };
}

/** In these worlds a secret is an output where there is no target. */
export function outputOf({ targets }: Pick<Sight, 'targets'>): { readonly outputSecret: boolean } {
  return { outputSecret: targets.length === 0 };
}

/** What the run observes, where Vantage lets the client be read. */
export function observationOf(
  { listed, targets }: Sight,
  { isAccepted, reading = 'told' }: { readonly isAccepted?: boolean | undefined; readonly reading?: Reading } = {},
): Observation {
  return {
    client: { kind: 'found', found: { clientId: CLIENT_ID } },
    secrets: readAs(reading, listed),
    targets,
    currentSecretAccepted: isAccepted,
  };
}

/** The ids of what a run prunes that is given these, where Vantage can be read. What else it wishes, plays no part. */
export function prunedIds(pruneAfter: Duration, given: Given, sight: Sight): readonly string[] {
  const wish: Wish = { rotate: 'always', rotateBefore: {}, pruneAfter, life: undefined, startsAfter: undefined };
  return idsOf(
    planEnsure(wantedFrom(wish, given, { github: sight.github, ...outputOf(sight) }), observationOf(sight), sight.now),
  );
}

/** The ids of what a plan prunes. */
export function idsOf({ prune }: Plan): readonly string[] {
  return prune.map(({ id }) => id);
}

/** Whether a plan mints a secret. */
export function isMint({ rotation }: Plan): boolean {
  return rotation?.due.due === true;
}

/** How the run signs in. */
export function signInFor({ signIn, signInSecret }: Given, beginAlike = true): SignIn {
  const [, owner] = signIn.split('token of ');
  return owner === undefined
    ? {
        kind: 'client-credentials',
        clientId: signIn,
        clientSecret: secretAt(signInSecret, beginAlike),
        scope: 'openid',
      }
    : { kind: 'access-token', accessToken: tokenOf(owner) };
}

function secretAt(index: number, beginAlike: boolean): Secret {
  return new Secret(`${beginningOf(index, beginAlike)} and more`);
}

/** An access token as Vantage issues them; that of nobody tells nothing. */
function tokenOf(owner: string): Secret {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { iss: 'https://vantage-eu.abbyy.com/auth2', client_id: owner };
  return new Secret(owner === 'nobody' ? 'opaque' : `${part({ alg: 'RS256' })}.${part(claims)}.c2lnbmVk`);
}
