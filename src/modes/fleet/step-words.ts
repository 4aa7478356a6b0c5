/** A step of the plan, as far as the summary shows it. `describePlan` makes it. */
interface Step {
  readonly client?: unknown;
  readonly drift?: unknown;
  readonly secret?: unknown;
  readonly expiration?: unknown;
  readonly why?: unknown;
  readonly writeTo?: unknown;
  readonly variables?: unknown;
  readonly prune?: unknown;
}

/** What a run does with a client, in four cells: its settings, its secret, what is written, what is deleted. */
export function plannedWords(step: Step): readonly [string, string, string, string] {
  const { client, drift, secret, expiration, why, writeTo, variables, prune } = step;
  const targets = secret === 'mint' ? namesOf(writeTo, 'target') : [];
  return [
    client === 'create' ? 'create' : client === 'update' ? `update ${Object.keys(drift ?? {}).join(', ')}` : '',
    secret === 'mint' ? [`new${until(expiration)}`, ...(typeof why === 'string' ? [why] : [])].join(': ') : '',
    [...targets, ...namesOf(variables, 'variable').map(name => `variable ${name}`)].join(', '),
    Array.isArray(prune) ? `${prune.length} superseded ${prune.length === 1 ? 'secret' : 'secrets'}` : '',
  ];
}

function until(expiration: unknown): string {
  return typeof expiration === 'string' ? ` until ${expiration.slice(0, 10)}` : '';
}

function namesOf(list: unknown, member: string): readonly string[] {
  return Array.isArray(list) ? list.map(one => String(one[member])) : [];
}
