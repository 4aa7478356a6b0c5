import { withBuildCopy } from '../build-copy.ts';
import { eachOf } from '../each-of.ts';
import { playStory, type Trial } from './play.ts';
import { allStories, sampleStories } from './stories.ts';
import type { Story } from './story.ts';

/** Which worlds to play, and how. */
export interface TourOptions {
  /** Worlds whose id holds this text. Default: all. */
  readonly only?: string | undefined;
  /** So many of them. Default: all. */
  readonly sample?: number | undefined;
  /** The folder of the build. Default: `dist`. */
  readonly dist?: string | undefined;
  /** Which sample, and which random worlds. */
  readonly seed: string;
  /** Worlds under way at once. */
  readonly atOnce: number;
  /** Told once what there is to play. */
  readonly onPlan?: (chosen: readonly Story[], all: readonly Story[]) => void;
  /** Told of each world as it ends. */
  readonly onTrial?: (trial: Trial, done: number) => void;
}

/** Plays the worlds with the built action, and judges each by what must hold in all. */
export async function tour({ only = '', sample, dist, seed, atOnce, ...told }: TourOptions): Promise<readonly Trial[]> {
  const all = allStories(seed);
  const fitting = all.filter(({ id }) => id.includes(only));
  const chosen = sample === undefined ? fitting : sampleStories(fitting, sample, seed);
  told.onPlan?.(chosen, all);
  if (chosen.length === 0) {
    return [];
  }
  return withBuildCopy(dist, async scripts => {
    let done = 0;
    return eachOf(chosen, atOnce, async story => {
      const trial = await playStory(story, scripts);
      done += 1;
      told.onTrial?.(trial, done);
      return trial;
    });
  });
}
