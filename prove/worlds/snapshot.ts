import type { GitHub, HeldItem, NamedRepository, SecretScope, StoredEnvironment } from '../../emulator/github/index.ts';
import type { StoredClient, Vantage } from '../../emulator/vantage/index.ts';
import { END_VARIABLE, ID_VARIABLE, OWN, SECRET_NAME } from './places.ts';

/** What all that store something hold at one moment. */
export interface Snapshot {
  readonly clients: readonly StoredClient[];
  readonly items: readonly Item[];
  /** Those of the repository that looks. */
  readonly environments: readonly StoredEnvironment[];
}

/** A secret or a variable in GitHub, or in a vault. */
export interface Item extends Pick<HeldItem, 'name' | 'value'> {
  /** As the repository that looks writes it in `write-to`, where it can. */
  readonly line: string;
  readonly kind: 'secret' | 'variable';
}

/** Who looks at what. */
export interface View {
  readonly vantage: Vantage;
  readonly github: GitHub;
  /** The repository that looks. */
  readonly own: NamedRepository;
  readonly otherGitHub: GitHub | undefined;
  /** What each holds, by its name. */
  readonly vaults: ReadonlyMap<string, string>;
}

/** What a world keeps anything in GitHub by. */
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

/** All that one GitHub holds, in the words of one of its repositories; or of none. */
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

/** The secret that a place of a snapshot holds. */
export function secretAt({ items }: Snapshot, line: string): Item | undefined {
  return items.find(item => item.kind === 'secret' && item.line === line && item.name === SECRET_NAME);
}

export function variableAt({ items }: Snapshot, line: string, name: string): Item | undefined {
  return items.find(item => item.kind === 'variable' && item.line === line && item.name === name);
}

/** Every secret of every client of a snapshot, with its client. */
export function secretsOf({ clients }: Pick<Snapshot, 'clients'>) {
  return clients.flatMap(client => client.secrets.map(secret => ({ ...secret, clientId: client.clientId })));
}
