import type { Answer } from '../http/answer.ts';
import { json } from '../http/answer.ts';

const DOCUMENTATION = 'https://docs.github.com/rest';

/** A request that GitHub refuses. Thrown where the reason is found, made an answer where the request came in. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly errors: readonly unknown[] | undefined;

  /** @param errors what is wrong in particular (schemas `validation-error` and `validation-error-simple`). */
  constructor(status: number, message: string, headers: Record<string, string> = {}, errors?: readonly unknown[]) {
    super(message);
    this.status = status;
    this.headers = headers;
    this.errors = errors;
  }
}

/** What GitHub says of things that are not there, and of those that the token must not know of. */
export function notFound(): Refusal {
  return new Refusal(404, 'Not Found');
}

/** A refusal as GitHub writes it (schema `basic-error`). */
export function describeRefusal({ status, message, headers, errors }: Refusal): Answer {
  const answer = json(status, {
    message,
    ...(errors && { errors }),
    documentation_url: DOCUMENTATION,
    status: String(status),
  });
  return { ...answer, headers: { ...answer.headers, ...headers } };
}
