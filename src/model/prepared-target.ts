import { type OrganizationScope, type SecretScope, scopeLine, type Target, type Visibility } from './target.ts';

/** The public key that secrets of one place are sealed with. */
export interface PublicKey {
  readonly key_id: string;
  /** In base64. */
  readonly key: string;
}

/** One place that secrets are written to, as it was found. */
export interface ResolvedScope {
  readonly scope: SecretScope;
  /** Absent while its environment is still to be created. */
  readonly key?: PublicKey;
  /** Absent where no variable is asked for. */
  readonly variables?: ScopeVariables;
}

/** The variables of one place that the workflow names. */
export interface ScopeVariables {
  /** The one that is to hold the client id. */
  readonly clientId?: HeldVariable;
  /** The one that is to hold when the secret ends. */
  readonly expiration?: HeldVariable;
}

/** A variable by its name, and what it holds: nothing where it is not there. */
export interface HeldVariable extends Partial<StoredVariable> {
  readonly name: string;
}

/** One secret to write, as its place was found. */
export interface PreparedTarget {
  readonly target: Target;
  readonly resolved: ResolvedScope;
  /** Who is to read an organization's secret, by who may read it now. */
  readonly repositoryAccess?: RepositoryAccess;
  /** The workflow's own repository, where the line asks that it may read the organization's secret. */
  readonly ownReader?: OwnReader;
  /** When the secret was last written. Absent where there is none yet, or where it was not asked for. */
  readonly updatedAt?: Date;
}

/** The workflow's own repository, as one that is to read an organization's secret. */
export interface OwnReader {
  /** GitHub's number for it. */
  readonly id: number;
  /** Whether the secret is for selected repositories, and not yet for this one. */
  readonly isMissing: boolean;
}

/** Who may read an organization's secret or variable. */
export interface RepositoryAccess {
  readonly visibility: Visibility;
  /** Ids of repositories, where `visibility` is `selected`. */
  readonly repositories: readonly number[];
}

/** A secret or a variable of an organization: what selected repositories may read. */
export interface SharedItem {
  readonly kind: 'secret' | 'variable';
  readonly scope: OrganizationScope;
  readonly name: string;
}

/** How an item reads. */
export function itemLine({ kind, scope, name }: SharedItem): string {
  return `the ${kind} ${name} of ${scopeLine(scope)}`;
}

/** What GitHub tells of a variable. */
export interface StoredVariable {
  readonly value: string;
  readonly updatedAt: Date;
  /** Of an organization's variable. */
  readonly repositoryAccess?: RepositoryAccess;
}
