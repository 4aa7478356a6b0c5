import { withBuildCopy } from '../build-copy.ts';
import { eachOf } from '../each-of.ts';
import { playStory, type Trial } from './play.ts';
import { allStories, sampleStories } from './stories.ts';
import type { Story } from './story.ts';

/** Which worlds to play, and how. */
export interface TourOptions {
  /** Only worlds whose ID contains this text. Default: all. */
  readonly only?: string | undefined;
  /** The number of worlds to play. Default: all. */
  readonly sample?: number | undefined;
  /** The folder of the build. Default: `dist`. */
  readonly dist?: string | undefined;
  /** The seed of the sample and of the random worlds. */
  readonly seed: string;
  /** The number of worlds to play at the same time. */
  readonly atOnce: number;
  /** Called once with the worlds to play. */
  readonly onPlan?: (chosen: readonly Story[], all: readonly Story[]) => void;
  /** Called after each world. */
  readonly onTrial?: (trial: Trial, done: number) => void;
}

/** Plays the worlds with the built action, and checks in each what must hold in all. */
export async function tour({
  only = '',
  sample,
  dist,
  seed,
  atOnce,
  ...callbacks
}: TourOptions): Promise<readonly Trial[]> {
  const all = allStories(seed);
  const fitting = all.filter(({ id }) => id.includes(only));
  const chosen = sample === undefined ? fitting : sampleStories(fitting, sample, seed);
  callbacks.onPlan?.(chosen, all);
  if (chosen.length === 0) {
    return [];
  }
  return withBuildCopy(dist, async scripts => {
    let done = 0;
    return eachOf(chosen, atOnce, async story => {
      const trial = await playStory(story, scripts);
      done += 1;
      callbacks.onTrial?.(trial, done);
      return trial;
    });
  });
}
