/** Every output of the action. `action.yml` and the README's table are generated from this table. */
export const OUTPUTS = {
  'client-id': 'The id of the client.',
  'client-secret': 'The new secret, masked. Only where `output-secret` is true and a secret was minted.',
  'client-created': '`true` where this run created the client, else `false`.',
  'client-drift':
    'JSON: each given setting that the existing client holds otherwise, as `{"field": [wanted, found]}`. Empty where its settings could not be read.',
  'secret-created': '`true` where a secret was minted and handed on, else `false`.',
  'secret-id': 'The id of the new secret, where Vantage tells one.',
  'secret-start-time': 'When the new secret begins to work (RFC 3339).',
  'secret-expiration': 'When the new secret ends (RFC 3339).',
  verified: '`true`: the token endpoint took the new secret. `false`: it did not. `skipped`: it was not asked.',
  written: 'JSON: the targets that hold the new secret, as a list of lines in the words of `write-to`.',
  pruned: 'JSON: the ids of the secrets that were deleted by `prune-after`.',
  changed: '`true` where this run changed anything in Vantage or GitHub.',
  plan: 'JSON: what the run set out to do. Also set by a dry run.',
  'error-code': 'Why the step failed, in one word (see Errors). Empty on success.',
} as const satisfies Record<string, string>;

/** The name of an output, as a workflow reads it. */
export type OutputName = keyof typeof OUTPUTS;
