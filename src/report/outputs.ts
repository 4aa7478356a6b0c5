import type { EnsureRecord } from '../modes/ensure/record.ts';
import type { RunRecord } from '../modes/record.ts';
import { shortPlan } from '../plan/describe-plan.ts';
import { type Drift, longSettings, shortDrift } from '../plan/drift.ts';
import { lastingSecret, resultsOf, type StepEnd } from './results.ts';

/** The outputs of the action. `action.yml` describes them. */
export const OUTPUTS = [
  'client-id',
  'client-secret',
  'client-created',
  'client-deleted',
  'client-drift',
  'client-drifted',
  'secret-created',
  'secret-id',
  'secret-start-time',
  'secret-expiration',
  'rotation-due',
  'verified',
  'written',
  'pruned',
  'changed',
  'plan',
  'results',
  'error-code',
] as const;

export type OutputName = (typeof OUTPUTS)[number];

/** The outputs that a ledger fills: all that the runner gets but the secret one and the error code. */
export type Outputs = Partial<Record<Exclude<OutputName, 'client-secret' | 'error-code'>, string>>;

/** GitHub takes outputs of 1 MiB, counted in UTF-16. */
const MOST_CHARACTERS = 500_000;

/** Hides what is secret in one value. */
type Hide = (value: string) => string;

/** Members of JSON that hold words of ours, and never one of a server. What a server chose stands under `drift` alone. */
const OWN_WORDS = [
  'mode',
  'outcome',
  'errorCode',
  'reason',
  'client',
  'secret',
  'fate',
  'verified',
  'step',
  'kind',
  'class',
  'state',
  'ifExists',
  'visibility',
  'environment',
];

/**
 * What a run has to tell the steps after it.
 *
 * @param hide hides what is secret in a value that may come from a server: such as it is, and not in the finished JSON.
 */
export function outputsOf(end: StepEnd, hide: Hide): Outputs {
  const { record } = end;
  const hideForeign = hideExceptOwn(record, hide);
  return {
    changed: String(record.changed),
    plan: planOf(record, hideForeign),
    results: jsonOf(itemsThatFit(resultsOf(end), hideForeign)),
    ...outputsOfMode(record, hideForeign),
  };
}

/** The workflow itself wrote the client id, and in clear. */
function hideExceptOwn(record: RunRecord, hide: Hide): Hide {
  const own = 'clientId' in record ? record.clientId : undefined;
  return value => (value === own ? value : hide(value));
}

function toJson(value: unknown, hide: Hide): string {
  return JSON.stringify(value, (name, member: unknown) => {
    if (name === 'drift') {
      return hideAll(member, hide);
    }
    return typeof member === 'string' && !OWN_WORDS.includes(name) ? hide(member) : member;
  });
}

/** A value of a server's, of any shape: its members may be named as ours are, and the names may be secrets. */
function hideAll(value: unknown, hide: Hide): unknown {
  if (typeof value === 'string') {
    return hide(value);
  }
  if (Array.isArray(value)) {
    return value.map(item => hideAll(item, hide));
  }
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(Object.entries(value).map(([name, member]) => [hide(name), hideAll(member, hide)]))
    : value;
}

function planOf({ plan }: RunRecord, hide: Hide): string {
  if (plan === undefined) {
    return '';
  }
  const whole = toJson(plan, hide);
  if (fits(whole)) {
    return whole;
  }
  return Array.isArray(plan.steps) ? planThatFits(plan, plan.steps, hide) : toJson(shortPlan(plan, hide), hide);
}

/** A plan with as many of its steps as there is room for, which come last. */
function planThatFits(plan: object, steps: readonly unknown[], hide: Hide): string {
  const head = toJson({ ...plan, steps: [] }, hide);
  return `${head.slice(0, -'[]}'.length)}${jsonOf(itemsThatFit(steps, hide, head.length))}}`;
}

function driftOf(drift: Drift, hide: Hide): string {
  const whole = JSON.stringify(hideAll(drift, hide));
  return fits(whole) ? whole : JSON.stringify(hideAll(shortDrift(drift, hide), hide));
}

function fits(text: string): boolean {
  return text.length <= MOST_CHARACTERS;
}

function outputsOfMode(record: RunRecord, hide: Hide): Outputs {
  switch (record.mode) {
    case 'ensure':
      return outputsOfEnsure(record, hide);
    case 'delete':
      return { 'client-id': record.clientId, 'client-deleted': String(record.client === 'deleted') };
    case 'sweep':
    case 'audit':
      return {};
  }
}

function outputsOfEnsure(record: EnsureRecord, hide: Hide): Outputs {
  const { clientId, drift, clientCreated, rotationDue, written, pruned } = record;
  const secret = lastingSecret(record);
  const { id, startTime, expiration } = secret ?? {};
  return {
    'client-id': clientId,
    'client-created': String(clientCreated),
    'client-drift': drift ? driftOf(drift, hide) : '',
    'client-drifted': isDrifted(record),
    'secret-created': String(secret?.fate === 'handed-out'),
    'secret-id': hide(id ?? ''),
    'secret-start-time': hide(startTime ?? ''),
    'secret-expiration': hide(expiration ?? ''),
    'rotation-due': rotationDue ?? '',
    verified: record.secret?.verified ?? 'skipped',
    written: JSON.stringify(written),
    pruned: toJson(pruned, hide),
  };
}

function isDrifted({ drift, clientUpdated, driftLeft }: EnsureRecord): string {
  const drifted = clientUpdated ? driftLeft : drift && Object.keys(drift).length > 0;
  return drifted === undefined ? '' : String(drifted);
}

/** What the outputs have no room for, in words, if anything. */
export function leftOut(end: StepEnd, hide: Hide): string | undefined {
  const { record } = end;
  if (record.mode === 'ensure') {
    return leftOutOfDrift(record, hide);
  }
  const results = resultsOf(end);
  const missing = results.length - itemsThatFit(results, hide).length;
  const which = record.mode === 'audit' ? 'those with the gravest findings' : 'those of the oldest pull requests';
  return missing > 0
    ? `The \`results\` output has no room for ${missing} of the clients; ${which} are in it.`
    : undefined;
}

function leftOutOfDrift({ drift = {} }: EnsureRecord, hide: Hide): string | undefined {
  return fits(JSON.stringify(hideAll(drift, hide)))
    ? undefined
    : `The \`client-drift\` and \`plan\` outputs have no room for the whole of ${longSettings(drift).join(', ')}: what is cut ends with "…".`;
}

/** As many items as there is room for, each as JSON. @param used how many characters are spent already. */
function itemsThatFit(items: readonly unknown[], hide: Hide, used = 0): readonly string[] {
  const fitting: string[] = [];
  let characters = used + 2;
  for (const item of items) {
    const text = toJson(item, hide);
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
