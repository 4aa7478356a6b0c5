import type { Read, ReadableClient, ReadList, Unreadable } from '../../model/vantage.ts';
import { marksAreReadable } from '../../plan/marked-secrets.ts';
import { readIfPossible } from '../reads.ts';
import type { StepContext } from '../step-context.ts';
import type { Observed } from './observe.ts';

/** A row of the README's table of what Vantage may offer, and whether this tenant does. */
export interface Offer {
  readonly what: string;
  /** `not tried`: only a change would show it. */
  readonly offered: 'yes' | 'no' | 'not tried' | 'not known';
  /** As part of a sentence. */
  readonly why?: string;
}

/**
 * Finds out which undocumented operations this tenant offers, as far as reading can tell. Reads another client if the
 * client of the step does not exist.
 *
 * @throws Failure if the step was stopped.
 */
export async function findOffers(
  clientId: string,
  { client, secrets, tenant }: Observed,
  { deadline }: StepContext,
): Promise<readonly Offer[]> {
  const clients = await readIfPossible(budget => tenant.clients.list(budget), deadline);
  const sample = client.kind === 'found' ? clientId : clients.kind === 'found' ? clients.found[0]?.clientId : undefined;
  const [read, listed] = await Promise.all([
    client.kind === 'found' || sample === undefined
      ? client
      : readIfPossible(budget => tenant.clients.read(sample, budget), deadline),
    secrets?.kind === 'found' || sample === undefined
      ? secrets
      : readIfPossible(budget => tenant.secrets.list(sample, budget), deadline),
  ]);
  return offersOf(clients, sample === undefined, read, listed);
}

function offersOf(
  clients: ReadList<ReadableClient>,
  isWithoutSample: boolean,
  read: Read<ReadableClient>,
  secrets: Observed['secrets'],
): readonly Offer[] {
  const toRead = isWithoutSample && clients.kind === 'found' ? NO_CLIENT : isOffered(read);
  const toList =
    secrets === undefined || (isWithoutSample && clients.kind === 'found') ? NO_CLIENT : isOffered(secrets);
  const byExpiration =
    toList.offered === 'yes' && !marksAreReadable(secrets)
      ? ({ offered: 'no', why: 'the list does not show the whole descriptions of secrets' } as const)
      : toList;
  const toListClients = isOffered(clients);
  return [
    { what: 'Report how an existing client differs', ...toRead },
    { what: 'Update a client', ...afterReading(toRead) },
    { what: 'Rotate by the expiration that Vantage reports', ...byExpiration },
    { what: 'Delete replaced secrets, revoke a secret', ...afterReading(byExpiration) },
    { what: 'Delete a client, or those of closed pull requests', ...afterReading(toListClients) },
    { what: 'Audit the tenant', ...toListClients },
  ];
}

type Answer = Omit<Offer, 'what'>;

const NO_CLIENT: Answer = { offered: 'not known', why: 'there is no client to read' };

function isOffered(read: { readonly kind: 'found' } | Unreadable): Answer {
  return read.kind === 'found' ? { offered: 'yes' } : { offered: 'no', why: read.reason };
}

/** What needs a read first cannot be offered without it. */
function afterReading(read: Answer): Answer {
  return read.offered === 'yes' ? { offered: 'not tried', why: 'a dry run changes nothing' } : read;
}
