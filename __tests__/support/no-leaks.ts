import { expect } from '@jest/globals';
import { findLeaks, type SecretOutput } from './leaks.ts';
import type { Inputs, SeenStep, Step } from './step.ts';
import { canariesOf } from './vantage.ts';

/**
 * No secret is in what the step printed or wrote, except in the outputs that the workflow asks for, or in what GitHub
 * received, except encrypted. Vantage received no token of GitHub.
 *
 * @param canaries other secrets that must not appear, such as those that Vantage stored before the step.
 */
export function expectNoLeak({ step, inputs, vantage, github }: SeenStep, canaries: Inputs): void {
  const secrets = { ...canariesOf(vantage), ...canaries };
  const shown = [...new Set([...(github?.tokens ?? []), inputs['github-token'] ?? ''])].filter(Boolean);
  const tokens = Object.fromEntries(shown.map((token, index) => [`GitHub token ${index}`, token]));
  expect(findLeaks(step, { ...secrets, ...tokens }, { output: secretOutputs(step, inputs) })).toEqual([]);
  expect(findLeaks(sent(step.github), secrets)).toEqual([]);
  expect(findLeaks(sent(step.vantage), tokens)).toEqual([]);
}

/** Only a step that ensures one client outputs secrets, and only if it succeeded or delivered to some targets. */
function secretOutputs(step: Step, inputs: Inputs): readonly SecretOutput[] {
  const isDelivered = ['', 'partial-hand-off'].includes(step.outputs['error-code'] ?? 'none');
  if ((inputs.mode || 'ensure') !== 'ensure' || inputs.manifest || !isDelivered) {
    return [];
  }
  const isWanted = {
    'client-secret': inputs['output-secret'] ? inputs['output-secret'] === 'true' : !inputs['write-to'],
    'client-access-token': inputs['output-access-token'] === 'true',
  };
  return (['client-secret', 'client-access-token'] as const).filter(name => isWanted[name]);
}

function sent(requests: readonly { path: string; body: string; rawHeaders: readonly string[] }[]) {
  const texts = requests.map(({ path, body, rawHeaders }) => [path, ...rawHeaders, body].join('\n'));
  return { stdout: texts.join('\n'), stderr: '', files: {} };
}
