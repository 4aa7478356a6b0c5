import fc from 'fast-check';
import { Failure } from '../../src/model/failure.ts';
import { type PreviewClient, type PullRequestState, planSweep, type SweepStep } from '../../src/plan/sweep.ts';
import { aTime } from './history.ts';
import { digestsFor, isMarker, isOwnId, type Maker, markBy, WORKFLOW } from './makers.ts';
import { mustHold, type Property } from './property.ts';
import { aReading, type Reading, readAs } from './reading.ts';
import { anyGiven, type Given, signInFor } from './request-gen.ts';

/** The maker of a secret, which its description may show. */
type SecretMaker = Exclude<Maker, 'unproven own'>;

/** A client that matches the pattern, and the truth about it. */
interface Swept {
  readonly clientId: string;
  readonly state: 'open' | 'closed' | 'unknown';
  readonly makers: readonly SecretMaker[];
  readonly reading: Reading;
  readonly isRead: boolean;
}

const aSecretMaker = fc.constantFrom<SecretMaker[]>(
  ...Array.from({ length: 12 }, () => 'own' as const),
  ...([
    'own renamed',
    'own re-cased',
    'own transferred',
    'by hand',
    'by hand',
    'no description',
    'no description',
  ] as const),
  ...(['other repository', 'recreated', 'other host', 'reused name', 'copied mark', 'hidden description'] as const),
);
const aSwept: fc.Arbitrary<Swept> = fc.record(
  {
    clientId: fc.constantFrom('invoices', 'invoices-pr-7', 'invoices-pr-8', 'Administration'),
    state: fc.constantFrom('closed', 'closed', 'closed', 'closed', 'open', 'unknown'),
    makers: fc.oneof(
      fc.array(aSecretMaker, { maxLength: 4 }),
      fc.array(fc.constantFrom<SecretMaker[]>('own', 'own renamed'), { minLength: 1, maxLength: 3 }),
    ),
    reading: aReading,
    isRead: fc.constantFrom(...Array.from({ length: 9 }, () => true), false),
  },
  { noNullPrototype: true },
);

function describe(maker: SecretMaker, time: number): string | null | undefined {
  switch (maker) {
    case 'copied mark':
      return `${markBy('own', digestsFor('own', [0]), time)} copied`;
    case 'by hand':
      return 'Made by hand';
    case 'no description':
      return null;
    case 'hidden description':
      return undefined;
    default:
      return `Preview ${markBy(maker, digestsFor(maker, [0]), time)}`;
  }
}

function stateOf(state: Swept['state']): PullRequestState {
  return state === 'unknown'
    ? new Failure('not-found', { operation: 'reading it', reason: 'it does not exist' })
    : state;
}

function previewClientOf({ clientId, state, makers, reading, isRead }: Swept, time: number): PreviewClient {
  const listed = makers.map((maker, index) => ({ id: `${index}`, description: describe(maker, time) }));
  const secrets = isRead ? { secrets: readAs(reading, listed as Parameters<typeof readAs>[1]) } : {};
  return { clientId, pullRequest: 7, state: stateOf(state), ...secrets };
}

/** Why a client must be kept. Shares no code with the plan. */
function reasonsToKeep({ clientId, state, makers, reading, isRead }: Swept, { signIn }: Given): readonly string[] {
  const isTheirs = (maker: SecretMaker) => isMarker(maker) && !isOwnId(maker);
  const reasons = {
    'its pull request is not known to be closed': state !== 'closed',
    'the step signs in with it': signIn.replace('token of ', '').toLowerCase() === clientId.toLowerCase(),
    'its list of secrets is incomplete': !isRead || reading !== 'complete' || makers.includes('hidden description'),
    'no secret names this repository': !makers.some(isOwnId),
    'a secret names somebody else, or its mark cannot be read': makers.some(
      maker => isTheirs(maker) || maker === 'copied mark',
    ),
  };
  return Object.entries(reasons).flatMap(([reason, holds]) => (holds ? [reason] : []));
}

/** A property of what a sweep does with one of several clients. */
function property(
  name: string,
  rule: (step: SweepStep, reasons: readonly string[], relevant: () => void) => void,
): Property {
  return {
    name: `sweep: ${name}`,
    property: relevant =>
      fc.property(fc.array(aSwept, { minLength: 1, maxLength: 4 }), anyGiven, aTime, (swept, given, time) => {
        const previewClients = swept.map(one => previewClientOf(one, time));
        const steps = planSweep({ workflow: WORKFLOW, signIn: signInFor(given) }, previewClients);
        let isRelevant = false;
        swept.forEach((one, index) => {
          const step = steps[index];
          mustHold(step?.clientId === one.clientId, () => `there is no step for ${one.clientId}`);
          rule(step as SweepStep, reasonsToKeep(one, given), () => {
            isRelevant = true;
          });
        });
        if (isRelevant) {
          relevant();
        }
      }),
  };
}

/** Which clients a sweep deletes. */
export const SWEEP_PROPERTIES: readonly Property[] = [
  property(
    'a client is deleted only if a complete list of its secrets names this repository and no other',
    (step, reasons, relevant) => {
      // A world with a single reason to keep the client tests that reason.
      if (reasons.length === 1) {
        relevant();
      }
      mustHold(step.step === 'keep' || reasons.length === 0, () => `it is deleted, although ${reasons}`);
    },
  ),

  property(
    'a client of a closed pull request that this repository provably owns is deleted',
    (step, reasons, relevant) => {
      if (reasons.length === 0) {
        relevant();
        mustHold(step.step === 'delete', () => `it is kept: ${step.why}`);
      }
    },
  ),
];
