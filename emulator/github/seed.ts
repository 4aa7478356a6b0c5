import type { App } from './place.ts';

/** A secret or variable at the start. */
export interface SeedItem {
  name: string;
  value?: string;
  /** RFC 3339. Default: the time of the start. */
  updatedAt?: string;
}

/** One of an organization. `visibility`: default `private`. `repositories`: `owner/repo` of each, for `selected`. */
export type SeedOrganizationItem = SeedItem & { visibility?: Visibility; repositories?: readonly string[] };

export interface SeedEnvironment {
  name: string;
  protectionRules?: Partial<ProtectionRules>;
  secrets?: readonly SeedItem[];
  variables?: readonly SeedItem[];
}

export interface SeedRepository {
  owner: string;
  repo: string;
  /** Default: a random ID. */
  id?: number;
  /** Default: true. */
  private?: boolean;
  archived?: boolean;
  environments?: readonly (string | SeedEnvironment)[];
  secrets?: readonly (SeedItem & { app?: App })[];
  variables?: readonly SeedItem[];
  pullRequests?: readonly (Pick<StoredPullRequest, 'number'> & Partial<StoredPullRequest>)[];
}

/** Which tokens an organization does not accept. */
export interface OrganizationRules {
  /** The URL at which a classic token is authorized for single sign-on. No token is authorized. */
  singleSignOn?: string;
  /** The organization accepts requests only from some IP addresses. This one is not among them. */
  ipAllowList?: boolean;
  /** What its policy for personal access tokens forbids: a kind, or fine-grained ones with a long lifetime. */
  forbids?: 'classic' | 'fine-grained' | 'long-lived';
}

export interface SeedOrganization {
  login: string;
  rules?: OrganizationRules;
  secrets?: readonly (SeedOrganizationItem & { app?: App })[];
  variables?: readonly SeedOrganizationItem[];
}

/** What exists at the start. */
export interface Seed {
  repositories?: readonly SeedRepository[];
  organizations?: readonly SeedOrganization[];
}

/** Which repositories of an organization can read a secret or variable. */
export type Visibility = 'all' | 'private' | 'selected';

export interface StoredPullRequest {
  number: number;
  state: 'open' | 'closed';
  merged: boolean;
}

/** The conditions for a job to use an environment. */
export interface ProtectionRules {
  /** Minutes. */
  waitTimer: number;
  preventSelfReview: boolean;
  reviewers: { type: 'User' | 'Team'; id: number }[];
  branchPolicy: { protected_branches: boolean; custom_branch_policies: boolean } | null;
}
