import { UTCDate } from '@date-fns/utc';
import { addMonths } from 'date-fns/addMonths';
import { addYears } from 'date-fns/addYears';
import { type FieldErrors, invalid } from './problem.ts';
import type { Shapes } from './shapes.ts';
import type { SecretSettings, StoredSecret } from './store.ts';

const DAY = 86_400_000;

/** Node 24 has it, but TypeScript does not know it yet. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/i;

/**
 * The settings in the body of a request to create a secret. By default, a secret starts at once and expires exactly six
 * calendar months after its creation.
 *
 * @param now milliseconds since 1970, from the clock of Vantage
 * @throws a `Refusal` with status 400 if a member is invalid, or if the life is not between a day and 3 years
 */
export function readSecretSettings(body: unknown, now: number, shapes: Shapes): SecretSettings {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw invalid({ $: ['The JSON value could not be converted to the model of a secret. Path: $.'] });
  const errors: FieldErrors = {};
  const { description = null, startTime = null, expiration = null, ...others } = body as Record<string, unknown>;
  if (shapes.unknownMembers === 'refused')
    for (const name of Object.keys(others))
      errors[`$.${name}`] = [`The JSON property '${name}' could not be mapped to any .NET member.`];
  if (description !== null && typeof description !== 'string')
    errors['$.description'] = ['The JSON value could not be converted to System.String. Path: $.description.'];
  const start = instant('startTime', startTime, now, errors);
  const end = instant('expiration', expiration, addMonths(new UTCDate(now), 6).getTime(), errors);
  if (Object.keys(errors).length) throw invalid(errors);

  if (end - start < DAY) throw invalid({ expiration: ['The secret must be valid for at least 1 day.'] });
  if (end > addYears(new UTCDate(start), 3).getTime())
    throw invalid({ expiration: ['The secret must be valid for at most 3 years.'] });
  return {
    description: description as string | null,
    startTime: new Date(start).toISOString(),
    expiration: new Date(Math.min(end, start + shapes.mostDays * DAY)).toISOString(),
  };
}

/** The only response that contains the secret's value. */
export function describeNewSecret(secret: StoredSecret, shapes: Shapes): Record<string, unknown> {
  const { value } = secret;
  if (shapes.secretBody === 'full') return { ...describeSecret(secret, shapes), value };
  return { value, startTime: timestamp(secret.startTime, shapes), expiration: timestamp(secret.expiration, shapes) };
}

/** A secret in any later response: only the first three characters of its value. */
export function describeSecret(secret: StoredSecret, shapes: Shapes): Record<string, unknown> {
  return {
    // A text of digits is written as a number with all digits.
    id: shapes.secretIds === 'number' ? rawJSON(secret.id) : secret.id,
    description: secret.description,
    valueDisplay: secret.value.slice(0, 3),
    startTime: timestamp(secret.startTime, shapes),
    expiration: timestamp(secret.expiration, shapes),
  };
}

/** A secret as a list describes it. */
export function describeListedSecret(secret: StoredSecret, shapes: Shapes): Record<string, unknown> {
  const { description, ...rest } = describeSecret(secret, shapes);
  if (shapes.descriptions === 'hidden') return rest;
  return { ...rest, description: shapes.descriptions === 'null' ? null : description };
}

/** An RFC 3339 time as milliseconds since 1970, or the default for null. Anything else is added to `errors`. */
function instant(name: string, value: unknown, byDefault: number, errors: FieldErrors): number {
  if (value === null) return byDefault;
  const ms = typeof value === 'string' && RFC3339.test(value) && isDay(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(ms))
    errors[`$.${name}`] = [`The JSON value could not be converted to System.DateTime. Path: $.${name}.`];
  return ms;
}

/** Whether the day exists: JavaScript reads 30 February as 2 March, .NET does not. */
function isDay(rfc3339: string): boolean {
  const day = rfc3339.slice(0, 10);
  return !Number.isNaN(Date.parse(day)) && new Date(day).toISOString().startsWith(day);
}

function timestamp(iso: string, { timestamps }: Shapes): string {
  if (timestamps === 'milliseconds') return iso;
  return `${iso.slice(0, -1)}0000${{ ticks: 'Z', offset: '+00:00', zoneless: '' }[timestamps]}`;
}
