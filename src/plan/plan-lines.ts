import { countText } from '../model/dates.ts';
import type { PreparedTarget, SharedItem } from '../model/prepared-target.ts';
import type { EnsureRequest } from '../model/request.ts';
import { placeName, scopeLine } from '../model/target.ts';
import type { Presence } from '../model/vantage.ts';
import type { Deletions } from './deletion.ts';
import { type DryRunFindings, variablesOfNewSecret } from './describe-plan.ts';
import type { Plan, RotationPlan } from './plan.ts';
import { secretsWithoutAccess, sharedSecret, variablesWithoutAccess } from './readers.ts';
import type { VariableWrite } from './variables.ts';

/** One thing that a run changes. */
export interface PlanLine {
  /** `+` creates, `!` writes or replaces, `-` deletes. */
  readonly sign: '+' | '!' | '-';
  readonly what: 'client' | 'environment' | 'secret' | 'write' | 'variable' | 'access' | 'output';
  /** What it is, and where. */
  readonly name: string;
  /** What a reader should know about it. Times are in RFC 3339. */
  readonly note?: string | undefined;
}

function line(sign: PlanLine['sign'], what: PlanLine['what'], name: string, note?: string): PlanLine {
  return { sign, what, name, note };
}

/** Lists what a run changes in Vantage and GitHub, in the order in which it does so. A dry run shows it. */
export function planLines(
  { client: { clientId }, delivery }: Pick<EnsureRequest, 'client' | 'delivery'>,
  plan: Plan & DryRunFindings,
): readonly PlanLine[] {
  const { rotation, targets, variables, prune, unlessMissing } = plan;
  const written = rotation?.due.due ? rotation.due.targets : unlessMissing ? targets : undefined;
  return [
    ...clientLines(clientId, plan),
    ...(rotation && written ? secretLines(clientId, delivery.outputSecret, rotation, written, unlessMissing) : []),
    ...variables.flatMap(variableLines),
    ...[...secretsWithoutAccess(targets), ...variablesWithoutAccess(targets)].map(({ item }) => accessLine(item)),
    ...prune.map(({ id, mark }) => line('-', 'secret', id, `superseded, created ${mark.createdAt.toISOString()}`)),
  ];
}

function clientLines(clientId: string, { client, clientExists, clientIsMissing }: Plan & DryRunFindings): PlanLine[] {
  if (client.step === 'update') {
    return [line('!', 'client', clientId, `sets ${Object.keys(client.comparison.drift).join(', ')}`)];
  }
  if (client.step === 'keep' || clientExists) {
    return [];
  }
  const grants = client.settings.allowedGrantTypes?.join(' ') ?? '';
  const note = [grants, clientIsMissing ? '' : 'unless it exists'].filter(Boolean).join(', ');
  return [line('+', 'client', clientId, note || undefined)];
}

function secretLines(
  clientId: string,
  isOutput: boolean,
  rotation: RotationPlan,
  targets: readonly PreparedTarget[],
  unlessMissing = false,
): readonly PlanLine[] {
  const places = [...new Set(targets.map(({ resolved }) => resolved))];
  const missing = places.filter(({ key }) => key === undefined);
  const only = unlessMissing ? { note: 'only if the client is missing' } : {};
  const note = [only.note, `expires ${rotation.end.toISOString()}`].filter(Boolean).join(', ');
  const withSecret = [
    ...targets.map(({ target }) => line('!', 'write', `${target.secretName} of ${scopeLine(target.scope)}`)),
    ...(isOutput ? [line('!', 'output', 'client-secret')] : []),
    ...targets.flatMap(accessOfNewSecret),
    ...variablesOfNewSecret(clientId, rotation, targets).flatMap(variableLines),
  ];
  return [
    ...missing.map(({ scope }) =>
      line('+', 'environment', placeName(scope), 'a new environment has no protection rules'),
    ),
    line('+', 'secret', clientId, note),
    ...withSecret.map(one => ({ ...one, ...only })),
  ];
}

