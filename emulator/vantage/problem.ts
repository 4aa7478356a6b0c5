import { randomBytes } from 'node:crypto';
import type { Answer } from '../http/answer.ts';
import { json } from '../http/answer.ts';
import type { Shapes } from './shapes.ts';

/** Texts by the name of their member: the `errors` of ASP.NET's validation problem details. */
export type FieldErrors = Record<string, string[]>;

/** The titles and types of ASP.NET, by status. */
const KNOWN: Record<number, { title: string; section: string }> = {
  400: { title: 'Bad Request', section: '15.5.1' },
  404: { title: 'Not Found', section: '15.5.5' },
  409: { title: 'Conflict', section: '15.5.10' },
  415: { title: 'Unsupported Media Type', section: '15.5.16' },
  422: { title: 'Unprocessable Content', section: '15.5.21' },
};

/** A request that Vantage refuses. Thrown where the error is found, and sent as a response. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly errors: FieldErrors | undefined;

  constructor(status: number, detail: string, errors?: FieldErrors) {
    super(detail);
    this.status = status;
    this.errors = errors;
  }
}

/** The refusal of a body with invalid members, with the reasons for each. */
export function invalid(errors: FieldErrors): Refusal {
  return new Refusal(400, 'One or more validation errors occurred.', errors);
}

/**
 * A refusal as RFC 9457 problem details, in the form of ASP.NET: with a trace ID, and for an invalid body with `errors`
 * instead of a detail.
 */
export function problem(refusal: Refusal, shapes: Pick<Shapes, 'problemType'>): Answer {
  const { status, errors } = refusal;
  const known = KNOWN[status];
  return json(
    status,
    {
      type: known && `https://tools.ietf.org/html/rfc9110#section-${known.section}`,
      title: errors ? refusal.message : known?.title,
      status,
      ...(errors ? { errors } : { detail: refusal.message }),
      traceId: `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-00`,
    },
    `${shapes.problemType}; charset=utf-8`,
  );
}
