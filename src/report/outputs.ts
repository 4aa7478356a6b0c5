import type { AuditLedger, DeleteLedger, EnsureLedger, Ledger, SweepLedger } from '../apply/ledger.ts';

/** Every output of the action. `action.yml` and the README's table are generated from this table. */
export const OUTPUTS = {
  'client-id': 'The id of the client.',
  'client-secret': 'The new secret, masked. Only where `output-secret` is true and a secret was minted.',
  'client-created': '`true` where it is certain that this run created the client, else `false`.',
  'client-deleted':
    '`delete`: `true` where this run deleted the client, `false` where it was gone already or is there still.',
  'client-drift':
    'JSON: each given setting that the existing client holds otherwise, as `{"field": [wanted, found]}`. Empty where its settings could not be read.',
  'client-drifted':
    '`true` where `client-drift` names a setting, `false` where it names none. Empty where the settings could not be compared.',
  'secret-created': '`true` where a secret was minted and handed on, else `false`.',
  'secret-id': 'The id of the new secret, where Vantage tells one.',
  'secret-start-time': 'When the new secret begins to work (RFC 3339).',
  'secret-expiration': 'When the new secret ends (RFC 3339).',
  'rotation-due':
    'When the delivered secret, or else the one in use, becomes due by `rotate-before` (RFC 3339). Empty where it is not known.',
  verified: '`true`: the token endpoint took the new secret. `false`: it did not. `skipped`: it was not asked.',
  written: 'JSON: the targets that hold the new secret, as a list of lines in the words of `write-to`.',
  pruned: 'JSON: the ids of the secrets that were deleted by `prune-after`.',
  changed: '`true` where this run changed anything in Vantage or GitHub.',
  plan: 'JSON: what the run set out to do. Also set by a dry run.',
  results:
    'JSON: a list with one object a client, without any secret. What became of it; with `mode: audit` its secrets and what was found, gravest first.',
  'error-code': 'Why the step failed, in one word (see Errors). Empty on success.',
} as const satisfies Record<string, string>;

/** The name of an output, as a workflow reads it. */
export type OutputName = keyof typeof OUTPUTS;

/** The outputs that a ledger fills: all that the runner gets but the secret one and the error code. */
export type Outputs = Partial<Record<Exclude<OutputName, 'client-secret' | 'error-code'>, string>>;

/** GitHub takes outputs of 1 MiB, counted in UTF-16. */
const MOST_CHARACTERS = 500_000;

/** What a run has to tell the steps after it. */
export function outputsOf(ledger: Ledger): Outputs {
  return {
    changed: String(ledger.changed),
    plan: planOf(ledger),
    ...outputsOfMode(ledger),
  };
}

function planOf({ plan }: Ledger): string {
  if (plan === undefined) {
    return '';
  }
  return Array.isArray(plan) ? jsonOf(itemsThatFit(plan)) : JSON.stringify(plan);
}

function outputsOfMode(ledger: Ledger): Outputs {
  switch (ledger.mode) {
    case 'ensure':
      return outputsOfEnsure(ledger);
    case 'delete':
      return outputsOfDelete(ledger);
    case 'sweep':
      return outputsOfSweep(ledger);
    case 'audit':
      return outputsOfAudit(ledger);
  }
}

function outputsOfEnsure(ledger: EnsureLedger): Outputs {
  const { clientId, drift, clientCreated, rotationDue, written, pruned } = ledger;
  const secret = ledger.secret?.fate === 'revoked' ? undefined : ledger.secret;
  const { id, startTime, expiration } = secret ?? {};
  return {
    'client-id': clientId,
    'client-created': String(clientCreated),
    'client-drift': drift ? JSON.stringify(drift) : '',
    'client-drifted': drift ? String(Object.keys(drift).length > 0) : '',
    'secret-created': String(secret?.fate === 'handed-out'),
    'secret-id': id ?? '',
    'secret-start-time': startTime ?? '',
    'secret-expiration': expiration ?? '',
    'rotation-due': rotationDue ?? '',
    verified: ledger.secret?.verified ?? 'skipped',
    written: JSON.stringify(written),
    pruned: JSON.stringify(pruned),
    results: JSON.stringify([
      {
        clientId,
        client: fateOfClient(ledger),
        ...(secret ? { secret: { id, startTime, expiration, fate: secret.fate, verified: secret.verified } } : {}),
        written,
        pruned,
      },
    ]),
  };
}

function fateOfClient({ clientCreated, clientUpdated, clientUnknown }: EnsureLedger): string {
  if (clientCreated) {
    return 'created';
  }
  if (clientUnknown) {
    return 'unknown';
  }
  return clientUpdated ? 'updated' : 'kept';
}

function outputsOfDelete({ clientId, client, cleared, kept }: DeleteLedger): Outputs {
  return {
    'client-id': clientId,
    'client-deleted': String(client === 'deleted'),
    results: JSON.stringify([{ clientId, client, cleared, ...(kept ? { kept } : {}) }]),
  };
}

function outputsOfSweep({ clients }: SweepLedger): Outputs {
  return { results: jsonOf(itemsThatFit(clients)) };
}

function outputsOfAudit({ clients }: AuditLedger): Outputs {
  return { results: jsonOf(itemsThatFit(clients)) };
}

/** What the outputs have no room for, in words, if anything. */
export function leftOut(ledger: Ledger): string | undefined {
  const clients = ledger.mode === 'audit' || ledger.mode === 'sweep' ? ledger.clients : [];
  const missing = clients.length - itemsThatFit(clients).length;
  const which = ledger.mode === 'audit' ? 'those with the gravest findings' : 'those of the oldest pull requests';
  return missing > 0
    ? `The \`results\` output has no room for ${missing} of the clients; ${which} are in it.`
    : undefined;
}

/** As many items as there is room for, each as JSON. */
function itemsThatFit(items: readonly unknown[]): readonly string[] {
  const fitting: string[] = [];
  let characters = 2;
  for (const item of items) {
    const text = JSON.stringify(item);
    characters += text.length + 1;
    if (characters > MOST_CHARACTERS) {
      break;
    }
    fitting.push(text);
  }
  return fitting;
}

function jsonOf(items: readonly string[]): string {
  return `[${items.join(',')}]`;
}
