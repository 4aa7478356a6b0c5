import type { HeldItem, Permissions, Seed, TokenKind } from '../../emulator/github/index.ts';

/** The repository of the workflow, as the runner names it, and its ID on GitHub. */
export const OWN = { owner: 'octo-org', repo: 'octo-repo' } as const;
export const OWN_ID = 1001;

/** All permissions of a fine-grained token or an App that a delivery can need. */
export const EVERYTHING: Permissions = {
  actions: 'read',
  actions_variables: 'write',
  administration: 'write',
  agent_secrets: 'write',
  codespaces_secrets: 'write',
  dependabot_secrets: 'write',
  environments: 'write',
  organization_actions_variables: 'write',
  organization_agent_secrets: 'write',
  organization_codespaces_secrets: 'write',
  organization_dependabot_secrets: 'write',
  organization_secrets: 'write',
  secrets: 'write',
};

/** A token that can read pull requests as well, which a sweep needs. */
export const SWEEPER: TokenKind = { kind: 'fine-grained', permissions: { ...EVERYTHING, pull_requests: 'read' } };

/** A GitHub with the repository of the workflow, three others, and two organizations. */
export const SEED: Seed = {
  repositories: [
    { ...OWN, id: OWN_ID, environments: ['production'] },
    { owner: 'octo-org', repo: 'website', id: 1002, private: false },
    { owner: 'octo-org', repo: 'tools', id: 1003 },
    { owner: 'acme', repo: 'invoices', id: 2001, environments: ['production'] },
  ],
  organizations: [{ login: 'octo-org' }, { login: 'acme' }],
};

/** The content of a place, or an error if it is empty. */
export function itemAt(held: HeldItem | undefined): HeldItem {
  if (held === undefined) {
    throw new Error('GitHub holds nothing there');
  }
  return held;
}
