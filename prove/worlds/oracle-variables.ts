import type { Violation } from './oracle.ts';
import { spotsOf } from './places.ts';
import { secretAt, secretsOf, variableAt } from './snapshot.ts';
import type { Scene } from './stage.ts';
import { type Act, isRun, type Story } from './story.ts';

/** Times that Vantage reports in another form, or only to the second. */
const NEAR = 1000;

/** I5: after a run that succeeded, the variables next to Actions targets are correct, as far as the run could know. */
export function checkVariables(story: Story, act: Act, scene: Scene): readonly Violation[] {
  const { inputs, exitCode, kind, before, after, outputs } = scene;
  const isEnsure = (inputs.mode ?? 'ensure') === 'ensure' && inputs['dry-run'] !== 'true';
  if (kind === 'end' || exitCode !== 0 || !isEnsure || inputs.rotate === 'never') {
    return [];
  }
  const [ofId, ofEnd] = [inputs['client-id-variable'], inputs['expiration-variable']];
  const known = new Set(secretsOf(before).map(({ value }) => value));
  const listed = isListed(story, act);
  return spotsOf(inputs['write-to']).flatMap(({ line }): Violation[] => {
    const id = ofId && variableAt(after, line, ofId)?.value;
    const secret = secretsOf(after).find(({ value }) => value === secretAt(after, line)?.value);
    const end = ofEnd && variableAt(after, line, ofEnd)?.value;
    const canKnow = secret && (listed || !known.has(secret.value));
    return [
      ...(ofId && id !== outputs['client-id']
        ? [{ invariant: 'I5' as const, what: `${ofId} next to ${line} is ${id}, not the client` }]
        : []),
      ...(ofEnd && canKnow && !isNear(end, secret.expiration)
        ? [{ invariant: 'I5' as const, what: `${ofEnd} next to ${line} is ${end}, not ${secret.expiration}` }]
        : []),
    ];
  });
}

/** Whether a run can list the secrets. If not, only the run that creates a secret knows when it expires. */
function isListed({ tier, shape = {} }: Story, act: Act): boolean {
  const { descriptions = 'told', paging = 'honoured' } = shape;
  const isFaulty = isRun(act) && (act.vantage ?? []).some(fault => 'on' in fault && fault.on === 'readSecrets');
  return tier === 1 && descriptions === 'told' && paging === 'honoured' && !isFaulty;
}

function isNear(reported: string | undefined, expiration: string): boolean {
  return Math.abs(Date.parse(reported ?? '') - Date.parse(expiration)) < NEAR;
}
