import { expect } from '@jest/globals';
import type { ActionRun, ActionRunOptions } from '../../emulator/runner.ts';
import type { RecordedRequest } from '../../emulator/vantage/index.ts';
import { findLeaks } from './leaks.ts';
import { POST, runStep, type StepRun } from './run-step.ts';
import { errorOf, type Inputs } from './step.ts';
import { canariesOf, vantageInputs } from './vantage.ts';
import type { World } from './world.ts';

/** A post step that has ended, and its requests to Vantage. */
export interface Post extends StepRun {
  readonly requests: readonly RecordedRequest[];
}

/** Runs the post step of a step, with the state and the inputs of the step. It must never fail the job. */
export async function runPost(
  { vantage }: Pick<World, 'vantage'>,
  step: Pick<ActionRun, 'state'>,
  inputs: Inputs = {},
  options: Pick<ActionRunOptions, 'onStart' | 'env'> = {},
): Promise<Post> {
  const received = vantage.requests.length;
  const run = await runStep({
    entry: POST,
    inputs: vantageInputs(vantage, { timeout: '5s', ...inputs }),
    state: step.state,
    ...options,
  });
  expectNoLeak({ vantage }, run);
  expect({ exitCode: run.exitCode, conclusion: run.conclusion, stderr: run.stderr, error: errorOf(run) }).toEqual({
    exitCode: 0,
    conclusion: 'success',
    stderr: '',
    error: '',
  });
  expect({ outputs: run.outputs, summary: run.summary }).toEqual({ outputs: {}, summary: '' });
  return { ...run, requests: vantage.requests.slice(received) };
}

/** No secret is shown except the new one, in its output. */
export function expectNoLeak({ vantage }: Pick<World, 'vantage'>, run: ActionRun): void {
  expect(findLeaks(run, canariesOf(vantage), { output: 'client-secret' })).toEqual([]);
}

/** The post step succeeded without an annotation and without a request. */
export function expectSilent(post: Post): void {
  expect(post.stdout).toBe('');
  expect(post.requests).toEqual([]);
}

/** The deletions that Vantage received from a post step. */
export const deletionsOf = ({ requests }: Post): readonly RecordedRequest[] =>
  requests.filter(({ method }) => method === 'DELETE');
