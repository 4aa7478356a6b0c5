import type { GitHub, HeldItem, NamedRepository, SecretScope, StoredEnvironment } from '../../emulator/github/index.ts';
import type { StoredClient, Vantage } from '../../emulator/vantage/index.ts';
import { END_VARIABLE, ID_VARIABLE, OWN, SECRET_NAME } from './places.ts';

/** Everything that the servers and vaults store at one moment. */
export interface Snapshot {
  readonly clients: readonly StoredClient[];
  readonly items: readonly Item[];
  /** The repositories, as the repository of the view sees them. */
  readonly environments: readonly StoredEnvironment[];
}

/** A secret or a variable in GitHub, or in a vault. */
export interface Item extends Pick<HeldItem, 'name' | 'value'> {
  /** As a line of `write-to` of the repository of the view, if it can name the place. */
  readonly line: string;
  readonly kind: 'secret' | 'variable';
}

/** What to include in a snapshot, and from whose view. */
export interface View {
  readonly vantage: Vantage;
  readonly github: GitHub;
  /** The repository of the view. */
  readonly own: NamedRepository;
  readonly otherGitHub: GitHub | undefined;
  /** The value in each vault, by its name. */
  readonly vaults: ReadonlyMap<string, string>;
}

/** The stores of GitHub that a world uses. */
const NAMES = [SECRET_NAME, 'OTHER_SECRET', ID_VARIABLE, END_VARIABLE];

export function takeSnapshot({ vantage, github, own, otherGitHub, vaults }: View): Snapshot {
  const administrator = vantage.client(vantage.administrator.clientId);
  return {
    clients: [...vantage.clients(), ...(administrator ? [administrator] : [])],
    items: [
      ...itemsOf(github, own),
      ...(otherGitHub ? itemsOf(otherGitHub) : []),
      ...[...vaults].map(([name, value]) => ({ line: `vault ${name}`, kind: 'secret' as const, name, value })),
    ],
    environments: github
      .environments(own.owner, own.repo)
      .flatMap(name => github.environment(own.owner, own.repo, name) ?? []),
  };
}

/** Everything that one GitHub stores, named from the view of one of its repositories, or of none. */
function itemsOf(github: GitHub, own?: NamedRepository): readonly Item[] {
  const organization = own ? `organization ${OWN.owner}` : `the other GitHub’s organization ${OWN.owner}`;
  return [
    ...itemsAt(organization, { org: OWN.owner }, github),
    ...github.repositories.all().flatMap(({ id, owner, repo }) => {
      const of = id === own?.id ? '' : ` ${owner}/${repo}`;
      const prefix = own ? '' : 'the other GitHub’s ';
      return [
        ...itemsAt(`${prefix}repository${of}`, { owner, repo }, github),
        ...github
          .environments(owner, repo)
          .flatMap(name => itemsAt(`${prefix}environment${of} ${name}`, { owner, repo, environment: name }, github)),
      ];
    }),
  ];
}

function itemsAt(line: string, scope: SecretScope, github: GitHub): Item[] {
  return NAMES.flatMap(name =>
    (['secret', 'variable'] as const).flatMap(kind => {
      const item = github[kind](scope, name);
      return item ? [{ line, kind, name: item.name, value: item.value }] : [];
    }),
  );
}

/** The secret in a place of a snapshot. */
export function secretAt({ items }: Snapshot, line: string): Item | undefined {
  return items.find(item => item.kind === 'secret' && item.line === line && item.name === SECRET_NAME);
}

export function variableAt({ items }: Snapshot, line: string, name: string): Item | undefined {
  return items.find(item => item.kind === 'variable' && item.line === line && item.name === name);
}

/** All secrets of all clients of a snapshot, with their client. */
export function secretsOf({ clients }: Pick<Snapshot, 'clients'>) {
  return clients.flatMap(client => client.secrets.map(secret => ({ ...secret, clientId: client.clientId })));
}
