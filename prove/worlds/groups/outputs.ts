import { OTHER_ID } from '../places.ts';
import type { Act, Actor, RunAct, Story, Vault } from '../story.ts';
import { ALWAYS, group, WHEN_DUE } from './common.ts';

/** Two steps that return secrets of one client as outputs, and differ in only one respect. */
const PAIRS: Readonly<Record<string, readonly [Actor, Actor]>> = {
  repositories: [{}, { repositoryId: OTHER_ID }],
  githubs: [{}, { on: 'the other GitHub' }],
  workflows: [{ workflow: 'rotate.yml' }, { workflow: 'deploy.yml' }],
  jobs: [{ job: 'rotate' }, { job: 'deploy' }],
  steps: [{ step: 'rotate' }, { step: 'deploy' }],
  legs: [{ matrix: { color: 'blue' } }, { matrix: { color: 'green' } }],
};

const PASSES: Act = { others: { passes: 3 } };
const PRUNE = { 'prune-after': '1d' };

/** Secrets that were only outputs, and that somebody stores elsewhere: no secret in use is deleted. */
export const OUTPUT_STORIES = group('outputs', [
  ...Object.entries(PAIRS).map(([what, [one, other]]): Story => {
    const ours = handing('our', one, { name: 'ours' });
    const theirs = handing('their', other, { name: 'theirs' });
    return {
      id: `two ${what}`,
      tier: 1,
      hasOtherGitHub: true,
      inputs: WHEN_DUE,
      makes: 4,
      leaves: 2,
      acts: [
        ours('first run'),
        theirs('first run'),
        PASSES,
        ours('rotation', { ...ALWAYS, ...PRUNE }),
        PASSES,
        // The first secret of each is superseded in the end. In between, theirs is the oldest of all, and in use.
        ours('last run', PRUNE),
        theirs('rotation', { ...ALWAYS, ...PRUNE }),
        PASSES,
        theirs('last run', PRUNE),
      ],
    };
  }),
  {
    id: 'a vault that fails',
    tier: 1,
    inputs: WHEN_DUE,
    makes: 3,
    leaves: 1,
    acts: [
      handing('the', {}, { name: 'ours' })('first run'),
      PASSES,
      handing('the', {}, { name: 'ours', fails: true })('lost rotation', { ...ALWAYS, ...PRUNE }),
      PASSES,
      handing('the', {}, { name: 'ours' })('quiet run', PRUNE),
      PASSES,
      handing('the', {}, { name: 'ours' })('rotation', { ...ALWAYS, ...PRUNE }),
      PASSES,
      handing('the', {}, { name: 'ours' })('last run', PRUNE),
    ],
  },
]);

function handing(whose: string, by: Actor, vault: Vault) {
  return (what: string, inputs: RunAct['inputs'] = {}): RunAct => ({
    run: `${whose} ${what}`,
    ...{ by, vault, inputs },
    expects: { green: true },
  });
}
