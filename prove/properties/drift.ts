import fc from 'fast-check';
import type { ClientSettings } from '../../src/model/client.ts';
import { planClient } from '../../src/plan/client-step.ts';
import { compareClient } from '../../src/plan/drift.ts';
import { mustHold, type Property } from './property.ts';

const clientId = 'invoices';
const uris = Array.from('abcdefgh', letter => `https://${letter}.example/`);
const aList = fc.shuffledSubarray(uris, { minLength: 1 });
const aLifetime = fc.oneof(fc.integer({ min: 1, max: 2 ** 31 - 1 }), fc.constantFrom('1.00:00:00', '00:00:01'));

/** Any settings that a workflow may declare, and Vantage may tell. */
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

/** How a client is compared with what is declared. */
export const DRIFT_PROPERTIES: readonly Property[] = [
  {
    name: 'drift: a list in another order is the same list',
    property: telling =>
      fc.property(
        aList.chain(list => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
        ([redirectUris, other]) => {
          if (redirectUris.some((uri, index) => uri !== other[index])) {
            telling();
          }
          mustHold(driftOf({ redirectUris }, { redirectUris: other }).length === 0, () => 'it drifted');
        },
      ),
  },
  {
    name: 'drift: a list with an item more or less is another list',
    property: telling =>
      fc.property(aList, fc.nat(uris.length), (redirectUris, at) => {
        telling();
        const less = redirectUris.toSpliced(at % redirectUris.length, 1);
        mustHold(driftOf({ redirectUris }, { redirectUris: less }).length === 1, () => 'an item less is no drift');
        mustHold(driftOf({ redirectUris: less }, { redirectUris }).length === 1, () => 'an item more is no drift');
      }),
  },
  {
    name: 'drift: a client that holds what is declared has none',
    property: telling =>
      fc.property(someSettings, declared => {
        if (Object.keys(declared).length > 0) {
          telling();
        }
        const { drift, unreported } = compareClient(declared, { clientId, ...declared });
        mustHold(Object.keys(drift).length === 0 && unreported.length === 0, () =>
          JSON.stringify({ drift, unreported }),
        );
      }),
  },
  {
    name: 'drift: an update writes what is declared, and leaves the rest as it was',
    property: telling =>
      fc.property(someSettings, someSettings, (declared, settings) => {
        const found = { clientId, ...settings, addedLater: 7 };
        const step = planClient({ clientId, declared, initial: {}, ifExists: 'update' }, { kind: 'found', found });
        if (step.step === 'update') {
          telling();
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
