import { findLeaks } from '../../__tests__/support/leaks.ts';
import { checkChanges } from './oracle-changes.ts';
import { checkExpected } from './oracle-expected.ts';
import { checkVariables } from './oracle-variables.ts';
import { spotsOf } from './places.ts';
import { secretAt, secretsOf } from './snapshot.ts';
import type { Scene, Stage } from './stage.ts';
import type { Act, Story } from './story.ts';
import { isRun } from './story.ts';

/** What must hold for every run of every world. The first six have the numbers of the design. */
export const INVARIANTS = {
  I1: 'secrets in targets keep working, and no run succeeds while one does not',
  I2: 'every created secret is delivered, deleted, or named in the log by its mark',
  I3: 'nothing is deleted or replaced that belongs to others, is in use, or is the last secret',
  I4: 'no secret is printed or written',
  I5: 'the variables next to a target are correct',
  I6: 'a run with nothing to do changes nothing',
  claims: 'the outputs are true',
  ends: 'a run ends by itself, within its time limit',
  post: 'the post step does not fail the job, and revokes what it must',
  expected: 'it ends as the world expects',
} as const;
export type Invariant = keyof typeof INVARIANTS;

/** A violation of an invariant in a world. */
export interface Violation {
  readonly invariant: Invariant;
  readonly what: string;
}

/** How much longer than `timeout` a run may take, in milliseconds: the time to start a process on a busy machine. */
const GRACE = 5000;
/** An annotation with this text promises that such a run repairs what the failed run left. */
export const PROMISE = /`?rotate: always`?/u;

const MARK = /\[vantage-client [^\]]+\]$/u;

/** Checks everything that must hold after one scene of a world. `earlier` are the scenes before it. */
export async function judge(
  story: Story,
  act: Act,
  scene: Scene,
  earlier: readonly Scene[],
  stage: Stage,
): Promise<readonly Violation[]> {
  const killed = isRun(act) && act.at?.comes === 'SIGKILL';
  const violations = [
    ...checkEnd(scene, killed),
    ...checkNamed(scene),
    ...checkChanges(story, act, scene),
    ...checkLeaks(scene, stage),
    ...checkVariables(story, act, scene),
    ...checkClaims(scene),
    ...checkExpected(act, scene, stage.seeds.values),
    ...(await checkTargets(scene, earlier, stage)),
  ];
  return violations.map(({ invariant, what }) => ({ invariant, what: `${scene.title}: ${what}` }));
}

function checkEnd(scene: Scene, killed: boolean): readonly Violation[] {
  const { exitCode, signal, stderr, durationMs, reached, kind } = scene;
  const violations: Violation[] = [];
  if (!reached) {
    violations.push({ invariant: 'expected', what: 'the moment at which something should have happened never came' });
  }
  if (killed) {
    return violations;
  }
  if (exitCode === null) {
    violations.push({ invariant: 'ends', what: `${signal} ended it` });
  }
  if (stderr !== '') {
    violations.push({ invariant: 'ends', what: `it printed to stderr: ${stderr.slice(0, 200)}` });
  }
  if (durationMs > Number.parseInt(scene.inputs.timeout ?? '', 10) * 1000 + GRACE) {
    violations.push({ invariant: 'ends', what: `it took ${Math.round(durationMs / 1000)} s` });
  }
  if (kind === 'end' && exitCode !== 0) {
    violations.push({ invariant: 'post', what: `it ended with ${exitCode}` });
  }
  return violations;
}

/** I1: no target loses a secret that worked, and no run succeeds while a target holds a secret that does not work. */
async function checkTargets(scene: Scene, earlier: readonly Scene[], stage: Stage): Promise<readonly Violation[]> {
  if (scene.inputs.mode === 'delete' || scene.inputs.mode === 'sweep') {
    return [];
  }
  const violations: Violation[] = [];
  const promised = earlier.some(({ annotations }) => annotations.some(({ message }) => PROMISE.test(message)));
  for (const { line } of spotsOf(scene.inputs['write-to'])) {
    const [was, is] = [secretAt(scene.before, line)?.value, secretAt(scene.after, line)?.value];
    if (is === undefined || (await works(is, scene.after, stage))) {
      continue;
    }
    const worked = was !== undefined && secretsOf(scene.before).some(({ value }) => value === was);
    if (worked) {
      violations.push({ invariant: 'I1', what: `${line} held a secret that worked, and does not any more` });
    } else if (scene.exitCode === 0 && scene.kind === 'run' && scene.inputs['dry-run'] !== 'true' && !promised) {
      violations.push({
        invariant: 'I1',
        what: `it succeeded while ${line} holds a secret that does not work, and nothing had said that \`rotate: always\` repairs it`,
      });
    }
  }
  return violations;
}

/** Whether a client has this secret, and the token endpoint accepts it. */
export async function works(value: string, at: Scene['after'], stage: Stage): Promise<boolean> {
  const owner = secretsOf(at).find(secret => secret.value === value)?.clientId;
  return owner !== undefined && (await stage.accepts(owner, value));
}

/** I2: a secret that a run created and nobody holds is in its log and, unless the run was killed, in an annotation. */
function checkNamed({ before, after, log, annotations, outputs, signal }: Scene): readonly Violation[] {
  const known = new Set(secretsOf(before).map(({ id }) => id));
  const held = new Set([...after.items.map(({ value }) => value), outputs['client-secret']]);
  return secretsOf(after)
    .filter(({ id, value, description }) => !known.has(id) && !held.has(value) && MARK.test(description ?? ''))
    .flatMap(({ description }): Violation[] => {
      const mark = MARK.exec(description ?? '')?.[0] ?? '';
      const isSaid = signal !== null || annotations.some(({ message }) => message.includes(mark));
      return log.includes(mark) && isSaid
        ? []
        : [{ invariant: 'I2', what: `nobody holds ${mark}, and it is not named` }];
    });
}

function checkLeaks(scene: Scene, stage: Stage): readonly Violation[] {
  const allowed = scene.inputs['output-secret'] === 'true' || !scene.inputs['write-to'];
  return findLeaks(scene, stage.canaries(), allowed ? { output: 'client-secret' } : undefined).map(
    ({ canary, form, where }) => ({ invariant: 'I4', what: `${canary} as ${form} in ${where}` }),
  );
}

/** Whether the outputs about clients are true, compared with the requests and the servers. */
function checkClaims({ outputs, requests, exitCode, before, after, inputs }: Scene): readonly Violation[] {
  const violations: Violation[] = [];
  const created = requests.some(({ route, applied, status = 0 }) => {
    return route === 'createClient' && applied && status >= 200 && status < 300;
  });
  if (outputs['client-created'] === 'true' && !created) {
    violations.push({ invariant: 'claims', what: 'client-created is true, but no response said so' });
  }
  const mode = inputs.mode ?? 'ensure';
  if (mode === 'delete' && exitCode === 0 && inputs['dry-run'] !== 'true') {
    if (after.clients.some(({ clientId }) => clientId === inputs['client-id'])) {
      violations.push({ invariant: 'claims', what: 'it succeeded, but the client still exists' });
    }
  }
  const grew = secretsOf(after).length - secretsOf(before).length;
  if (outputs['secret-created'] === 'true' && grew < 1 && outputs.pruned === '[]') {
    violations.push({ invariant: 'claims', what: 'secret-created is true, but there is no new secret' });
  }
  return violations;
}
