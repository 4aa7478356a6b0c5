import type { Shapes } from '../../../emulator/vantage/index.ts';
import { CLIENT_ID } from '../places.ts';
import type { Story } from '../story.ts';
import { group, holding, pairsOf, TO_ONE, usedClient, WHEN_DUE } from './common.ts';

/** How Vantage may spell the values that it received. */
const SPELLINGS: Readonly<Record<string, Partial<Shapes>>> = {
  timespan: { listedLifetimes: 'timespan' },
  ticks: { listedLifetimes: 'ticks' },
  iso: { listedLifetimes: 'iso' },
  origins: { origins: 'lower-cased' },
  null: { listedFlags: 'null-for-false' },
  text: { listedLists: 'text' },
  all: { listedLifetimes: 'ticks', origins: 'lower-cased', listedFlags: 'null-for-false', listedLists: 'text' },
};

const SETTINGS = {
  'if-exists': 'update',
  'access-token-lifetime': '3600',
  'refresh-token-lifetime': '1.00:00:00',
  'allowed-cors-origins': 'https://App.Example.com',
  'allowed-grant-types': 'client_credentials\npassword',
  'allowed-scopes': 'openid permissions publicapi.all',
  'allow-offline-access': 'false',
  'allow-ropc': 'false',
};

/** A client with the wanted settings is not updated, however Vantage spells them. */
export const SPELLING_STORIES = group('spelling', [
  ...pairsOf(Object.entries(SPELLINGS), ['new', 'adopted']).map(
    ([[name, shape], from]): Story => ({
      id: `${name} ${from}`,
      tier: 1,
      shape,
      mayUpdate: true,
      ...(from === 'new' ? {} : { clients: [usedClient()], holdings: holding() }),
      inputs: { ...WHEN_DUE, ...TO_ONE, ...SETTINGS },
      acts: [
        { run: 'the first run', expects: { green: true } },
        { run: 'the second run', expects: { green: true, changesNothing: true } },
        { run: 'the third run', expects: { green: true, changesNothing: true } },
      ],
    }),
  ),
  // Its settings differ, and its secrets are part of the response.
  ...pairsOf(['quiet', 'meanwhile'], [WHEN_DUE, { rotate: 'always' }]).map(
    ([when, how]): Story => ({
      id: `embedded-secrets ${when} ${how.rotate}`,
      tier: 1,
      shape: { clientSecrets: 'embedded' },
      mayUpdate: true,
      clients: [usedClient()],
      holdings: holding(),
      inputs: { ...how, ...TO_ONE, ...SETTINGS },
      acts: [
        {
          run: 'the run',
          ...(when === 'meanwhile'
            ? { at: { event: 'vantage.readClient#1.body', comes: { makesSecretFor: CLIENT_ID } } }
            : {}),
        },
      ],
    }),
  ),
]);
