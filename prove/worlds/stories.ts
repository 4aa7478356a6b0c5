import { sampleOf } from '../sample.ts';
import { CLOCK_STORIES } from './groups/clocks.ts';
import { DELETE_STORIES } from './groups/delete.ts';
import { ENVIRONMENT_STORIES } from './groups/environments.ts';
import { GONE_STORIES } from './groups/gone.ts';
import { IDENTITY_STORIES } from './groups/identity.ts';
import { LIST_STORIES } from './groups/lists.ts';
import { OUTPUT_STORIES } from './groups/outputs.ts';
import { POST_STORIES } from './groups/post.ts';
import { READ_STORIES } from './groups/reads.ts';
import { REFUSED_STORIES } from './groups/refused.ts';
import { RIVAL_STORIES } from './groups/rivals.ts';
import { SHARED_STORIES } from './groups/shared.ts';
import { SPELLING_STORIES } from './groups/spelling.ts';
import { SWEEP_STORIES } from './groups/sweep.ts';
import { VARIABLE_STORIES } from './groups/variables.ts';
import { randomStories } from './random.ts';
import { groupOf, type Story } from './story.ts';

/** The number of random worlds, in addition to those that are written out. */
const RANDOM = 60;

/** Every world: those that are written out, and random ones by the seed. */
export function allStories(seed: string): readonly Story[] {
  return [
    ...READ_STORIES,
    ...REFUSED_STORIES,
    ...GONE_STORIES,
    ...CLOCK_STORIES,
    ...LIST_STORIES,
    ...SPELLING_STORIES,
    ...VARIABLE_STORIES,
    ...ENVIRONMENT_STORIES,
    ...DELETE_STORIES,
    ...SWEEP_STORIES,
    ...POST_STORIES,
    ...SHARED_STORIES,
    ...IDENTITY_STORIES,
    ...OUTPUT_STORIES,
    ...RIVAL_STORIES,
    ...randomStories(RANDOM, seed),
  ];
}

/** A sample of the worlds with one of every group, the same for the same seed. */
export function sampleStories(stories: readonly Story[], size: number, seed: string): readonly Story[] {
  return sampleOf([...Map.groupBy(stories, groupOf).values()], size, seed, ({ id }) => id);
}
