import type { ActionYml } from './action-yml.ts';

/** The source of `src/inputs/defaults.ts`. It has no defaults with `${{ … }}`, which only the runner can evaluate. */
export function defaultsModule({ inputs }: ActionYml): string {
  const lines = Object.entries(inputs).map(([name, { default: value }]) => {
    const key = /^[a-z]+$/.test(name) ? name : `'${name}'`;
    return `  ${key}: ${value === undefined || value.includes('${{') ? undefined : `'${value}'`},`;
  });
  return `// Written by \`npm run generate\` from action.yml.

/** Every input. Its default is for workflows that set it to an empty text: the runner applies one only to an omitted input. */
export const DEFAULTS = {
${lines.join('\n')}
} as const satisfies Readonly<Record<string, string | undefined>>;
`;
}
