import type { GitHub, HeldItem, Place, StoredEnvironment } from '../../emulator/github/index.ts';
import type { StoredClient, Vantage } from '../../emulator/vantage/index.ts';
import { END_VARIABLE, ID_VARIABLE, OWN, SECRET_NAME, spotOf } from './places.ts';

/** What both servers hold at one moment. */
export interface Snapshot {
  readonly clients: readonly StoredClient[];
  readonly items: readonly Item[];
  readonly environments: readonly StoredEnvironment[];
}

/** A secret or a variable in GitHub. */
export interface Item extends HeldItem {
  readonly line: string;
  readonly kind: 'secret' | 'variable';
}

/** Wherever a world keeps anything in GitHub. */
const LINES = ['repository', 'organization octo-org'];
const NAMES = [SECRET_NAME, 'OTHER_SECRET', ID_VARIABLE, END_VARIABLE];

export function takeSnapshot({ vantage, github }: { vantage: Vantage; github: GitHub }): Snapshot {
  const { clientId } = vantage.administrator;
  const administrator = vantage.client(clientId);
  const names = github.environments(OWN.owner, OWN.repo);
  const lines = [...LINES, ...names.map(name => `environment ${name}`)];
  return {
    clients: [...vantage.clients(), ...(administrator ? [administrator] : [])],
    items: lines.flatMap(line => itemsAt(line, spotOf(line).place, github)),
    environments: names.flatMap(name => github.environment(OWN.owner, OWN.repo, name) ?? []),
  };
}

function itemsAt(line: string, place: Place, github: GitHub): Item[] {
  return NAMES.flatMap(name =>
    (['secret', 'variable'] as const).flatMap(kind => {
      const item = github[kind](place, name);
      return item ? [{ ...item, line, kind }] : [];
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
