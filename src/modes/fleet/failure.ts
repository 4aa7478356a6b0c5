import { capitalized, type ErrorCode, Failure } from '../../model/failure.ts';
import type { FleetRequest } from '../../model/request.ts';
import { clientsLeft, endedClients, type FleetRecord } from './record.ts';

/** Failures that every other client would meet as well. */
const MEETS_ALL: readonly ErrorCode[] = ['authentication-failed', 'rate-limited'];

/** Answers of Vantage that every other client would meet as well, unless one has ended well. */
const MEETS_ALL_AT_FIRST: readonly ErrorCode[] = ['forbidden', 'not-found', 'unsupported'];

/** A server that fails for so many clients in a row, and twice as many as are under way at once, is down. */
const OUTAGE: { readonly codes: readonly ErrorCode[]; readonly atLeast: number } = {
  codes: ['vantage-unavailable', 'github-unavailable', 'internal-error'],
  atLeast: 10,
};

/** Decides when the failure of one client is that of all. */
export class StopRule {
  readonly #baseUrl: string;
  readonly #rowOfOutage: number;
  #hasSucceeded = false;
  /** The failures in a row that have the same code. */
  #row: { readonly code: ErrorCode; readonly length: number } | undefined;

  constructor({ vantage, concurrency }: Pick<FleetRequest, 'vantage' | 'concurrency'>) {
    this.#baseUrl = vantage.baseUrl;
    this.#rowOfOutage = Math.max(OUTAGE.atLeast, concurrency * 2);
  }

  /** Takes the end of a client. @returns its failure if the run must not begin another client. */
  reasonToStop(failure: Failure | undefined): Failure | undefined {
    if (!failure) {
      this.#hasSucceeded = true;
      this.#row = undefined;
      return undefined;
    }
    const { code, parts } = failure;
    this.#row = { code, length: this.#row?.code === code ? this.#row.length + 1 : 1 };
    const isOfVantage = parts.request?.includes(` ${this.#baseUrl}/`) === true;
    const stops =
      MEETS_ALL.includes(code) ||
      hasInvalidToken(failure) ||
      (MEETS_ALL_AT_FIRST.includes(code) && isOfVantage && !this.#hasSucceeded) ||
      (OUTAGE.codes.includes(code) && this.#row.length >= this.#rowOfOutage);
    return stops ? failure : undefined;
  }
}

/** Whether GitHub does not know the token at all. Any other refusal may be about one place. */
function hasInvalidToken(failure: Failure): boolean {
  return (failure.parts.failures ?? [failure]).some(
    ({ code, parts }) => code === 'github-permission' && parts.reason.startsWith('it answered 401'),
  );
}

/** The codes of single clients that need a person, the most urgent one first. */
const NEEDS_PERSON: readonly ErrorCode[] = ['secret-unaccounted', 'partial-hand-off'];

/** The failure of the run, or undefined if every client ended well. */
export function fleetFailure({ clients }: Pick<FleetRequest, 'clients'>, record: FleetRecord): Failure | undefined {
  const ended = endedClients(record);
  const failed = ended.filter(({ state }) => state === 'failed');
  const left = clientsLeft(record);
  const first =
    failed.find(({ failure }) => failure === record.stopped) ??
    failed[0] ??
    ended.find(({ state }) => state === 'left');
  const cause = first?.failure ?? record.stopped;
  if (!cause) {
    return undefined;
  }
  const counts = [
    ...(failed.length > 0 ? [`${failed.length} of ${clients.length} clients failed`] : []),
    ...(left.length > 0 ? [`${left.length} of ${clients.length} were not begun`] : []),
  ];
  const why = first?.failure
    ? `${failed.length + left.length === 1 ? 'It is' : 'The first is'} client "${first.clientId}" in line ${first.line}: ${first.failure.message}`
    : capitalized(cause.parts.reason);
  const codes = failed.map(({ failure }) => failure?.code);
  return new Failure(
    record.stopped?.code ?? NEEDS_PERSON.find(code => codes.includes(code)) ?? cause.code,
    {
      operation: 'ensuring the clients of the manifest',
      reason: `${counts.join(', and ')}. ${why}`,
      advice: 'The job summary and the `results` output list all clients. Another run does only what is left.',
    },
    { cause },
  );
}
