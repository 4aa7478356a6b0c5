import type { Answer } from '../http/answer.ts';
import { json } from '../http/answer.ts';

const DOCUMENTATION = 'https://docs.github.com/rest';

/** A request that GitHub refuses. Thrown where the reason is found, and sent as a response. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly errors: readonly unknown[] | undefined;

  /** @param errors the details (schemas `validation-error` and `validation-error-simple`). */
  constructor(status: number, message: string, headers: Record<string, string> = {}, errors?: readonly unknown[]) {
    super(message);
    this.status = status;
    this.headers = headers;
    this.errors = errors;
  }
}

/** The refusal for things that do not exist, and for those that the token must not know of. */
export function notFound(): Refusal {
  return new Refusal(404, 'Not Found');
}

/** A refusal as GitHub sends it (schema `basic-error`). */
export function describeRefusal({ status, message, headers, errors }: Refusal): Answer {
  const answer = json(status, {
    message,
    ...(errors && { errors }),
    documentation_url: DOCUMENTATION,
    status: String(status),
  });
  return { ...answer, headers: { ...answer.headers, ...headers } };
}
