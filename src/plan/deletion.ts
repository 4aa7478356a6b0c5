import type { Mark } from '../model/mark.ts';
import type { PreparedTarget, ResolvedScope } from '../model/prepared-target.ts';
import { type SecretScope, type Target, targetLine } from '../model/target.ts';
import type { ListedSecret, Presence, ReadList } from '../model/vantage.ts';
import { SCHEMA_VERSION } from './describe-plan.ts';
import type { Destination } from './destinations.ts';
import { tellsMarks } from './ends.ts';
import {
  CLOCK_SKEW,
  LONGEST_RUN,
  type MarkedSecret,
  markedSecrets,
  type OtherSecret,
  secretOfWrite,
} from './marked-secrets.ts';
import { variableLine } from './variables.ts';

/** Something in GitHub that stays, as it serves another client. */
export interface KeptItem {
  readonly line: string;
  readonly why: string;
}

/** What there is to delete in GitHub, each with its name in words, and what of it stays. */
export interface Deletions {
  readonly secrets: readonly { readonly line: string; readonly target: Target }[];
  readonly variables: readonly { readonly line: string; readonly scope: SecretScope; readonly name: string }[];
  readonly kept: readonly KeptItem[];
}

/** What tells whose the secrets in the targets are. */
export interface DeletionEvidence {
  readonly clientId: string;
  readonly targets: readonly PreparedTarget[];
  /** How marks name them. */
  readonly destinations: readonly Destination[];
  /** The client's secrets that bear a mark, newest first. Empty where nothing is known of them. */
  readonly marked: readonly MarkedSecret[];
  /** The marked secrets of all other clients, or `unknown` where Vantage does not tell of them. Absent where nobody asked. */
  readonly others?: readonly OtherSecret[] | 'unknown';
  /** Whether nothing shows that the client is there, so that nothing of its own can explain a write. */
  readonly isGone?: boolean;
}

/** The client's secrets that bear a mark, where the list of its secrets tells of all of them; else none. */
export function knownSecrets(secrets: ReadList<ListedSecret>): readonly MarkedSecret[] {
  return secrets.kind === 'found' && tellsMarks(secrets) ? markedSecrets(secrets.found) : [];
}

/** Whether nothing but the secrets of the client can tell whose a target's secret is. */
export function needsSecrets({ updatedAt, resolved }: PreparedTarget): boolean {
  return updatedAt !== undefined && resolved.variables?.clientId?.value === undefined;
}

/** What of the targets is there, and is this client's. Where nothing tells, the workflow does, which names the target. */
export function planDeletions(evidence: DeletionEvidence): Deletions {
  const { clientId, targets } = evidence;
  const held = targets.flatMap(prepared => {
    const { target, resolved, updatedAt } = prepared;
    if (updatedAt === undefined) {
      return [];
    }
    const byTime = needsSecrets(prepared) ? heldByAnother(prepared, updatedAt, evidence) : undefined;
    return [{ line: targetLine(target), target, why: namedBeside(resolved, clientId) ?? byTime }];
  });
  // Several targets may be of one place, which has its variables once: they share its site.
  const variables = [...new Set(targets.map(({ resolved }) => resolved))].flatMap(resolved => {
    const { scope, variables: { clientId: names, expiration } = {} } = resolved;
    const why = namedBeside(resolved, clientId);
    return [names, expiration].flatMap(variable =>
      variable?.value === undefined
        ? []
        : [{ line: variableLine({ scope, name: variable.name }), scope, name: variable.name, why }],
    );
  });
  return {
    secrets: held.filter(({ why }) => why === undefined).map(({ line, target }) => ({ line, target })),
    variables: variables.filter(({ why }) => why === undefined).map(({ line, scope, name }) => ({ line, scope, name })),
    kept: [...held, ...variables].flatMap(({ line, why }) => (why === undefined ? [] : [{ line, why }])),
  };
}

/** Why what is in a place serves another client: the variable there names it. */
function namedBeside({ variables }: ResolvedScope, clientId: string): string | undefined {
  const { name, value } = variables?.clientId ?? {};
  return value === undefined || value.trim() === clientId
    ? undefined
    : `variable ${name} there names client "${value}"`;
}

/** Why a target holds, or may hold, the secret of another client, as the marks of both tell. */
function heldByAnother(target: PreparedTarget, updatedAt: Date, evidence: DeletionEvidence): string | undefined {
  const { marked, others = [], isGone, destinations } = evidence;
  const isNamedBy = (mark: Mark) => destinations.some(one => one.prepared === target && one.isNamedBy(mark));
  const newest = marked.find(({ mark }) => isNamedBy(mark))?.mark;
  return writtenSince(updatedAt, newest) ?? usedBy(updatedAt, newest, forTarget(others, isNamedBy), isGone);
}

function forTarget(others: readonly OtherSecret[] | 'unknown', isNamedBy: Destination['isNamedBy']) {
  return others === 'unknown' ? others : others.filter(({ mark }) => isNamedBy(mark));
}

/** Why a target holds another client's secret: it was written when no run that created one of this client was under way. */
function writtenSince(updatedAt: Date, newest: Mark | undefined): string | undefined {
  return newest && newest.createdAt.getTime() + LONGEST_RUN + CLOCK_SKEW < updatedAt.getTime()
    ? `it was written at ${updatedAt.toISOString()}, and this client's newest secret for it is of ${newest.createdAt.toISOString()}`
    : undefined;
}

/**
 * Why a target may hold another client's secret: that client got one for it in time for the write, and later than this
 * client got its newest. Of a client that is gone, not knowing of any other is no proof that there is none.
 */
function usedBy(
  updatedAt: Date,
  newest: Mark | undefined,
  others: readonly OtherSecret[] | 'unknown',
  isGone: boolean | undefined,
): string | undefined {
  if (others === 'unknown') {
    return isGone
      ? 'the client is gone, and Vantage does not tell whether another one uses it: name `client-id-variable`, or delete it by hand'
      : undefined;
  }
  const other = secretOfWrite(updatedAt, others, newest?.createdAt);
  return (
    other &&
    `it was written at ${updatedAt.toISOString()}, when client "${other.clientId}" got a secret: name \`client-id-variable\`, or delete it by hand`
  );
}

/** The plan as the `plan` output shows it. */
export function describeDeletions(
  clientId: string,
  presence: Presence,
  { secrets, variables, kept }: Deletions,
): Record<string, unknown> {
  const client = { present: 'delete', absent: 'gone', 'not-listed': 'delete if it exists', unreadable: 'unknown' };
  const lines = [...secrets, ...variables].map(({ line }) => line);
  return {
    schemaVersion: SCHEMA_VERSION,
    mode: 'delete',
    clientId,
    client: client[presence.kind],
    ...(lines.length > 0 ? { deleteFrom: lines } : {}),
    ...(kept.length > 0 ? { keep: kept } : {}),
  };
}
