import type { Tier } from '../../tier.ts';
import { CLIENT_ID } from '../places.ts';
import type { Story } from '../story.ts';
import { group, ownSecret, pairsOf, TARGETS, TO_ONE, TO_TWO, WHEN_DUE } from './common.ts';

type Clocks = NonNullable<Story['clocks']>;

const MINUTE = 60_000;
const OFFSETS: Readonly<Record<string, number>> = {
  '-1h': -60 * MINUTE,
  '-10m': -10 * MINUTE,
  '0': 0,
  '+10m': 10 * MINUTE,
  '+1h': 60 * MINUTE,
};

/** Clocks that disagree: one secret is created, and no secret in use is pruned. */
export const CLOCK_STORIES = group(
  'clocks',
  pairsOf(Object.entries(OFFSETS), Object.entries(OFFSETS)).flatMap(
    ([[atVantage, vantage], [atGitHub, github]]): Story[] => {
      const clocks = { vantage, github };
      const at = `vantage${atVantage} github${atGitHub}`;
      const isOneRight = vantage === 0 || github === 0;
      return [
        threeRuns(at, clocks, 1),
        // The other cases depend on one of the two clocks only, so it is enough to change one at a time.
        ...(isOneRight ? [threeRuns(at, clocks, 0), pruning(at, clocks)] : []),
      ];
    },
  ),
);

function threeRuns(at: string, clocks: Clocks, tier: Tier): Story {
  return {
    id: `${at} three-runs tier${tier}`,
    tier,
    clocks,
    inputs: { ...WHEN_DUE, ...TO_ONE },
    makes: 1,
    acts: [
      { run: 'the first run', expects: { green: true, delivers: true } },
      { run: 'the second run', expects: { green: true, changesNothing: true } },
      { run: 'the third run', expects: { green: true, changesNothing: true } },
    ],
  };
}

/** Two targets hold two of three secrets. The third superseded them, and was lost. */
function pruning(at: string, clocks: Clocks): Story {
  return {
    id: `${at} prune`,
    tier: 1,
    clocks,
    clients: [
      {
        clientId: CLIENT_ID,
        secrets: [
          ownSecret('first', TARGETS, 9, 100),
          ownSecret('held', TARGETS, 6, 100),
          ownSecret('lost', TARGETS, 3, 100),
        ],
      },
    ],
    holdings: [
      { line: 'repository', secret: 'held' },
      { line: 'environment production', secret: 'first' },
    ],
    inputs: { ...WHEN_DUE, ...TO_TWO, 'prune-after': '1d' },
    acts: [{ run: 'the first run' }, { run: 'the second run', inputs: { rotate: 'always' } }],
  };
}
