import { stringify } from 'yaml';
import { INPUTS } from '../../src/inputs/names.ts';
import { OUTPUTS } from '../../src/report/outputs.ts';

/**
 * The whole of `action.yml`.
 * The keys are those of https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax.
 */
export function actionYml(): string {
  const inputs = Object.entries(INPUTS).map(([name, { description, default: fallback }]) => [
    name,
    { description, ...(fallback ? { default: fallback } : {}) },
  ]);
  const outputs = Object.entries(OUTPUTS).map(([name, description]) => [name, { description }]);
  const metadata = {
    name: 'Vantage API client',
    description: 'Ensure an ABBYY Vantage API client, mint a secret for it, prove it, mask it and hand it to the job.',
    author: 'the vantage-client-action authors',
    branding: { icon: 'key', color: 'blue' },
    inputs: Object.fromEntries(inputs),
    outputs: Object.fromEntries(outputs),
    runs: { using: 'node24', main: 'dist/index.js', post: 'dist/post.js' },
  };
  return `# Written by \`npm run generate\`. Change src/request/inputs.ts or src/report/outputs.ts instead.\n${stringify(metadata, { lineWidth: 0 })}`;
}
