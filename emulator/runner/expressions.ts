/** The contexts that an expression may read: `{ secrets: { NAME: 'value' } }` for `${{ secrets.NAME }}`. */
export type Contexts = Readonly<Record<string, Readonly<Record<string, string>>>>;

const EXPRESSION = /\$\{\{\s*(.*?)\s*\}\}/g;
const PROPERTY = /^([a-z]+)\.([\w-]+)$/i;

/**
 * Fills in the `${{ context.name }}` expressions of a text. Only plain properties are understood: operators and
 * functions are refused, and so is a name that no context has (the real runner would quietly make it empty, which
 * only hides a slip in an example).
 */
export function evaluate(text: string, contexts: Contexts): string {
  return text.replace(EXPRESSION, (whole, inside: string) => {
    const [, context = '', name = ''] = PROPERTY.exec(inside) ?? [];
    const value = contexts[context]?.[name];
    if (value === undefined) throw new Error(`No value for the expression ${whole}.`);
    return value;
  });
}
