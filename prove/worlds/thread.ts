import type { Scripts } from '../build-copy.ts';
import { serveTasks } from '../threads.ts';
import { playStory, type Trial } from './play.ts';
import type { Story } from './story.ts';

/** The arguments of `playStory`. */
export type StoryTask = readonly [story: Story, scripts: Scripts];

serveTasks<StoryTask, Trial>(task => playStory(...task));
