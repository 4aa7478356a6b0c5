import { CLIENT_ID, ID_VARIABLE } from '../places.ts';
import type { ClientStory, Holding, SecretStory, Story } from '../story.ts';

export const REPOSITORY_LINE = 'repository';
export const TARGETS = ['repository', 'environment production'];

/** Inputs of a delivery to one target, and to two. */
export const TO_ONE = { 'write-to': REPOSITORY_LINE };
export const TO_TWO = { 'write-to': TARGETS.join('\n') };
export const ALWAYS = { rotate: 'always' };
export const WHEN_DUE = { rotate: 'when-due' };

/** A secret of the workflow, created for these lines. */
export function ownSecret(name: string, own: readonly string[], madeAgo: number, left: number): SecretStory {
  return { name, by: { own }, madeAgo, left };
}

/** The client of most worlds, with the secret that its targets hold and one that was created manually. */
export function usedClient(lines: readonly string[] = [REPOSITORY_LINE], left = 150): ClientStory {
  return {
    clientId: CLIENT_ID,
    secrets: [{ name: 'by hand', by: 'hand', madeAgo: 200, left: 100 }, ownSecret('held', lines, 30, left)],
  };
}

/** The content of these targets: that secret, and the variable with the client ID if the world has one. */
export function holding(lines: readonly string[] = [REPOSITORY_LINE], withVariable = false): readonly Holding[] {
  return lines.map(line => ({
    line,
    secret: 'held',
    ...(withVariable ? { variables: { [ID_VARIABLE]: CLIENT_ID } } : {}),
  }));
}

/** Every pair of two lists. */
export function pairsOf<One, Other>(ones: readonly One[], others: readonly Other[]): [One, Other][] {
  return ones.flatMap(one => others.map(other => [one, other] as [One, Other]));
}

/** The worlds of a group, with the name of the group before their own. */
export function group(name: string, stories: readonly Story[]): readonly Story[] {
  return stories.map(story => ({ ...story, id: `${name} ${story.id}` }));
}
