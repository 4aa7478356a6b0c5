import { readFileSync } from 'node:fs';
import { parseJson } from '../http/message.ts';
import { sha256 } from '../model/digest.ts';
import type { CommonRequest } from '../model/request.ts';
import type { InputName } from './names.ts';
import type { Inputs } from './reader.ts';

/** What the end of the job must do for one client of a fleet. */
export interface PendingClient {
  readonly clientId: string;
  /** The marks of its secrets that nobody uses. */
  readonly marks: readonly string[];
  /** What is unfinished if the step is killed now, and how to repair it. '' if nothing is. */
  readonly unfinished: string;
}

/** What a step saved: the marks of its one client, or what is pending of each client of a fleet. */
export type PendingState =
  | { readonly kind: 'client'; readonly marks: readonly string[] }
  | { readonly kind: 'fleet'; readonly clients: readonly PendingClient[] };

/** The name of the state with the marks of the one client, or with the number of places of a fleet. */
export const MARKS = 'marks';

/** The name of the state with a `StepRecord`. */
export const STEP = 'step';

const stateOf = (place: number) => `pending-${place}`;

/**
 * The states to save for a place of a fleet. Those of the places before it are saved as well if they are new, because a
 * later step of the job can set what the step itself did not save.
 *
 * @param places how many places the step has saved before.
 */
export function statesOfPlace(
  place: number,
  pending: readonly PendingClient[],
  places: number,
): Readonly<Record<string, string>> {
  return {
    ...Object.fromEntries(Array.from({ length: place }, (_, at) => [stateOf(at), '[]']).slice(places)),
    [MARKS]: JSON.stringify({ places: Math.max(places, place + 1) }),
    [stateOf(place)]: JSON.stringify(pending),
  };
}

/**
 * Reads what a step saved. Any of the texts may be something else than a mark.
 *
 * @throws Error if the states are something else.
 */
export function readPendingState(stateNamed: (name: string) => string): PendingState {
  const text = stateNamed(MARKS);
  const state = text === '' ? [] : parseJson(text);
  if (isTexts(state)) {
    return { kind: 'client', marks: state };
  }
  const places = numberOfPlaces(state);
  const lists = Array.from({ length: places ?? 0 }, (_, place) => parseJson(stateNamed(stateOf(place)) || '[]'));
  if (places === undefined || !lists.every(isPendingList)) {
    throw new Error(`STATE_${MARKS} is not a list of texts.`);
  }
  return { kind: 'fleet', clients: lists.flat() };
}

function numberOfPlaces(state: unknown): number | undefined {
  const places = isRecord(state) ? state.places : undefined;
  return typeof places === 'number' && Number.isInteger(places) && places >= 0 && places < 1000 ? places : undefined;
}

function isPendingList(list: unknown): list is readonly PendingClient[] {
  const isPending = (one: unknown) => isRecord(one) && isTexts([one.clientId, one.unfinished]) && isTexts(one.marks);
  return Array.isArray(list) && list.every(isPending);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isRecordOfTexts(value: unknown): value is Record<string, string> {
  return isRecord(value) && isTexts(Object.values(value));
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(text => typeof text === 'string');
}

/** The inputs that identify the client. */
const CLIENT_INPUTS: readonly InputName[] = ['base-url', 'region', 'tenant-id', 'api-version', 'client-id'];

/** What the step saves for its post step in addition to the marks: which client, and how to connect. No secrets. */
export interface StepRecord {
  readonly inputs: Readonly<Partial<Record<InputName, string | undefined>>>;
  readonly settings: SettingDigests;
}

/** @param clientId the one client of the step. A fleet saves the id of each client with its marks. */
export function recordStep(
  { vantage: { baseUrl, tenantId, apiVersion } }: Pick<CommonRequest, 'vantage'>,
  env: NodeJS.ProcessEnv,
  clientId?: string,
): StepRecord {
  return {
    inputs: { 'base-url': baseUrl, 'tenant-id': tenantId, 'api-version': apiVersion, 'client-id': clientId },
    settings: digestSettings(env),
  };
}

/** Parses a saved record. @throws Error if the text is not one. */
export function parseStepRecord(text: string): StepRecord {
  const record = parseJson(text);
  if (!isRecord(record) || !isRecordOfTexts(record.inputs) || !isRecordOfTexts(record.settings)) {
    throw new Error(`STATE_${STEP} does not contain the client of the step.`);
  }
  return { inputs: record.inputs, settings: record.settings };
}

/**
 * The inputs for the post step. GitHub evaluates `with:` again for the post step, and later steps may have changed the
 * result. So those that identify the client come from the record, and the credentials are sent to no other host.
 */
export function inputsOfStep({ inputs: recorded }: StepRecord, inputs: Inputs): Inputs {
  return {
    readInput: name => (CLIENT_INPUTS.includes(name) ? (recorded[name] ?? '') : inputs.readInput(name)),
    redact: text => inputs.redact(text),
  };
}

const PROXIES = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'https_proxy', 'http_proxy', 'all_proxy'];

const NO_PROXIES = ['NO_PROXY', 'no_proxy'];

/** These decide which code Node runs and whom it trusts. They take effect before any code of the action runs. */
const TRUST = [
  'NODE_OPTIONS',
  'NODE_EXTRA_CA_CERTS',
  'NODE_TLS_REJECT_UNAUTHORIZED',
  'NODE_USE_SYSTEM_CA',
  'NODE_USE_ENV_PROXY',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'OPENSSL_CONF',
  'OPENSSL_MODULES',
  'OPENSSL_ENGINES',
];

/** The variables with the path of a file, whose content can change while the path does not. */
const FILES = ['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'OPENSSL_CONF'];

/** Variable that is set → SHA-256 digest of its value, because the URL of a proxy may contain a password. */
export type SettingDigests = Readonly<Record<string, string>>;

/** Digests the variables that decide how to connect to a server. */
export function digestSettings(env: NodeJS.ProcessEnv): SettingDigests {
  return Object.fromEntries(
    [...PROXIES, ...NO_PROXIES, ...TRUST].flatMap(name => {
      const digest = digestOf(name, env[name]);
      return digest === undefined ? [] : [[name, digest]];
    }),
  );
}

/** Which variables differ between the environment that was digested, and that of the post step. */
export function compareSettings(digested: SettingDigests, env: NodeJS.ProcessEnv) {
  const differs = (name: string) => digestOf(name, env[name]) !== digested[name];
  return {
    // Already in effect. A variable that is no longer set is harmless: Node then uses its own default.
    trust: TRUST.filter(name => env[name] && differs(name)),
    // No longer set.
    lostProxies: PROXIES.filter(name => !env[name] && digested[name] !== undefined && differs(name)),
    // Not yet in effect. An empty variable counts too, because http_proxy overrides HTTP_PROXY.
    proxies: [...PROXIES, ...NO_PROXIES].filter(name => env[name] !== undefined && differs(name)),
  };
}

function digestOf(name: string, value: string | undefined): string | undefined {
  if (value === undefined) {
    return undefined;
  }
  return FILES.includes(name) ? sha256(value, '\0', contentOf(value)) : sha256(value);
}

function contentOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    // A file that cannot be read has no effect. Node itself warns about it.
    return Buffer.alloc(0);
  }
}
