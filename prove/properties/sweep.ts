import fc from 'fast-check';
import { Failure } from '../../src/model/failure.ts';
import { type PreviewClient, type PullRequestState, planSweep, type SweepStep } from '../../src/plan/sweep.ts';
import { digestsFor, isMarker, isOwnId, type Maker, markBy, WORKFLOW } from './makers.ts';
import { aTime } from './past.ts';
import { mustHold, type Property } from './property.ts';
import { aReading, type Reading, readAs } from './reading.ts';
import { anyGiven, type Given, signInFor } from './wish.ts';

/** What the description of a secret says of whose its client is. */
type Word = Exclude<Maker, 'unproven own'>;

/** A client that the pattern picks, and the truth about it. */
interface Swept {
  readonly clientId: string;
  readonly state: 'open' | 'closed' | 'not told';
  readonly words: readonly Word[];
  readonly reading: Reading;
  readonly isAsked: boolean;
}

const aWord = fc.constantFrom<Word[]>(
  ...Array.from({ length: 12 }, () => 'own' as const),
  ...(['own renamed', 'own re-cased', 'own transferred', 'by hand', 'by hand', 'no words', 'no words'] as const),
  ...(['other repository', 'recreated', 'other host', 'heir of the name', 'copied mark', 'untold'] as const),
);
const aSwept: fc.Arbitrary<Swept> = fc.record(
  {
    clientId: fc.constantFrom('invoices', 'invoices-pr-7', 'invoices-pr-8', 'Administration'),
    state: fc.constantFrom('closed', 'closed', 'closed', 'closed', 'open', 'not told'),
    words: fc.oneof(
      fc.array(aWord, { maxLength: 4 }),
      fc.array(fc.constantFrom<Word[]>('own', 'own renamed'), { minLength: 1, maxLength: 3 }),
    ),
    reading: aReading,
    isAsked: fc.constantFrom(...Array.from({ length: 9 }, () => true), false),
  },
  { noNullPrototype: true },
);

function describe(word: Word, time: number): string | null | undefined {
  switch (word) {
    case 'copied mark':
      return `${markBy('own', digestsFor('own', [0]), time)} copied`;
    case 'by hand':
      return 'Made by hand';
    case 'no words':
      return null;
    case 'untold':
      return undefined;
    default:
      return `Preview ${markBy(word, digestsFor(word, [0]), time)}`;
  }
}

function stateOf(state: Swept['state']): PullRequestState {
  return state === 'not told'
    ? new Failure('not-found', { operation: 'reading it', reason: 'it is not there' })
    : state;
}

function sightingOf({ clientId, state, words, reading, isAsked }: Swept, time: number): PreviewClient {
  const listed = words.map((word, index) => ({ id: `${index}`, description: describe(word, time) }));
  const secrets = isAsked ? { secrets: readAs(reading, listed as Parameters<typeof readAs>[1]) } : {};
  return { clientId, pullRequest: 7, state: stateOf(state), ...secrets };
}

/** Why a client has to stay, as its truth says. Shares no code with the rule that it judges. */
function reasonsToStay({ clientId, state, words, reading, isAsked }: Swept, { signIn }: Given): readonly string[] {
  const isTheirs = (word: Word) => isMarker(word) && !isOwnId(word);
  const reasons = {
    'its pull request is not known to be closed': state !== 'closed',
    'the step signs in with it': signIn.replace('token of ', '').toLowerCase() === clientId.toLowerCase(),
    'its list of secrets does not tell all': !isAsked || reading !== 'told' || words.includes('untold'),
    'no secret names this repository': !words.some(isOwnId),
    'a secret names somebody else, or nobody knows whom': words.some(word => isTheirs(word) || word === 'copied mark'),
  };
  return Object.entries(reasons).flatMap(([reason, holds]) => (holds ? [reason] : []));
}

/** A property of what becomes of one of several clients. */
function property(
  name: string,
  rule: (step: SweepStep, reasons: readonly string[], telling: () => void) => void,
): Property {
  return {
    name: `sweep: ${name}`,
    property: telling =>
      fc.property(fc.array(aSwept, { minLength: 1, maxLength: 4 }), anyGiven, aTime, (swept, given, time) => {
        const previewClients = swept.map(one => sightingOf(one, time));
        const steps = planSweep({ workflow: WORKFLOW, signIn: signInFor(given) }, previewClients);
        let isTelling = false;
        swept.forEach((one, index) => {
          const step = steps[index];
          mustHold(step?.clientId === one.clientId, () => `nothing is said of ${one.clientId}`);
          rule(step as SweepStep, reasonsToStay(one, given), () => {
            isTelling = true;
          });
        });
        if (isTelling) {
          telling();
        }
      }),
  };
}

/** Which clients a sweep deletes. */
export const SWEEP_PROPERTIES: readonly Property[] = [
  property(
    'a client goes only by a whole, told list that names this repository and no other',
    (step, reasons, telling) => {
      // Where there is a single reason to keep it, that one decides.
      if (reasons.length === 1) {
        telling();
      }
      mustHold(step.step === 'keep' || reasons.length === 0, () => `it goes, though ${reasons}`);
    },
  ),

  property('a client that is provably its own and of a closed pull request goes', (step, reasons, telling) => {
    if (reasons.length === 0) {
      telling();
      mustHold(step.step === 'delete', () => `it stays: ${step.why}`);
    }
  }),
];