/** A new variable of an organization is followed by the access of the workflow's own repository. */
function variableLines({ scope, name, value, exists, ownReader }: VariableWrite): readonly PlanLine[] {
  return [
    line(exists ? '!' : '+', 'variable', `${name} of ${scopeLine(scope)}`, `is ${value}`),
    ...(!exists && ownReader && scope.kind === 'organization' ? [accessLine({ kind: 'variable', scope, name })] : []),
  ];
}

/** Access to a secret that the repository cannot read now is missing anyway. */
function accessOfNewSecret({ target, repositoryAccess, ownReader }: PreparedTarget): readonly PlanLine[] {
  const item = sharedSecret(target);
  if (!item || !ownReader || ownReader.isMissing || repositoryAccess?.visibility !== 'selected') {
    return [];
  }
  return repositoryAccess.repositories.includes(ownReader.id) ? [] : [accessLine(item)];
}

function accessLine({ kind, name, scope }: SharedItem): PlanLine {
  return line('+', 'access', `this repository to ${kind} ${name} of ${scopeLine(scope)}`);
}

/** Lists what a deletion deletes, in the order in which it does so. */
export function deletionLines(
  clientId: string,
  { kind }: Pick<Presence, 'kind'>,
  { secrets, variables }: Deletions,
): readonly PlanLine[] {
  const notes: Partial<Record<Presence['kind'], string>> = {
    present: 'with all its secrets',
    'not-listed': 'if it exists',
  };
  const note = notes[kind];
  return [
    ...secrets.map(({ target }) => line('-', 'secret', `${target.secretName} of ${scopeLine(target.scope)}`)),
    ...variables.map(({ scope, name }) => line('-', 'variable', `${name} of ${scopeLine(scope)}`)),
    ...(note ? [line('-', 'client', clientId, note)] : []),
  ];
}

/** What a deletion does, as part of a sentence. */
export function deletionVerdict(lines: readonly PlanLine[]): string {
  const client = lines.find(({ what }) => what === 'client');
  const { length: others } = lines.filter(({ what }) => what !== 'client');
  const parts = [
    ...(client ? [client.note === 'if it exists' ? 'delete the client if it exists' : 'delete the client'] : []),
    ...(others > 0 ? [`delete ${countText(others, 'secret or variable', 'secrets and variables')} on GitHub`] : []),
  ];
  return parts.join(', ') || 'nothing to do';
}

/** As `deletionVerdict`, with numbers. */
export function planVerdict(lines: readonly PlanLine[]): string {
  const count = (what: PlanLine['what'], sign?: PlanLine['sign']) =>
    lines.filter(line => line.what === what && (sign === undefined || line.sign === sign)).length;
  const parts: readonly (readonly [number, string])[] = [
    [count('client', '+'), 'create the client'],
    [count('client', '!'), 'update the client'],
    [count('environment'), `create ${countText(count('environment'), 'environment')}`],
    [count('secret', '+'), 'create a secret'],
    [count('write'), `write it to ${countText(count('write'), 'place')}`],
    [count('variable'), `write ${countText(count('variable'), 'variable')}`],
    [count('access'), `give this repository access to ${countText(count('access'), 'item')}`],
    [count('secret', '-'), `delete ${countText(count('secret', '-'), 'old secret')}`],
  ];
  const done = parts.filter(([number]) => number > 0).map(([, text]) => text);
  return done.join(', ') || 'nothing to do';
}

/** The lines as text: what is changed, and where, one below the other. */
export function planTexts(lines: readonly PlanLine[]) {
  const widest = Math.max(...lines.map(({ what }) => what.length));
  return lines.map(({ sign, what, name, note }) => ({
    sign,
    text: `${what.padEnd(widest)}  ${name}${note === undefined ? '' : ` · ${note}`}`,
  }));
}

/** What the log of a dry run says. @param verdict all of the plan, as part of a sentence. */
export function dryRunTexts(verdict: string, lines: readonly PlanLine[]): readonly string[] {
  const plan = planTexts(lines).map(({ sign, text }) => `${sign} ${text}`);
  return [`A dry run changes nothing. The plan: ${verdict}.`, ...plan];
}
