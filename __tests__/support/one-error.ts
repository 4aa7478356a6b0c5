import { expect } from '@jest/globals';
import { errorOf, type SeenStep } from './step.ts';

/** What a title is followed by in an error that names its place. */
const IN_MANIFEST = '(?:,file=[^,]+,line=\\d+,col=\\d+)?';

/**
 * A step that fails has one line of error, with its code, as the last line of its log. Every annotation has a title. Only
 * an error in a manifest names its place.
 *
 * @param losesOutputs whether the step cannot write its outputs, so that none of them says how it ended.
 */
export function expectOneError({ step, inputs }: SeenStep, losesOutputs: boolean): void {
  const place = inputs.manifest ? IN_MANIFEST : '';
  const failed = step.exitCode !== 0;
  const untitled = new RegExp(`^::(?:error|warning)(?! title=Vantage(?:%3A [a-z -]+)?${place}::).*$`, 'gmu');
  expect(step.stdout.match(untitled)).toBeNull();
  const line = new RegExp(`^::error title=Vantage%3A ([a-z-]+)${place}::\\[\\1\\] \\S.*\\S$`, 'u');
  expect({
    signal: step.signal,
    stderr: step.stderr,
    errors: step.stdout.split(/\r?\n/u).filter(one => one.startsWith('::error')),
  }).toEqual({ signal: null, stderr: '', errors: failed ? [expect.stringMatching(line)] : [] });
  expect(failed ? step.log.trimEnd().split('\n').at(-1) : 'Error: ').toMatch(/^Error: /u);
  const code = step.outputs['error-code'];
  expect(code === undefined).toBe(losesOutputs);
  if (code !== undefined) {
    expect(errorOf(step)).toMatch(failed ? new RegExp(`^\\[${code}\\] `, 'u') : /^$/u);
    expect(failed).toBe(code !== '');
  }
}
