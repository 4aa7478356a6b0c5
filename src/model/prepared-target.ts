import { itemInProse, type OrganizationScope, type SecretScope, type Target, type Visibility } from './target.ts';

/** A public key of GitHub. The secrets of one scope are sealed with it. */
export interface PublicKey {
  readonly id: string;
  /** In base64. */
  readonly value: string;
}

/** A scope as the preflight found it. */
export interface ResolvedScope {
  readonly scope: SecretScope;
  /** Absent while its environment does not exist. */
  readonly key?: PublicKey | undefined;
  /** Absent if the workflow names no variable. */
  readonly variables?: ScopeVariables | undefined;
}

/** The variables of a scope that the workflow names. */
export interface ScopeVariables {
  readonly clientId?: HeldVariable | undefined;
  readonly expiration?: HeldVariable | undefined;
}

/** The name of a variable, and its content if it exists. */
export interface HeldVariable extends Partial<StoredVariable> {
  readonly name: string;
}

/** A target as the preflight found it. */
export interface PreparedTarget {
  readonly target: Target;
  readonly resolved: ResolvedScope;
  /** What an organization's secret is to have, derived from what it has now. */
  readonly repositoryAccess?: RepositoryAccess;
  /** The workflow's own repository, if the target asks that it can read the organization's secret. */
  readonly ownReader?: OwnReader | undefined;
  /** When the secret was last written. Absent if it does not exist, or if nobody asked. */
  readonly updatedAt?: Date | undefined;
}

/** The workflow's own repository, as one that is to have access to an organization's secret. */
export interface OwnReader {
  readonly id: number;
  /** Whether the secret is for selected repositories, and this one is not selected. */
  readonly isMissing: boolean;
}

/** Which repositories can read an organization's secret or variable. */
export interface RepositoryAccess {
  readonly visibility: Visibility;
  /** The ids of the selected repositories. Empty unless `visibility` is `selected`. */
  readonly repositories: readonly number[];
}

/** A secret or a variable of an organization. */
export interface SharedItem {
  readonly kind: 'secret' | 'variable';
  readonly scope: OrganizationScope;
  readonly name: string;
}

/** An item as a sentence names it. */
export function sharedInProse({ kind, name, scope }: SharedItem): string {
  return itemInProse(kind, name, scope);
}

export interface StoredVariable {
  readonly value: string;
  readonly updatedAt: Date;
  /** Of an organization's variable. */
  readonly repositoryAccess?: RepositoryAccess;
}
