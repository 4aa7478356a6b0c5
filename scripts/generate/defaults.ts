import type { ActionYml } from './action-yml.ts';

/** The source of `src/inputs/defaults.ts`. It has no defaults with `${{ … }}`, which only the runner can evaluate. */
export function defaultsModule({ inputs }: ActionYml): string {
  const lines = Object.entries(inputs).flatMap(([name, { default: value }]) =>
    value === undefined || value.includes('${{')
      ? []
      : [`  ${/^[a-z]+$/.test(name) ? name : `'${name}'`}: '${value}',`],
  );
  return `// Written by \`npm run generate\` from action.yml.
import type { InputName } from './names.ts';

/** For inputs that a workflow sets to an empty text: the runner applies a default only to an omitted input. */
export const DEFAULTS: Readonly<Partial<Record<InputName, string>>> = {
${lines.join('\n')}
};
`;
}
