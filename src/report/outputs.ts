import type { Failure } from '../model/failure.ts';
import { SCHEMA_VERSION, shortPlan } from '../plan/describe-plan.ts';

/** The outputs of the action. `action.yml` describes them. */
export const OUTPUTS = [
  'client-id',
  'client-secret',
  'client-access-token',
  'client-access-token-expiration',
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

/** The outputs that are set at the moment of the delivery, and that nothing else contains. */
type DeliveredOutput = 'client-secret' | 'client-access-token' | 'client-access-token-expiration';

/** The outputs of a step that are not delivered with the secret. */
export type ReportOutput = Exclude<(typeof OUTPUTS)[number], DeliveredOutput>;

/** The outputs that come from the record of a run. */
export type Outputs = Partial<Record<Exclude<ReportOutput, 'error-code'>, string>>;

/** What happened to a client, as far as the run knows. The table in docs/inputs-and-outputs.md explains each word. */
export type Outcome = 'created' | 'updated' | 'kept' | 'deleted' | 'absent' | 'unknown';

/** What a run has done so far, and what the outputs show of it. */
export interface ReportedRun {
  readonly record: RunRecord;
  /** The outputs that only this mode sets. */
  readonly outputs: (hide: Hide) => Outputs;
  /** One object for each client in the `results` output. `schema/results.v1.json` describes it. */
  readonly results: (failure: Failure | undefined) => readonly object[];
  /** Which results come first, and so are kept if the output is too small for all of them. */
  readonly firstResults?: string;
  /** How many steps the plan has. Absent if the record has all of them. */
  readonly stepsOfPlan?: () => number;
  /** Says which of the mode's own outputs are cut, if any. */
  readonly cutOutputs?: (hide: Hide) => string | undefined;
}

/** Hides what is secret in one value. */
export type Hide = (value: string) => string;

/** GitHub accepts outputs of 1 MiB, counted in UTF-16. */
const MAX_CHARACTERS = 500_000;

/** Members of JSON whose values are words of the action, and never come from a server. Values of a server are in `drift`. */
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
 * @param hide hides what is secret in a value that may come from a server. It gets the value itself, not the JSON.
 * @returns the outputs, and one sentence that says what they are too small for, if anything.
 */
export function renderOutputs(
  run: ReportedRun,
  end: { readonly tenant: string; readonly failure: Failure | undefined },
  hide: Hide,
): { readonly outputs: Outputs; readonly cut: string | undefined } {
  const { record, firstResults } = run;
  const hideForeign = hideExceptOwn(record, hide);
  const head = { schemaVersion: SCHEMA_VERSION, mode: record.mode, tenant: end.tenant };
  const all = run.results(end.failure).map(result => ({ ...head, ...result }));
  const fitting = itemsThatFit(all, hideForeign);
  const results = `[${fitting.join(',')}]`;
  const missing = all.length - fitting.length;
  const plan = planJson(run, hideForeign);
  const cut = [
    missing > 0 && firstResults !== undefined
      ? `The \`results\` output is too small for ${missing} of the clients. It contains ${firstResults}.`
      : undefined,
    plan.missing > 0 ? `The \`plan\` output is too small for ${plan.missing} of its steps.` : undefined,
    run.cutOutputs?.(hideForeign),
  ].filter(sentence => sentence !== undefined);
  return {
    outputs: { changed: String(record.changed), plan: plan.json, results, ...run.outputs(hideForeign) },
    cut: cut.join(' ') || undefined,
  };
}

/** The workflow itself contains the client id as plain text. */
function hideExceptOwn({ clientId, clientIds }: RunRecord, hide: Hide): Hide {
  // The results of a thousand clients repeat most of their values.
  const hidden = new Map<string, string>();
  return value => {
    if (value === clientId || clientIds?.has(value)) {
      return value;
    }
    const result = hidden.get(value) ?? hide(value);
    hidden.set(value, result);
    return result;
  };
}

function toJson(value: unknown, hide: Hide): string {
  return JSON.stringify(value, (name, member: unknown) => {
    if (name === 'drift') {
      return hideAll(member, hide);
    }
    return typeof member === 'string' && !OWN_WORDS.includes(name) ? hide(member) : member;
  });
}

/** Hides what is secret in a value of a server, of any shape. Its members may have the names of ours, or secret names. */
export function hideAll(value: unknown, hide: Hide): unknown {
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

/** The plan, and the number of steps for which the output is too small. */
function planJson(
  { record: { plan }, stepsOfPlan }: ReportedRun,
  hide: Hide,
): { readonly json: string; readonly missing: number } {
  if (plan === undefined) {
    return { json: '', missing: 0 };
  }
  if (!Array.isArray(plan.steps)) {
    const whole = toJson(plan, hide);
    return { json: fits(whole) ? whole : toJson(shortPlan(plan, hide), hide), missing: 0 };
  }
  // The steps come last in it.
  const head = toJson({ ...plan, steps: [] }, hide);
  const steps = itemsThatFit(plan.steps, hide, head.length);
  return {
    json: `${head.slice(0, -']}'.length)}${steps.join(',')}]}`,
    missing: (stepsOfPlan?.() ?? plan.steps.length) - steps.length,
  };
}

/** Whether an output is large enough for a text. */
export function fits(text: string): boolean {
  return text.length <= MAX_CHARACTERS;
}

/** As many items as fit, each as JSON. @param used how many characters of the output are taken already. */
function itemsThatFit(items: readonly unknown[], hide: Hide, used = 0): readonly string[] {
  const fitting: string[] = [];
  let characters = used + 2;
  for (const item of items) {
    const text = toJson(item, hide);
    characters += text.length + 1;
    if (characters > MAX_CHARACTERS) {
      break;
    }
    fitting.push(text);
  }
  return fitting;
}

/** What a run has done so far. Written as things happen, so that a failed run reports as truly as a successful one. */
export interface RunRecord {
  readonly mode: string;
  /** Absent for a mode that works on many clients. */
  readonly clientId?: string;
  /** Of a run with many clients: the ids that its manifest names. */
  readonly clientIds?: ReadonlySet<string>;
  /** The plan as the `plan` output shows it. Absent until there is one. */
  plan?: Record<string, unknown>;
  /** Whether the run changed anything in Vantage or GitHub, or may have. */
  changed: boolean;
}
