import type { PreparedTarget } from '../github/preflight.ts';
import { type Place, placeLine, type Target, targetLine } from '../request/targets.ts';
import type { Presence } from '../vantage/clients.ts';

/** What there is to delete in GitHub, each with its name in words. */
export interface Deletions {
  readonly secrets: readonly { readonly line: string; readonly target: Target }[];
  readonly variables: readonly { readonly line: string; readonly place: Place; readonly name: string }[];
}

/** What of the targets is there. */
export function planDeletions(targets: readonly PreparedTarget[]): Deletions {
  const held = targets.filter(({ updatedAt }) => updatedAt !== undefined);
  // Several targets may be of one place, which has the variable once: they share its site.
  const sites = new Set(targets.map(({ site }) => site));
  return {
    secrets: held.map(({ target }) => ({ line: targetLine(target), target })),
    variables: [...sites].flatMap(({ place, variables = {} }) =>
      [variables.clientId, variables.expiration].flatMap(variable =>
        variable?.value === undefined
          ? []
          : [{ line: `variable ${variable.name} of ${placeLine(place)}`, place, name: variable.name }],
      ),
    ),
  };
}

/** The plan as the `plan` output shows it. */
export function describeDeletions(
  clientId: string,
  presence: Presence,
  { secrets, variables }: Deletions,
): Record<string, unknown> {
  const client = { there: 'delete', gone: 'gone', unreadable: 'unknown' }[presence.kind];
  const lines = [...secrets, ...variables].map(({ line }) => line);
  return { clientId, client, ...(lines.length > 0 ? { deleteFrom: lines } : {}) };
}
