import * as z from 'zod/mini';
import { oneLine } from '../failure.ts';
import type { Answer } from '../http/answer.ts';

const LONGEST = 300;

const text = z.catch(z.optional(z.string()), undefined);

/** What ASP.NET's ProblemDetails and OAuth's errors have between them, each member alone being worth reading. */
const Problem = z.looseObject({
  title: text,
  detail: text,
  message: text,
  error: text,
  error_description: text,
  errors: z.catch(z.optional(z.record(z.string(), z.union([z.string(), z.array(z.string())]))), undefined),
});

/** What an answer says of itself: status, and what can be read of a problem in JSON (whatever its type), text or HTML. */
export function describeAnswer(answer: Answer): string {
  const said = oneLine(readProblem(answer)).slice(0, LONGEST);
  return `answered ${answer.status}${said ? ` (${said})` : answer.body ? '' : ' with an empty body'}`;
}

/** The words of a problem, or '' where there are none. */
export function readProblem({ headers, body }: Answer): string {
  const problem = Problem.safeParse(parseJson(body));
  if (problem.success) {
    const { title, detail, message, error, error_description, errors = {} } = problem.data;
    const fields = Object.entries(errors).map(([field, why]) => `${field}: ${[why].flat().join(' ')}`);
    return [title, detail, message, error, error_description, ...fields].filter(Boolean).join('; ');
  }
  if (/html/iu.test(headers['content-type'] ?? '') || /^\s*<(?:!doctype|html)/iu.test(body)) {
    const title = /<title[^>]*>([^<]*)<\/title>/iu.exec(body)?.[1];
    return title ? `an HTML page titled "${title}"` : 'an HTML page';
  }
  return body;
}

/** The JSON in a text, or undefined where it is none. A byte order mark is no reason to refuse it. */
export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body.replace(/^\ufeff/u, ''));
  } catch {
    return undefined;
  }
}
