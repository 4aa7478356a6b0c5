import type { Story } from '../story.ts';
import { group } from './common.ts';

const REVOKING = { 'revoke-at-job-end': 'true' };

/** Inputs that are valid when the step starts, but not when the job ends. */
const LATER: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  same: {},
  'end-too-near': { 'secret-expiration': new Date(Date.now() + 12 * 3_600_000).toISOString() },
  'end-past': { 'secret-expiration': '2021-09-07T13:03:38.380Z' },
  'other-inputs-wrong': { 'prune-after': 'soon', 'rotate-before': '4000d', concurrency: 'many' },
};

const MALFORMED: Readonly<Record<string, string>> = {
  'no-json': 'not json',
  object: '{"marks": 1}',
  number: '7',
  'of-numbers': '[1, 2]',
  'of-null': '[null]',
};

/** The post step reads only what it needs to revoke, and never fails a job. */
export const POST_STORIES = group('post', [
  ...Object.entries(LATER).map(
    ([what, inputs]): Story => ({
      id: `inputs=${what}`,
      tier: 1,
      inputs: REVOKING,
      acts: [
        { run: 'the run', expects: { green: true, delivers: true } },
        { endOf: 'the run', inputs, revokes: true },
      ],
    }),
  ),
  ...Object.entries(MALFORMED).map(
    ([what, marks]): Story => ({
      id: `state=${what}`,
      tier: 1,
      inputs: REVOKING,
      acts: [
        { run: 'the run', expects: { green: true } },
        { endOf: 'the run', state: { marks } },
      ],
    }),
  ),
]);
