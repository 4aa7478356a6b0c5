import fc from 'fast-check';
import type { ClientSettings } from '../../src/model/client.ts';
import { planClient } from '../../src/plan/client-step.ts';
import { compareClient } from '../../src/plan/drift.ts';
import { mustHold, type Property } from './property.ts';

const clientId = 'invoices';
const uris = Array.from('abcdefgh', letter => `https://${letter}.example/`);
const aList = fc.shuffledSubarray(uris, { minLength: 1 });
const aLifetime = fc.oneof(fc.integer({ min: 1, max: 2 ** 31 - 1 }), fc.constantFrom('1.00:00:00', '00:00:01'));

/** Any settings that a workflow can declare and Vantage can report. */
export const someSettings: fc.Arbitrary<ClientSettings> = fc.record(
  {
    clientName: fc.constantFrom('Invoices', 'Invoices (staging)', ''),
    allowOfflineAccess: fc.boolean(),
    requireClientSecret: fc.boolean(),
    allowedGrantTypes: fc.shuffledSubarray(['client_credentials', 'password', 'implicit']),
    redirectUris: aList,
    accessTokenLifetime: aLifetime,
    refreshTokenLifetime: aLifetime,
  },
  { requiredKeys: [], noNullPrototype: true },
);

function driftOf(declared: ClientSettings, found: ClientSettings): readonly string[] {
  return Object.keys(compareClient(declared, { clientId, ...found }).drift);
}

/** How a client is compared with its declared settings. */
export const DRIFT_PROPERTIES: readonly Property[] = [
  {
    name: 'drift: a list in another order is the same list',
    property: relevant =>
      fc.property(
        aList.chain(list => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
        ([redirectUris, other]) => {
          if (redirectUris.some((uri, index) => uri !== other[index])) {
            relevant();
          }
          mustHold(driftOf({ redirectUris }, { redirectUris: other }).length === 0, () => 'it drifted');
        },
      ),
  },
  {
    name: 'drift: a list with one item more or less is another list',
    property: relevant =>
      fc.property(aList, fc.nat(uris.length), (redirectUris, at) => {
        relevant();
        const less = redirectUris.toSpliced(at % redirectUris.length, 1);
        mustHold(driftOf({ redirectUris }, { redirectUris: less }).length === 1, () => 'one item less is not a drift');
        mustHold(driftOf({ redirectUris: less }, { redirectUris }).length === 1, () => 'one item more is not a drift');
      }),
  },
  {
    name: 'drift: a client with the declared settings has no drift',
    property: relevant =>
      fc.property(someSettings, declared => {
        if (Object.keys(declared).length > 0) {
          relevant();
        }
        const { drift, unreported } = compareClient(declared, { clientId, ...declared });
        mustHold(Object.keys(drift).length === 0 && unreported.length === 0, () =>
          JSON.stringify({ drift, unreported }),
        );
      }),
  },
  {
    name: 'drift: an update writes the declared settings and keeps the others',
    property: relevant =>
      fc.property(someSettings, someSettings, (declared, settings) => {
        const found = { clientId, ...settings, addedLater: 7 };
        const step = planClient({ clientId, declared, initial: {}, ifExists: 'update' }, { kind: 'found', found });
        if (step.step === 'update') {
          relevant();
        }
        const after: Readonly<Record<string, unknown>> = step.step === 'create' ? {} : step.client;
        const rest = Object.entries(found).filter(([field]) => !(field in declared));
        mustHold(driftOf(declared, after).length === 0, () => `then it is ${JSON.stringify(after)}`);
        mustHold(
          rest.every(([field, value]) => after[field] === value),
          () => `then it is ${JSON.stringify(after)}`,
        );
      }),
  },
];
