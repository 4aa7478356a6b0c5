import * as z from 'zod/mini';
import { oneLine } from '../failure.ts';
import type { Answer } from './answer.ts';
import { parseJson } from './body.ts';

const LONGEST = 300;

/** No part of it goes past the next `<`, so that a page of nothing but openings is read in linear time. */
const TITLE = /<title(?:\s[^<>]*)?>([^<]*)<\/title/iu;

const text = z.catch(z.optional(z.string()), undefined);

/** What ASP.NET's ProblemDetails, OAuth's errors and GitHub's have between them, each member worth reading alone. */
const Problem = z.looseObject({
  title: text,
  detail: text,
  message: text,
  error: text,
  error_description: text,
  errors: z.catch(z.optional(z.record(z.string(), z.union([z.string(), z.array(z.string())]))), undefined),
});

/**
 * What an answer says of itself: its status, and what can be read of a problem in JSON (whatever its type), text or HTML.
 * The body of a success is never quoted: it may hold a secret that could not be read.
 *
 * @param redact hides what is secret, before anything is folded or cut.
 */
export function describeAnswer(answer: Answer, redact: (text: string) => string): string {
  const { status, body } = answer;
  if (body.trim() === '') {
    return `answered ${status} with an empty body`;
  }
  if (status < 300) {
    return `answered ${status} with ${isHtml(answer) ? 'an HTML page' : 'something else'}`;
  }
  // Once more after folding, as that may put together what a line break or a control character had parted.
  const said = redact(oneLine(redact(readProblem(answer)))).slice(0, LONGEST);
  return `answered ${status}${said ? ` (${said})` : ''}`;
}

/** The words of a problem, or '' where there are none. */
export function readProblem(answer: Answer): string {
  const { body } = answer;
  const problem = Problem.safeParse(parseJson(body));
  if (problem.success) {
    const { title, detail, message, error, error_description, errors = {} } = problem.data;
    const fields = Object.entries(errors).map(([field, why]) => `${field}: ${[why].flat().join(' ')}`);
    return [title, detail, message, error, error_description, ...fields].filter(Boolean).join('; ');
  }
  if (isHtml(answer)) {
    const title = TITLE.exec(body)?.[1];
    return title ? `an HTML page titled "${title}"` : 'an HTML page';
  }
  return body;
}

function isHtml({ headers, body }: Answer): boolean {
  return /html/iu.test(headers['content-type'] ?? '') || /^\s*<(?:!doctype|html)/iu.test(body);
}
