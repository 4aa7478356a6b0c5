import { data, Evaluator, type Expr, Lexer, Parser } from '@actions/expressions';

/** What an expression can read, as JSON: `{ secrets: { NAME: 'value' } }` for `${{ secrets.NAME }}`. */
export type Contexts = Readonly<Record<string, unknown>>;

const EXPRESSION = /\$\{\{\s*(.*?)\s*\}\}/g;

/**
 * Evaluates the `${{ … }}` expressions of a text by GitHub's own rules. An expression without a value is an error: the
 * real runner would make it empty, which would hide a mistake in an example.
 */
export function evaluate(text: string, contexts: Contexts): string {
  return text.replace(EXPRESSION, (whole, inside: string) => {
    const value = result(inside, contexts);
    if (value.kind === data.Kind.Null) throw new Error(`No value for the expression ${whole}.`);
    return value.coerceString();
  });
}

/** Whether a condition, as in `if:`, is true. The braces around it are optional. */
export function holds(condition: string, contexts: Contexts): boolean {
  const value = result(condition.replace(/^\$\{\{(.*)\}\}$/s, '$1').trim(), contexts);
  return value.kind === data.Kind.Boolean ? value.coerceString() === 'true' : value.coerceString() !== '';
}

function result(expression: string, contexts: Contexts): data.ExpressionData {
  const read = JSON.parse(JSON.stringify(contexts), data.reviver) as data.Dictionary;
  const parsed: Expr = new Parser(new Lexer(expression).lex().tokens, Object.keys(contexts), []).parse();
  return new Evaluator(parsed, read).evaluate();
}
