import type { Scripts } from '../build-copy.ts';
import { carryOut } from './deeds.ts';
import { judge, PROMISE, type Violation, works } from './oracle.ts';
import { spotsOf } from './places.ts';
import { secretAt } from './snapshot.ts';
import { type Scene, Stage } from './stage.ts';
import { type Act, isRun, type Story } from './story.ts';

/** The result of a world. */
export interface Trial {
  readonly story: Story;
  readonly violations: readonly Violation[];
  /** The number of processes. */
  readonly runs: number;
  /** The output of each process, with its title, as the page of a run shows it, and its requests. */
  readonly logs: readonly string[];
}

/** Plays a world from start to end, and checks every scene. */
export async function playStory(story: Story, scripts: Scripts): Promise<Trial> {
  await using stage = await Stage.open(story);
  const scenes: Scene[] = [];
  const violations: Violation[] = [];
  for (const act of story.acts) {
    const scene = await playAct(act, story, stage, scripts, scenes.at(-1));
    if (scene) {
      violations.push(...(await judge(story, act, scene, scenes, stage)));
      scenes.push(scene);
    }
  }
  violations.push(...checkMade(story, stage));
  const repair = await keepPromise(story, stage, scripts, scenes);
  if (repair) {
    violations.push(...repair.violations);
    scenes.push(repair.scene);
  }
  return { story, violations, runs: scenes.length, logs: scenes.map(describe) };
}

async function playAct(
  act: Act,
  story: Story,
  stage: Stage,
  { main, post }: Scripts,
  before: Scene | undefined,
): Promise<Scene | undefined> {
  if ('others' in act) {
    carryOut(act.others, stage);
    return undefined;
  }
  if (isRun(act)) {
    const { run, inputs, ...rest } = act;
    return stage.play({ ...rest, title: run, kind: 'run', entry: main, inputs: { ...story.inputs, ...inputs } });
  }
  const inputs = { ...story.inputs, ...act.inputs };
  const state = act.state ?? before?.state ?? {};
  return stage.play({ title: `the end of ${act.endOf}`, kind: 'end', entry: post, inputs, state });
}

/** If an annotation of a step promised that `rotate: always` repairs the targets, the same step with it must do so. */
async function keepPromise(story: Story, stage: Stage, { main }: Scripts, scenes: readonly Scene[]) {
  const promise = scenes.findLast(({ annotations }) => annotations.some(({ message }) => PROMISE.test(message)));
  const lines = spotsOf(promise?.inputs['write-to']);
  if (!promise || lines.length === 0) {
    return undefined;
  }
  const act: Act = {
    run: 'the promised repair',
    by: promise.by,
    inputs: { ...promise.inputs, ...promisedInputs(promise), 'current-secret': '' },
    expects: { green: true, delivers: true },
  };
  const scene = await playAct(act, story, stage, { main, post: '' }, promise);
  if (!scene) {
    return undefined;
  }
  const violations = [...(await judge(story, act, scene, scenes, stage))];
  for (const { line } of lines) {
    const value = secretAt(scene.after, line)?.value;
    if (value === undefined || !(await works(value, scene.after, stage))) {
      violations.push({ invariant: 'I1', what: `${line} holds a secret that does not work after the promised repair` });
    }
  }
  return { scene, violations };
}

/** The inputs that the promise names: `rotate: always`, and possibly others. */
function promisedInputs({ annotations }: Scene): Record<string, string> {
  const [, named = ''] =
    annotations.map(({ message }) => /Run this step once with ([^.]*)/u.exec(message)).find(Boolean) ?? [];
  return Object.fromEntries([...named.matchAll(/`([a-z-]+): ([a-z-]+)`/gu)].map(([, name, value]) => [name, value]));
}

function checkMade({ makes, leaves }: Story, { vantage, seeds }: Stage): readonly Violation[] {
  // The administrator's secret existed first.
  const made = vantage.createdSecrets.length - seeds.values.size - 1;
  const left = vantage.clients().flatMap(({ secrets }) => secrets).length;
  return [
    ...(makes === undefined || made === makes
      ? []
      : [{ invariant: 'I6' as const, what: `all runs together created ${made} secrets, not ${makes}` }]),
    ...(leaves === undefined || left === leaves
      ? []
      : [{ invariant: 'expected' as const, what: `all runs together left ${left} secrets, not ${leaves}` }]),
  ];
}

function describe({ title, log, exitCode, signal, requests, durationMs }: Scene): string {
  const sent = requests.map(
    ({ method, path, applied, status }) => `${applied ? '*' : ' '} ${method} ${path} ${status}`,
  );
  const end = `${signal ?? `exit code ${exitCode}`} after ${Math.round(durationMs)} ms`;
  return [`--- ${title}: ${end}`, log.trimEnd(), ...sent].join('\n');
}
