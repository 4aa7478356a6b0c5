import type { GitHub } from '../../emulator/github/index.ts';
import { namedRepository } from '../servers.ts';
import { OWN_ID } from './places.ts';
import type { Actor, Inputs } from './story.ts';

/** Where an actor is: the name of its GitHub, and its API. */
export interface Site {
  readonly host: string;
  readonly github: GitHub;
}

const HOSTS = { own: 'github.com', other: 'github.octo.example' } as const;

/** The GitHub that an actor is on. */
export function siteOf(
  { on }: Actor,
  { github, otherGitHub }: { github: GitHub; otherGitHub: GitHub | undefined },
): Site {
  if (on === undefined) {
    return { host: HOSTS.own, github };
  }
  if (!otherGitHub) {
    throw new Error('this world has no other GitHub');
  }
  return { host: HOSTS.other, github: otherGitHub };
}

/** Who owns what an actor creates, whatever its repository is called. */
export function ownerOf({ repositoryId = OWN_ID }: Pick<Actor, 'repositoryId'>, host: string): string {
  return `${host}/${repositoryId}`;
}

/** What the runner sets of an actor. */
export function environmentOf(actor: Actor, { host, github }: Site): Inputs {
  const { repositoryId = OWN_ID, workflow = 'deploy.yml', job, step } = actor;
  const { owner, repo } = namedRepository(github, repositoryId);
  return {
    GITHUB_SERVER_URL: `https://${host}`,
    GITHUB_API_URL: github.apiUrl,
    GITHUB_REPOSITORY: `${owner}/${repo}`,
    GITHUB_REPOSITORY_ID: String(repositoryId),
    GITHUB_REPOSITORY_OWNER: owner,
    GITHUB_WORKFLOW_REF: `${owner}/${repo}/.github/workflows/${workflow}@refs/heads/main`,
    ...(job === undefined ? {} : { GITHUB_JOB: job }),
    ...(step === undefined ? {} : { GITHUB_ACTION: step }),
  };
}
