import type { SecretScope } from '../../emulator/github/index.ts';
import { parseTarget } from '../../src/inputs/targets.ts';
import { targetInProse, targetLine } from '../../src/model/target.ts';
import { OWN } from './github.ts';
import { errorOf, type Inputs, type SeenStep } from './step.ts';

/** One target, as GitHub identifies it. */
export interface GitHubTarget {
  readonly line: string;
  /** How an error names it. */
  readonly prose: string;
  readonly scope: SecretScope;
  readonly name: string;
}

/** The targets that a step writes to or deletes from. */
export function targetsOf(inputs: Inputs): readonly GitHubTarget[] {
  const defaultName = inputs['secret-name'] || 'VANTAGE_CLIENT_SECRET';
  return (inputs['write-to'] ?? '').split('\n').flatMap(line => targetAt(line, defaultName) ?? []);
}

/** The target of a line, or undefined if the line names none. */
export function targetAt(line: string, defaultName = 'VANTAGE_CLIENT_SECRET'): GitHubTarget | undefined {
  const target = parseTarget(line, `${OWN.owner}/${OWN.repo}`, defaultName);
  return typeof target === 'string'
    ? undefined
    : { line: targetLine(target), prose: targetInProse(target), scope: target.scope, name: target.secretName };
}

/** The lines of the targets that the error of a step names because they may hold the new secret. */
export function mayHold({ step, inputs }: Pick<SeenStep, 'step' | 'inputs'>): readonly string[] {
  const names = /; possibly written: (?<names>[^·]*?)\. /u.exec(errorOf(step))?.groups?.names?.split(', ') ?? [];
  return names.map(name => targetsOf(inputs).find(({ prose }) => prose === name)?.line ?? name);
}
