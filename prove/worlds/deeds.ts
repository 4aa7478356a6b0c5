import type { GitHub } from '../../emulator/github/index.ts';
import type { Vantage } from '../../emulator/vantage/index.ts';
import { namedRepository } from '../servers.ts';
import { OWN, spotOf } from './places.ts';
import type { Deed } from './story.ts';

/** The rules of an environment that somebody created manually. */
const PROTECTED = { waitTimer: 30, preventSelfReview: true };

const DAY = 86_400_000;

/** Performs an action of somebody else, without the action. */
export function carryOut(
  deed: Deed,
  { vantage, github, otherGitHub }: { vantage: Vantage; github: GitHub; otherGitHub?: GitHub | undefined },
): void {
  if ('deletesClient' in deed) {
    vantage.removeClient(deed.deletesClient);
  } else if ('deletesSecretOf' in deed) {
    const { scope, name } = spotOf(deed.deletesSecretOf);
    vantage.removeSecret(deed.client, github.secret(scope, name)?.value ?? '');
  } else if ('makesSecretFor' in deed) {
    vantage.addSecret(deed.makesSecretFor, { description: 'made by hand in the meantime' });
  } else if ('removes' in deed) {
    const { scope } = spotOf(deed.line);
    // If a run did not write what it should have, the checks of that run report it.
    if (github[deed.removes](scope, deed.name)) {
      github.remove(scope, deed.removes, deed.name);
    }
  } else if ('writes' in deed) {
    github.put(spotOf(deed.line).scope, deed.writes, deed.name, deed.value);
  } else if ('renames' in deed) {
    const { owner, repo } = namedRepository(github, deed.renames);
    github.repositories.rename(owner, repo, deed.to);
  } else if ('recreates' in deed) {
    const { owner, repo } = namedRepository(github, deed.recreates);
    github.repositories.remove(owner, repo);
    github.repositories.add({ owner, repo, id: deed.as });
  } else if ('closes' in deed) {
    const { owner, repo } = namedRepository(github, deed.of);
    const pullRequests = github.pullRequests(owner, repo);
    pullRequests.close(pullRequests.open(deed.closes));
  } else if ('passes' in deed) {
    for (const { clock } of [vantage, github, ...(otherGitHub ? [otherGitHub] : [])]) {
      clock.advance(deed.passes * DAY);
    }
  } else {
    github.addEnvironment(OWN.owner, OWN.repo, deed.makesEnvironment, PROTECTED);
  }
}
