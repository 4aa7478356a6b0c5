import type { SecretScope } from '../../emulator/github/index.ts';

/** The repository of the workflow, as the runner names it, and its ID on GitHub. */
export const OWN = { owner: 'octo-org', repo: 'octo-repo' } as const;
export const OWN_ID = 1001;
export const REPOSITORY = `${OWN.owner}/${OWN.repo}`;
/** Another repository of the same owner, with workflows of its own. */
export const OTHER = { owner: OWN.owner, repo: 'website' } as const;
export const OTHER_ID = 1002;

export const CLIENT_ID = 'invoices';
export const SECRET_NAME = 'VANTAGE_CLIENT_SECRET';
/** The names of the variables in worlds with variables. */
export const ID_VARIABLE = 'VANTAGE_CLIENT_ID';
export const END_VARIABLE = 'VANTAGE_CLIENT_EXPIRATION';

/** The place of a line of `write-to`, and the name of the secret there. */
export interface Spot {
  readonly line: string;
  readonly scope: SecretScope;
  readonly name: string;
}

/**
 * Reads a line of `write-to`: as documented, but only what the worlds use.
 *
 * @param own the repository of the workflow.
 */
export function spotOf(line: string, own: { readonly owner: string; readonly repo: string } = OWN): Spot {
  const [, kind, of, as] = /^(repository|environment|organization)(?: (\S+))?(?: as (\S+))?$/u.exec(line) ?? [];
  const name = as ?? SECRET_NAME;
  switch (kind) {
    case 'repository': {
      const [owner = '', repo = ''] = of?.split('/') ?? [own.owner, own.repo];
      return { line, scope: { owner, repo }, name };
    }
    case 'environment':
      return { line, scope: { ...own, environment: of ?? '' }, name };
    case 'organization':
      return { line, scope: { org: of ?? '' }, name };
    default:
      throw new Error(`no world knows the target ${line}`);
  }
}

export function spotsOf(writeTo: string | undefined): readonly Spot[] {
  return (writeTo ?? '')
    .split('\n')
    .filter(Boolean)
    .map(line => spotOf(line));
}
