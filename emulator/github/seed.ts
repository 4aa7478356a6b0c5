import type { App } from './place.ts';

/** A secret or variable to begin with. */
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
  /** Default: a random one. */
  id?: number;
  /** Default: true. */
  private?: boolean;
  archived?: boolean;
  environments?: readonly (string | SeedEnvironment)[];
  secrets?: readonly (SeedItem & { app?: App })[];
  variables?: readonly SeedItem[];
  pullRequests?: readonly (Pick<StoredPullRequest, 'number'> & Partial<StoredPullRequest>)[];
}

/** Whom an organization does not let in. */
export interface OrganizationRules {
  /** Where a classic token is authorized for its single sign-on. None is. */
  singleSignOn?: string;
  /** It takes requests from some addresses alone. This one is none of them. */
  ipAllowList?: boolean;
  /** What its policy for personal access tokens does not take: a kind, or fine-grained ones that live too long. */
  forbids?: 'classic' | 'fine-grained' | 'long-lived';
}

export interface SeedOrganization {
  login: string;
  rules?: OrganizationRules;
  secrets?: readonly (SeedOrganizationItem & { app?: App })[];
  variables?: readonly SeedOrganizationItem[];
}

/** What there is to begin with. */
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

/** What has to be so before a job may use an environment. */
export interface ProtectionRules {
  /** Minutes. */
  waitTimer: number;
  preventSelfReview: boolean;
  reviewers: { type: 'User' | 'Team'; id: number }[];
  branchPolicy: { protected_branches: boolean; custom_branch_policies: boolean } | null;
}
