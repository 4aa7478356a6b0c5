import type { Mark } from '../model/mark.ts';
import type { PreparedTarget, ResolvedScope } from '../model/prepared-target.ts';
import { type SecretScope, type Target, targetLine } from '../model/target.ts';
import type { ListedSecret, Presence, ReadList } from '../model/vantage.ts';
import { SCHEMA_VERSION } from './describe-plan.ts';
import type { Destination } from './destinations.ts';
import {
  CLOCK_SKEW,
  LONGEST_RUN,
  type MarkedSecret,
  markedSecrets,
  marksAreReadable,
  type OtherSecret,
  otherSecretWrittenAt,
} from './marked-secrets.ts';
import { needsMarks, variableLine } from './variables.ts';

/** Something in GitHub that is kept because it belongs, or may belong, to another client. */
export interface KeptItem {
  readonly line: string;
  readonly why: string;
}

/** What to delete in GitHub, and what to keep. `line` is the name of each item as text. */
export interface Deletions {
  readonly secrets: readonly { readonly line: string; readonly target: Target }[];
  readonly variables: readonly { readonly line: string; readonly scope: SecretScope; readonly name: string }[];
  readonly kept: readonly KeptItem[];
}

/** What shows which client the secrets in the targets belong to. */
export interface DeletionFacts {
  readonly clientId: string;
  readonly targets: readonly PreparedTarget[];
  /** The destinations of the targets, which identify them in marks. */
  readonly destinations: readonly Destination[];
  /** The client's secrets that have a mark, newest first. Empty if they are not known. */
  readonly marked: readonly MarkedSecret[];
  /** The marked secrets of all other clients, or `unknown` if Vantage does not report them. Absent if they were not read. */
  readonly others?: readonly OtherSecret[] | 'unknown';
  /** Whether nothing shows that the client exists. Then no secret of its own can explain a write to a target. */
  readonly isAbsent?: boolean;
}

/** The client's secrets that have a mark. Empty if the list of its secrets does not show all marks. */
export function readableMarkedSecrets(secrets: ReadList<ListedSecret> | undefined): readonly MarkedSecret[] {
  return marksAreReadable(secrets) ? markedSecrets(secrets.found) : [];
}

/**
 * Plans to delete the existing secrets and variables that belong to this client. If nothing shows which client they belong
 * to, they are deleted: the workflow names their targets.
 */
export function planDeletions(facts: DeletionFacts): Deletions {
  const { clientId, targets } = facts;
  const secrets = targets.flatMap(prepared => {
    const { target, resolved, updatedAt } = prepared;
    if (updatedAt === undefined) {
      return [];
    }
    const byMarks = needsMarks(prepared) ? otherClientByMarks(prepared, updatedAt, facts) : undefined;
    return [{ line: targetLine(target), target, why: otherClientByVariable(resolved, clientId) ?? byMarks }];
  });
  // Several targets in one place share its variables.
  const variables = [...new Set(targets.map(({ resolved }) => resolved))].flatMap(resolved => {
    const { scope, variables: { clientId: idVariable, expiration } = {} } = resolved;
    const why = otherClientByVariable(resolved, clientId);
    return [idVariable, expiration].flatMap(variable =>
      variable?.value === undefined
        ? []
        : [{ line: variableLine({ scope, name: variable.name }), scope, name: variable.name, why }],
    );
  });
  return {
    secrets: secrets.filter(({ why }) => why === undefined).map(({ line, target }) => ({ line, target })),
    variables: variables.filter(({ why }) => why === undefined).map(({ line, scope, name }) => ({ line, scope, name })),
    kept: [...secrets, ...variables].flatMap(({ line, why }) => (why === undefined ? [] : [{ line, why }])),
  };
}

/** Says that what is in a place belongs to another client because the variable there names that client. */
function otherClientByVariable({ variables }: ResolvedScope, clientId: string): string | undefined {
  const { name, value } = variables?.clientId ?? {};
  return value === undefined || value.trim() === clientId
    ? undefined
    : `variable ${name} there names client "${value}"`;
}

/**
 * Says why a target holds, or may hold, the secret of another client, from the marks of both clients: no run that created
 * a secret of this client can have written it, or a run that created a secret of another client later can have. If this
 * client does not exist and the secrets of other clients are not known, one of them may use the target.
 */
function otherClientByMarks(target: PreparedTarget, updatedAt: Date, facts: DeletionFacts): string | undefined {
  const { marked, others = [], isAbsent, destinations } = facts;
  const isNamedBy = (mark: Mark) => destinations.some(one => one.prepared === target && one.isNamedBy(mark));
  const createdAt = marked.find(({ mark }) => isNamedBy(mark))?.mark.createdAt;
  const written = `it was written at ${updatedAt.toISOString()}`;
  if (createdAt && createdAt.getTime() + LONGEST_RUN + CLOCK_SKEW < updatedAt.getTime()) {
    return `${written}, and this client's newest secret for it was created at ${createdAt.toISOString()}`;
  }
  if (others === 'unknown') {
    return isAbsent
      ? 'the client does not exist, and Vantage does not show whether another client uses it: set `client-id-variable`, or delete it manually'
      : undefined;
  }
  const othersForTarget = others.filter(({ mark }) => isNamedBy(mark));
  const other = otherSecretWrittenAt(updatedAt, othersForTarget, createdAt);
  return (
    other &&
    `${written}, when a secret was created for client "${other.clientId}": set \`client-id-variable\`, or delete it manually`
  );
}

/** The plan for the `plan` output. */
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
