import { type Seed, startGitHub } from '../../emulator/github/index.ts';
import { startVantage } from '../../emulator/vantage/index.ts';
import type { Watcher } from '../crash/events.ts';
import { OTHER, OTHER_ID, OWN, OWN_ID } from './places.ts';
import { seedsOf } from './seeds.ts';
import type { Story } from './story.ts';

/** The initial state of the other GitHub. */
const EMPTY: Seed = {
  repositories: [
    { ...OWN, id: OWN_ID, pullRequests: [{ number: 7, state: 'closed' }] },
    { ...OTHER, id: OTHER_ID },
  ],
  organizations: [{ login: OWN.owner }],
};

/** Starts the servers of a world. The members of `watching` are called at every moment of the first two servers. */
export async function openServers(story: Story) {
  const now = Date.now();
  const { vantage: ofVantage, github: ofGitHub } = story.clocks ?? { vantage: 0, github: 0 };
  const seeds = seedsOf(story, now);
  const watching: { watcher: Watcher | undefined } = { watcher: undefined };
  const github = await startGitHub({
    seed: seeds.github,
    clock: now + ofGitHub,
    watch: async (moment, request) => watching.watcher?.see('github', moment, request),
  });
  const otherGitHub = story.hasOtherGitHub ? await startGitHub({ seed: EMPTY, clock: now + ofGitHub }) : undefined;
  const vantage = await startVantage({
    tier: story.tier,
    clients: seeds.clientsFor(github),
    clock: now + ofVantage,
    ...(story.shape && { shape: story.shape }),
    watch: async (moment, request) => watching.watcher?.see('vantage', moment, request),
  });
  return { vantage, github, otherGitHub, seeds, watching };
}
