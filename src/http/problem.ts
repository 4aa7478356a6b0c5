import * as z from 'zod/mini';
import { oneLine } from '../model/failure.ts';
import { type HttpResponse, parseJson } from './message.ts';

const LONGEST = 300;

/** No part of it goes past the next `<`, so that a page of nothing but openings is read in linear time. */
const TITLE = /<title(?:\s[^<>]*)?>([^<]*)<\/title/iu;

const text = z.catch(z.optional(z.string()), undefined);

/** By field, as ASP.NET's ProblemDetails list what is wrong. */
const FieldErrors = z.record(z.string(), z.union([z.string(), z.array(z.string())]));

/** As GitHub lists it: texts, or objects of these members (schemas `validation-error-simple` and `validation-error`). */
const ListedErrors = z.array(
  z.union([z.string(), z.looseObject({ resource: text, field: text, code: text, message: text })]),
);

/** What ASP.NET's ProblemDetails, OAuth's errors and GitHub's have between them, each member worth reading alone. */
const Problem = z.looseObject({
  title: text,
  detail: text,
  message: text,
  error: text,
  error_description: text,
  errors: z.catch(z.optional(z.union([FieldErrors, ListedErrors, z.string()])), undefined),
});

/**
 * What an answer says of itself: its status, and what can be read of a problem in JSON (whatever its type), text or HTML.
 * The body of a success is never quoted: it may hold a secret that could not be read.
 *
 * @param redact hides what is secret, before anything is folded or cut.
 */
export function describeAnswer(response: HttpResponse, redact: (text: string) => string): string {
  const { status, body } = response;
  if (body.trim() === '') {
    return `answered ${status} with an empty body`;
  }
  if (status < 300) {
    return `answered ${status} with ${isHtml(response) ? 'an HTML page' : 'something else'}`;
  }
  // Once more after folding, as that may put together what a line break or a control character had parted.
  const said = redact(oneLine(redact(readProblem(response)))).slice(0, LONGEST);
  return `answered ${status}${said ? ` (${said})` : ''}`;
}

/** The words of a problem, or '' where there are none. */
export function readProblem(response: HttpResponse): string {
  const { body } = response;
  const problem = Problem.safeParse(parseJson(body));
  if (problem.success) {
    const { title, detail, message, error, error_description, errors } = problem.data;
    return [title, detail, message, error, error_description, ...readErrors(errors)].filter(Boolean).join('; ');
  }
  if (isHtml(response)) {
    const title = TITLE.exec(body)?.[1];
    return title ? `an HTML page titled "${title}"` : 'an HTML page';
  }
  return body;
}

/** Each of the errors in words of its own. */
function readErrors(errors: z.infer<typeof Problem>['errors'] = []): readonly string[] {
  if (typeof errors === 'string') {
    return [errors];
  }
  return Array.isArray(errors)
    ? errors.map(error => (typeof error === 'string' ? error : readListed(error)))
    : Object.entries(errors).map(([field, why]) => `${field}: ${[why].flat().join(' ')}`);
}

/** `custom` is GitHub's code for whatever only the message says. */
function readListed({ resource, field, code, message }: Exclude<z.infer<typeof ListedErrors>[number], string>): string {
  const where = [resource, field].filter(Boolean).join('.');
  const what = message && code && code !== 'custom' ? `${message} (${code})` : (message ?? code);
  return [where, what].filter(Boolean).join(': ');
}

/** Whether an answer is a page for people. */
export function isHtml({ headers, body }: HttpResponse): boolean {
  return /html/iu.test(headers['content-type'] ?? '') || /^\s*<(?:!doctype|html)/iu.test(body);
}
