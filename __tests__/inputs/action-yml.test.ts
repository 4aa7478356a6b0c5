import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { readActionYml } from '../../scripts/generate/action-yml.ts';
import { DEFAULTS } from '../../src/inputs/defaults.ts';
import { INPUTS, SECRET_INPUTS } from '../../src/inputs/names.ts';
import { OUTPUTS } from '../../src/report/outputs.ts';
import { CANARY, readInputs } from '../support/inputs.ts';
import { RUNNER } from '../support/workflow.ts';

const { inputs, outputs } = readActionYml();
const isExpression = (text: string) => text.includes('${{');
const defaults = Object.fromEntries(
  Object.entries(inputs).flatMap(([name, input]) => (input.default === undefined ? [] : [[name, input.default]])),
);

test('action.yml has what the Marketplace of GitHub asks for', () => {
  const { name, description, branding } = parse(readFileSync(resolve(import.meta.dirname, '../../action.yml'), 'utf8'));
  expect(name).toContain('ABBYY');
  expect(description.length).toBeLessThan(125);
  expect(branding).toEqual({
    icon: 'key',
    color: expect.stringMatching(/^(white|black|yellow|blue|green|orange|red|purple|gray-dark)$/u),
  });
});

test('action.yml declares the inputs and outputs of the code', () => {
  expect(Object.keys(inputs).sort()).toEqual([...INPUTS].sort());
  expect(Object.keys(outputs).sort()).toEqual([...OUTPUTS].sort());
});

test.each([...Object.entries(inputs), ...Object.entries(outputs)])('%s has a description', (_, { description }) => {
  expect(description).toMatch(/^\S.*\.$/u);
});

test.each(SECRET_INPUTS)('the secret input %s has no default', name => {
  expect(defaults).not.toHaveProperty([name]);
});

describe('the defaults of action.yml', () => {
  test('are texts, not booleans or numbers of YAML', () => {
    expect(Object.values(defaults).filter(value => typeof value !== 'string')).toEqual([]);
  });

  test('also apply to an input that is set to an empty text, unless only the runner can evaluate them', () => {
    expect(DEFAULTS).toEqual(Object.fromEntries(Object.entries(defaults).filter(([, value]) => !isExpression(value))));
  });

  test.each(['ensure', 'delete', 'sweep', 'audit'])('are accepted with mode %s', async mode => {
    const github = { 'github-token': CANARY, 'github-api-url': RUNNER.apiUrl };
    const clients = { 'client-id': 'invoices', 'client-id-pattern': 'invoices-pr-{pr}' };
    expect((await readInputs({ ...defaults, ...github, ...clients, mode })).record).toMatchObject({ mode });
  });
});
