import type { GitHub } from '../../emulator/github/index.ts';
import { namedRepository } from '../servers.ts';
import { OWN_ID } from './places.ts';
import type { Actor, Inputs } from './story.ts';

/** The GitHub that an actor is on. */
export function gitHubOf(
  { on }: Actor,
  { github, otherGitHub }: { readonly github: GitHub; readonly otherGitHub: GitHub | undefined },
): GitHub {
  if (on === undefined) {
    return github;
  }
  if (!otherGitHub) {
    throw new Error('this world has no other GitHub');
  }
  return otherGitHub;
}

/** The owner of what an actor creates, whatever the name of its repository is. */
export function ownerOf({ repositoryId = OWN_ID, on }: Actor): string {
  return `repository ${repositoryId} of ${on ?? 'GitHub'}`;
}

/** What the runner sets for an actor. */
export function environmentOf(actor: Actor, github: GitHub): Inputs {
  const { repositoryId = OWN_ID, workflow = 'deploy.yml', job, step } = actor;
  const { owner, repo } = namedRepository(github, repositoryId);
  return {
    GITHUB_SERVER_URL: new URL(github.apiUrl).origin,
    GITHUB_API_URL: github.apiUrl,
    GITHUB_REPOSITORY: `${owner}/${repo}`,
    GITHUB_REPOSITORY_ID: String(repositoryId),
    GITHUB_REPOSITORY_OWNER: owner,
    GITHUB_WORKFLOW_REF: `${owner}/${repo}/.github/workflows/${workflow}@refs/heads/main`,
    ...(job === undefined ? {} : { GITHUB_JOB: job }),
    ...(step === undefined ? {} : { GITHUB_ACTION: step }),
  };
}
